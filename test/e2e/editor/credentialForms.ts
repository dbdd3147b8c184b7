import { PASSPHRASE } from '../../support/authorization-servers/tokenClient';
import { answer, issueCertificate, Receiver } from '../../support/receiver';
import { fromStart } from './workflows';
import type { World } from './world';

/** The form of a credential type. */
interface Form {
	/** What leads to it in the node's panel: parameter and option. */
	choices: Array<[string, string]>;
	type: string;
	fields: (world: World) => Record<string, string>;
	/** One field that is wrong, and what the form then says. */
	wrong: (world: World) => { change: Record<string, string>; says: RegExp };
}

export const FORMS: Record<string, Form> = {
	Basic: {
		choices: [['authentication', 'Basic']],
		type: 'webhookDispatchBasicApi',
		fields: ({ receiver }) => ({ user: 'grace', password: 'hopper', testUrl: receiver.url('/me') }),
		wrong: ({ receiver }) => ({
			change: { testUrl: receiver.url('/refused') },
			says: /responded with 401\. Check Username and Password/,
		}),
	},
	'Password Credentials': {
		choices: [
			['authentication', 'OAuth 2.0'],
			['grantType', 'Password Credentials'],
		],
		type: 'webhookDispatchPasswordOAuth2Api',
		fields: ({ passwords }) => ({
			accessTokenUrl: passwords.tokenUrl,
			clientId: 'app',
			clientSecret: 'app-secret',
			username: 'ada',
			password: 'lovelace',
		}),
		wrong: () => ({ change: { password: 'babbage' }, says: /responded with 400 \(invalid_grant/ }),
	},
	'Client Credentials': {
		choices: [
			['authentication', 'OAuth 2.0'],
			['grantType', 'Client Credentials'],
		],
		type: 'webhookDispatchClientCredentialsOAuth2Api',
		fields: ({ oidc }) => ({
			accessTokenUrl: oidc.tokenUrl,
			clientId: 'with-secret',
			clientSecret: 'the secret of a client',
		}),
		wrong: () => ({ change: { clientSecret: 'not it' }, says: /responded with 401 \(invalid_client/ }),
	},
	'Client Credentials with JWT': {
		choices: [
			['authentication', 'OAuth 2.0'],
			['grantType', 'Client Credentials with JWT'],
		],
		type: 'webhookDispatchJwtOAuth2Api',
		fields: ({ oidc, key }) => ({
			accessTokenUrl: oidc.tokenUrl,
			clientId: 'with-key',
			privateKey: key.encryptedPrivateKey,
			passphrase: PASSPHRASE,
			keyId: key.keyId,
		}),
		wrong: () => ({ change: { passphrase: 'another passphrase' }, says: /passphrase/i }),
	},
	'Standard Webhooks': {
		choices: [['signing', 'Standard Webhooks']],
		type: 'webhookDispatchSigningApi',
		fields: () => ({ secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` }),
		wrong: () => ({ change: { secret: 'my secret' }, says: /whsec_/ }),
	},
};

/** Each credential type made in its form, from the node's panel: its test fails and says why, and passes. */
export function credentialForms(world: World): void {
	it.each(Object.keys(FORMS))('%s', async (name) => {
		const { editor, client, receiver } = world;
		const { choices, type, fields, wrong } = FORMS[name]!;
		receiver.choose((key) => (key === '/refused' ? answer(401) : undefined));
		const { id } = await client.workflows.create(fromStart(`Credential: ${name}`, { url: receiver.url('/hook') }));
		await editor.open(id);
		await editor.openNode('Webhook Dispatch');
		for (const [parameter, option] of choices) await editor.choose(parameter, option);
		await editor.newCredential();
		const shot = name.replace(/ /g, '-');
		await editor.shoot(`credential-${shot}-1-empty`);

		const right = fields(world);
		const { change, says } = wrong(world);
		for (const [field, text] of Object.entries({ ...right, ...change })) await editor.fill(field, text, editor.dialog);
		const failed = await editor.saveCredential();
		await editor.shoot(`credential-${shot}-2-failed`);
		expect(failed).toEqual({ passed: false, text: expect.stringMatching(says) as string });
		for (const secret of ['app-secret', 'babbage', 'not it', 'another passphrase', 'my secret'])
			expect(failed.text).not.toContain(secret);

		for (const field of Object.keys(change)) await editor.fill(field, right[field] ?? '', editor.dialog);
		expect(await editor.saveCredential()).toEqual({ passed: true, text: '' });
		await editor.dismissNews();
		await editor.shoot(`credential-${shot}-3-chosen`);

		// It is chosen in the node, and works there.
		await editor.executeStep();
		await editor.viewOutput('json');
		expect((await editor.output.innerText()).replace(/\s/g, '')).toContain('"status":"delivered"');
		const { headers } = receiver.of('/hook')[0] ?? {};
		if (name === 'Standard Webhooks') expect(headers?.['webhook-signature']).toMatch(/^v1,/);
		else expect(headers?.authorization).toMatch(name === 'Basic' ? /^Basic / : /^Bearer /);

		const stored = (await client.credentials.list()).filter((credential) => credential.type === type);
		expect(stored).toHaveLength(1);
		await editor.openCredential(stored[0]?.id ?? '');
		await editor.dialog.getByText('Connection tested successfully').waitFor();
		await editor.shoot(`credential-${shot}-4-passed`);
		await editor.closeCredential();
	});

	it('Client Credentials with a TLS certificate instead of a secret', async () => {
		const { editor, client, receiver } = world;
		const authority = issueCertificate({ name: 'Authority', authority: true });
		const identity = issueCertificate({ name: 'client', issuer: authority });
		const tls = { ...issueCertificate({ issuer: authority }), ca: authority.cert, requestCert: true };
		const token = answer(200, { access_token: 'a-token', token_type: 'Bearer', expires_in: 3600 });
		const endpoint = await Receiver.start({ tls, otherwise: token });
		try {
			const { id } = await client.workflows.create(fromStart('Credential: mTLS', { url: receiver.url('/hook') }));
			await editor.open(id);
			await editor.openNode('Webhook Dispatch');
			await editor.choose('authentication', 'OAuth 2.0');
			await editor.choose('grantType', 'Client Credentials');
			await editor.newCredential();
			await editor.choose('clientAuthentication', 'Use TLS Client Certificate', editor.dialog);
			expect(await editor.field('clientSecret', editor.dialog).count()).toBe(0);
			const right = {
				accessTokenUrl: endpoint.url('/token'),
				clientId: 'my-app',
				tlsCertificate: identity.cert,
				tlsPrivateKey: identity.key,
				tlsCa: authority.cert,
			};
			const wrong = { ...right, tlsPrivateKey: authority.key };
			for (const [field, text] of Object.entries(wrong)) await editor.fill(field, text, editor.dialog);
			const failed = await editor.saveCredential();
			await editor.shoot('credential-mTLS-1-failed');
			expect(failed.text).toContain('TLS Private Key does not belong to TLS Certificate');
			expect(failed.text).not.toContain('BEGIN');
			await editor.fill('tlsPrivateKey', identity.key, editor.dialog);
			expect(await editor.saveCredential()).toEqual({ passed: true, text: '' });
			await editor.executeStep();
			await editor.shoot('credential-mTLS-2-delivered');
			expect(receiver.of('/hook')[0]?.headers.authorization).toBe('Bearer a-token');
		} finally {
			await endpoint.close();
		}
	});
}
