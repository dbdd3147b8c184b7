import { createHmac } from 'node:crypto';

import { createClientSecretJwt } from '../../../../lib/oauth2/assertion/clientSecretJwt';
import { oAuth2CredentialTypes } from '../../../../lib/oauth2/credential/oAuth2Credential';
import { readOAuth2Credential } from '../../../../lib/oauth2/credential/readOAuth2Credential';
import { obtainToken } from '../../../../lib/oauth2/token/requestToken';
import { clientCredential, passwordCredential, TOKEN_URL } from '../../../support/oauth2/credentials';
import { answered, answering, formOf } from '../../../support/oauth2/scriptedTransport';

const SECRET = 'a secret with ü that is long enough for every one of the hashes: 64 bytes';
const decoded = (part = '') => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
const options = { now: () => 1_700_000_000_999, random: (size: number) => Buffer.alloc(size, 1) };

it.each([
	['HS256', 'sha256', 32],
	['HS384', 'sha384', 48],
	['HS512', 'sha512', 64],
] as const)('%s signs with the secret, of at least so many bytes', async (algorithm, hash, bytes) => {
	const made = await createClientSecretJwt('my-app', SECRET, { algorithm, audience: TOKEN_URL }, options);
	if (!made.ok) throw new Error(made.fault.message);
	const [header, payload, signature] = made.value.split('.');
	expect(decoded(header)).toEqual({ alg: algorithm, typ: 'JWT' });
	expect(decoded(payload)).toEqual({
		iss: 'my-app',
		sub: 'my-app',
		aud: TOKEN_URL,
		exp: 1_700_000_060,
		iat: 1_700_000_000,
		jti: 'AQEBAQEBAQEBAQEBAQEBAQ',
	});
	expect(signature).toBe(createHmac(hash, SECRET).update(`${header}.${payload}`).digest('base64url'));

	const fields = { algorithm, audience: TOKEN_URL };
	expect((await createClientSecretJwt('my-app', 'x'.repeat(bytes), fields)).ok).toBe(true);
	expect(await createClientSecretJwt('my-app', 'x'.repeat(bytes - 1), fields)).toMatchObject({
		ok: false,
		fault: { message: `Client Secret is too short for ${algorithm}: it must have at least ${bytes} bytes` },
	});
});

const fields = { clientSecret: SECRET, clientAuthentication: 'secretJwt' };

it.each([
	['client credentials', () => clientCredential(fields), undefined],
	['password', () => passwordCredential(fields), undefined],
	['refresh', () => passwordCredential(fields), 'refresh-one'],
])('%s: a new assertion in each request, and never the secret', async (_grant, credential, refreshToken) => {
	const { transport, requests } = answering(answered(200, { access_token: 'a', expires_in: 60 }));
	for (let round = 0; round < 2; round += 1) await obtainToken(credential(), refreshToken, { transport });
	const [first, second] = requests.map(formOf);
	expect(first).toMatchObject({
		client_id: 'my-app',
		client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
	});
	expect(first).not.toHaveProperty('client_secret');
	expect(requests[0]?.headers).not.toHaveProperty('authorization');
	const [one, two] = [first, second].map((form) => decoded(form?.client_assertion?.split('.')[1]));
	expect(one).toMatchObject({ iss: 'my-app', aud: TOKEN_URL });
	expect(one?.jti).not.toBe(two?.jti);
	expect(JSON.stringify(requests)).not.toContain(SECRET);
});

it('has the audience and algorithm of the credential, and shows no assertion that a server repeats', async () => {
	const credential = clientCredential({ ...fields, secretJwtAudience: 'https://issuer/', secretJwtAlgorithm: 'HS512' });
	let sent = '';
	const result = await obtainToken(credential, undefined, {
		transport: async (request) => {
			sent = formOf(request).client_assertion ?? '';
			return answered(401, { error: 'invalid_client', error_description: `bad ${sent}` });
		},
	});
	expect([decoded(sent.split('.')[0]).alg, decoded(sent.split('.')[1]).aud]).toEqual(['HS512', 'https://issuer/']);
	if (result.ok) throw new Error('There is a token');
	expect(result.fault.description).toContain('client_secret_jwt with HS512');
	for (const part of [...sent.split('.').filter((one) => one.length > 40), SECRET]) {
		expect(JSON.stringify(result.fault)).not.toContain(part);
	}
});

it.each([
	[{ clientSecret: '' }, 'Client Secret is empty'],
	[{ secretJwtAlgorithm: 'none' }, 'Secret JWT Algorithm has an unknown value'],
	[{ secretJwtAlgorithm: 'RS256' }, 'Secret JWT Algorithm has an unknown value'],
])('%j is refused', (change, message) => {
	const data = { accessTokenUrl: TOKEN_URL, clientId: 'my-app', sendEmptySecret: true, ...fields, ...change };
	expect(readOAuth2Credential(oAuth2CredentialTypes.clientCredentials, data)).toMatchObject({ fault: { message } });
});
