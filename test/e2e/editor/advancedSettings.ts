import { PASSPHRASE } from '../../support/authorization-servers/tokenClient';
import type { World } from './world';

/** The switch *Advanced Settings* in a credential form: what is behind it is kept, shown or not. */
export function advancedSettings(world: World): void {
	it('an older credential keeps its values when it is opened, changed and saved', async () => {
		const { editor, client, oidc, key } = world;
		const settings = {
			headerType: 'client-authentication+jwt',
			expiresIn: 120,
			useIssuedAt: false,
			headerPrefix: 'Token',
			tokenRequestHeaders: { parameters: [{ name: 'X-Api-Key', value: 'gateway-key' }] },
			expiredWhen: { rules: [{ path: 'errcode', values: '42001' }] },
		};
		const reference = await client.credentials.create({
			name: 'Older',
			type: 'webhookDispatchJwtOAuth2Api',
			data: {
				accessTokenUrl: oidc.tokenUrl,
				clientId: 'with-key',
				privateKey: key.encryptedPrivateKey,
				passphrase: PASSPHRASE,
				keyId: key.keyId,
				...settings,
			},
		});
		const passed = async () => await editor.dialog.getByText('Connection tested successfully').waitFor();
		/** A form that is opened is tested, and moves down when the outcome comes up above its fields. */
		const open = async () => {
			await editor.openCredential(reference.id);
			await passed();
		};
		/** On this page the form stays when its test has passed. */
		const save = async () => {
			const tested = editor.page.waitForResponse((response) => response.url().endsWith('/credentials/test'));
			await editor.at('credential-save-button').click();
			await tested;
			await passed();
		};
		const masked = (await client.credentials.get(reference.id)).data;
		await open();
		const height = async () => await editor.dialog.evaluate(formHeight);
		const short = await height();
		expect(await editor.field('headerPrefix', editor.dialog).count()).toBe(0);
		await editor.shoot('advanced-1-off');
		await editor.fill('scope', 'read', editor.dialog);
		await save();
		expect((await client.credentials.get(reference.id)).data).toMatchObject({ ...masked, scope: 'read' });

		await open();
		await editor.toggle('advancedSettings', editor.dialog);
		await editor.field('headerPrefix', editor.dialog).first().waitFor();
		expect(await editor.textOf('headerPrefix', editor.dialog)).toBe('Token');
		expect(await editor.textOf('headerType', editor.dialog)).toBe('client-authentication+jwt');
		const long = await height();
		expect(short).toBeLessThan(long / 1.5);
		await editor.shoot('advanced-2-on');
		await editor.fill('headerPrefix', 'Own', editor.dialog);
		await editor.toggle('advancedSettings', editor.dialog);
		await save();
		const { data } = await client.credentials.get(reference.id);
		expect(data).toMatchObject({ ...masked, scope: 'read', headerPrefix: 'Own' });
		expect(JSON.stringify(data)).not.toContain('gateway-key');
	});
}

/** The height of what scrolls in a dialog, in pixels. */
function formHeight(dialog: Element): number {
	const heights = [dialog, ...Array.from(dialog.querySelectorAll('*'))].map((element) => element.scrollHeight);
	return Math.max(...heights);
}
