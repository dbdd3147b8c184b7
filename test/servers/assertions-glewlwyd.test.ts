import { existsSync } from 'node:fs';

import type { IExecuteFunctions } from 'n8n-workflow';

import { publicKeysOf } from '../../credentials/oauth2/jwks';
import { signingAlgorithms } from '../../credentials/oauth2/oAuth2Credential';
import { readOAuth2Credential } from '../../credentials/oauth2/readOAuth2Credential';
import { TokenStore } from '../../credentials/oauth2/tokenStore';
import { createTokenTransport } from '../../nodes/WebhookDispatch/delivery/tokenTransport';
import { startGlewlwyd, type GlewlwydServer } from '../support/authorization-servers';
import { jwtSettings, keyFor, pkcs8 } from '../unit/keys/fixtures';

const installed = existsSync('/usr/bin/glewlwyd');
const transport = createTokenTransport({ helpers: {} } as unknown as IExecuteFunctions);

/** Stricter than oidc-provider on `aud`, `kid`, `cty` and `scope`: what it takes, most servers take. */
(installed ? describe : describe.skip)(`glewlwyd from Debian${installed ? '' : ' (not installed)'}`, () => {
	let server: GlewlwydServer;

	const token = async (algorithm: keyof typeof keyFor, changes: Record<string, unknown> = {}) => {
		const read = readOAuth2Credential('webhookDispatchJwtOAuth2Api', {
			accessTokenUrl: server.tokenUrl,
			clientId: `client-${algorithm}`,
			scope: 'read',
			algorithm,
			privateKey: pkcs8(keyFor[algorithm]),
			keyId: `key-${algorithm}`,
			...changes,
		});
		if (!read.ok) throw new Error(read.fault.message);
		return await new TokenStore().fetch(read.credential, transport);
	};

	beforeAll(async () => {
		server = await startGlewlwyd({
			clients: signingAlgorithms.map((algorithm) => {
				const keys = publicKeysOf({
					...jwtSettings({ algorithm, privateKey: pkcs8(keyFor[algorithm]), keyId: `key-${algorithm}` }),
					previousPublicKey: '',
				});
				if (!keys.ok) throw new Error(keys.message);
				return { id: `client-${algorithm}`, jwks: keys.jwks };
			}),
		});
	}, 30_000);
	beforeEach(() => server.forget());
	afterAll(async () => await server.stop());

	it.each(signingAlgorithms)('%s is accepted', async (algorithm) => {
		expect(await token(algorithm)).toMatchObject({ ok: true, token: { scope: 'read' } });
	});

	it('refuses an assertion that comes twice, and never one of ours', async () => {
		for (let round = 0; round < 10; round++) expect(await token('ES256')).toMatchObject({ ok: true });
		const [first] = server.requests();
		const replayed = await fetch(server.tokenUrl, { method: 'POST', body: new URLSearchParams(first?.parameters) });
		expect(replayed.status).toBe(403);
	});

	it.each([
		['a wrong audience', { audience: 'https://other.example/token' }, 'Audience'],
		['a key that is not registered', { privateKey: pkcs8(keyFor.ES256), algorithm: 'ES256' }, 'public key'],
		['no key ID', { keyId: '' }, 'Key ID'],
	])('refuses %s with an empty 403, and the fault says what to look at', async (_name, changes, named) => {
		const result = await token('RS256', changes);
		expect(result).toMatchObject({ ok: false, fault: { status: 403, description: expect.stringContaining(named) } });
	});
});
