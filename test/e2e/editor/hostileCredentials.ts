import { FORMS } from './credentialForms';
import { expectClear, expectIntact, VALUES } from './hostileValues';
import { fromStart } from './workflows';
import type { World } from './world';

const tokenAnswer = ['accessTokenPath', 'headerName', 'headerPrefix', 'expiredStatusCodes'];

/** Every field of each form that takes a text and shows at once. */
const FIELDS: Record<string, string[]> = {
	Basic: ['user', 'password', 'testUrl'],
	'Password Credentials': [
		'accessTokenUrl',
		'clientId',
		'clientSecret',
		'username',
		'password',
		'scope',
		...tokenAnswer,
	],
	'Client Credentials': ['accessTokenUrl', 'clientId', 'clientSecret', 'scope', ...tokenAnswer],
	'Client Credentials with JWT': [
		'accessTokenUrl',
		'clientId',
		'privateKey',
		'passphrase',
		'previousPublicKey',
		'certificate',
		'keyId',
		'headerType',
		'contentType',
		'critical',
		'issuer',
		'subject',
		'audience',
		'jwtId',
		'additionalClaims',
		'scope',
		...tokenAnswer,
	],
	'Standard Webhooks': ['secret', 'previousSecret'],
};

/** Nothing at all cannot be saved where a field is required. */
const KINDS = Object.entries(VALUES).filter(([, value]) => value !== '');

/** Absurd and hostile texts in the forms of the credentials: the form's test says what is wrong, and goes on being usable. */
export function hostileCredentials(world: World): void {
	it.each(Object.entries(FIELDS))('%s', async (name, fields) => {
		const { editor, client, receiver } = world;
		const { choices, fields: right } = FORMS[name]!;
		const { id } = await client.workflows.create(
			fromStart(`Hostile credential: ${name}`, { url: receiver.url('/hook') }),
		);
		await editor.open(id);
		await editor.openNode('Webhook Dispatch');
		for (const [parameter, option] of choices) await editor.choose(parameter, option);
		await editor.newCredential();
		if (fields.includes('accessTokenPath')) await editor.toggle('advancedSettings', editor.dialog);
		const before = new Map<string, string>();
		for (const field of fields) before.set(field, await editor.textOf(field, editor.dialog));

		for (const [kind, value] of KINDS) {
			for (const field of fields) await editor.fill(field, value, editor.dialog);
			const { passed, text } = await editor.saveCredential();
			await editor.shoot(`hostile-credential-${name}-${kind}`.replace(/[^\w-]+/g, '-'));
			expect([kind, passed]).toEqual([kind, false]);
			expectClear(text);
			await expectIntact(world);
			expect(receiver.requests).toEqual([]);
		}
		// The form is as usable as before.
		for (const [field, text] of Object.entries({ ...Object.fromEntries(before), ...right(world) }))
			await editor.fill(field, text, editor.dialog);
		expect(await editor.saveCredential()).toEqual({ passed: true, text: '' });
	});
}
