import { YOUR_CLIENT } from '../../../../demo/servers/client-page';
import { PASSPHRASE } from '../../../support/authorization-servers/tokenClient';
import type { World } from '../world';
import type { Demonstration } from './demonstration';
import { Hand, openFresh } from './hand';

/** From nothing to a delivery with a signed client assertion, at the demonstration's authorization server. */
export function clientAssertion(world: World, demonstration: Demonstration): void {
	it('a signed client assertion that the server takes needs 21 interactions from nothing, and its delivery 27', async () => {
		const { editor, receiver } = world;
		const { page } = editor;
		const { tokenUrl, url } = demonstration.servers.authorizationServer;
		await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
		const clipboard = async () =>
			await page.evaluate(async () => await (navigator as unknown as Clipboard).clipboard.readText());
		await openFresh(editor);
		const hand = new Hand(editor, 'A signed client assertion');

		// The first save is without a key: Key: Generate needs the passphrase of the credential.
		await hand.addNode(editor.at('canvas-plus-button').first(), 'Webhook Dispatch', 'Generate a key pair');
		await hand.once('choose Create new credential', async () => await editor.newCredential());
		await hand.type('accessTokenUrl', tokenUrl, editor.dialog);
		await hand.type('clientId', YOUR_CLIENT, editor.dialog);
		await hand.type('passphrase', PASSPHRASE, editor.dialog);
		const first = await hand.once('click Save', async () => await editor.saveCredential());
		expect(first.text).toContain('run Key: Generate');
		await hand.once('close', async () => await editor.closeCredential());
		await hand.once('click Execute step', async () => await editor.executeStep());
		await hand.once('click JSON', async () => await editor.viewOutput('json'));
		const copy = editor.at('ndv-json-actions').locator('button').first();
		await hand.click('copy the output', copy);
		const output = await clipboard();

		// The server is told the public key alone.
		await hand.click('jwk', editor.output.locator('.json-data').getByText('"jwk"').first());
		await hand.once('choose Copy Selection', async () => {
			await copy.click();
			await page.getByText('Copy Selection').click();
		});
		const server = await page.context().newPage();
		await hand.once('type the address of the server', async () => await server.goto(url));
		await hand.once('type Public key', async () => await server.getByLabel(/^Public key/).fill(await clipboard()));
		await hand.click('Register Key', server.getByRole('button', { name: 'Register Key' }));
		await server.getByRole('listitem').first().waitFor();
		await editor.shoot('walk-assertion-1-registered', server);
		await server.close();

		await hand.click('edit the credential', editor.at('credential-edit-button').last());
		await editor.dialog.waitFor();
		await hand.type('privateKey', output, editor.dialog);
		await hand.click('Save', editor.at('credential-save-button'));
		await editor.dialog.getByText('Connection tested successfully').waitFor();
		await editor.shoot('walk-assertion-2-tested');
		const signed = hand.count();

		await hand.once('close', async () => await editor.closeCredential());
		await hand.choose('resource', 'Webhook');
		await hand.type('url', receiver.url('/hook'));
		await hand.choose('authentication', 'OAuth 2.0');
		await hand.choose('grantType', 'Client Credentials with JWT');
		await editor.shoot('walk-assertion-3-webhook');
		await hand.once('click Execute step', async () => await editor.executeStep());
		await editor.shoot('walk-assertion-4-delivered');
		const { all } = hand.count();
		expect(receiver.of('/hook')[0]?.headers.authorization).toMatch(/^Bearer /);
		expect(signed.all).toBeLessThanOrEqual(21);
		expect(all).toBeLessThanOrEqual(27);
	});
}

/** What the page has of it. */
interface Clipboard {
	clipboard: { readText(): Promise<string> };
}
declare const navigator: unknown;
