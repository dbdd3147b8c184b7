import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { IExecuteFunctions } from 'n8n-workflow';

import { createClientAssertion } from '../../lib/oauth2/assertion/createClientAssertion';
import { signingAlgorithms } from '../../lib/keys/algorithm';
import { publicKeysOf, type PublicKeys } from '../../lib/keys/jwks';
import { generateKey } from '../../lib/keys/keyGeneration';
import { readKeySettings } from '../../lib/oauth2/credential/keySettings';
import type { JwtCredential } from '../../lib/oauth2/credential/oAuth2Credential';
import { readOAuth2Credential } from '../../lib/oauth2/credential/readOAuth2Credential';
import { TokenStore } from '../../lib/oauth2/token/tokenStore';
import { createTokenTransport } from '../../nodes/WebhookDispatch/n8n/tokenTransport';
import { startOidcProvider, type OidcProviderServer } from '../support/authorization-servers';
import { keyFor, passphrase, pkcs8, rsaCertificate, rsaKey } from '../unit/keys/fixtures';

type Data = Record<string, unknown>;

const transport = createTokenTransport({ helpers: {} } as unknown as IExecuteFunctions);
const strangerKey = pkcs8(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);

let server: OidcProviderServer;
/** How far the server's clock is ahead, in seconds; ours goes with it. */
let ahead = 0;
const now = () => Date.now() + ahead * 1000;

/** What the server reads at `jwks_uri`: made of the credential as it is now, as the workflow does. */
let published: Data = {};
let reads = 0;
const jwksServer = createServer((_request, response) => {
	reads += 1;
	void keysOf(published).then(({ jwks }) => {
		response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(jwks));
	});
});

/** The client of an algorithm: its ID, and the fields of its credential. */
const clientOf = (algorithm: string, changes: Data = {}): Data => ({
	accessTokenUrl: server.tokenUrl,
	clientId: `client-${algorithm}`,
	algorithm,
	privateKey: pkcs8(keyFor[algorithm as keyof typeof keyFor]),
	keyId: `key-${algorithm}`,
	...changes,
});

async function keysOf(data: Data): Promise<PublicKeys> {
	const read = readKeySettings(data);
	const keys = read.ok ? await publicKeysOf(read.value) : read;
	if (!keys.ok) throw new Error(`${keys.fault.message}: ${keys.fault.description}`);
	return keys.value;
}

function credentialOf(data: Data): JwtCredential {
	const read = readOAuth2Credential('webhookDispatchJwtOAuth2Api', data);
	if (!read.ok || read.value.grant !== 'clientCredentialsJwt') throw new Error('not a JWT credential');
	return read.value;
}

/** A token request of the credential, through store, grant and transport as the node makes it. */
async function token(data: Data) {
	const store = new TokenStore({
		now,
		signAssertion: async (credential) => await createClientAssertion(credential, { now }),
	});
	return await store.fetch(credentialOf(data), transport);
}

beforeAll(async () => {
	await new Promise<void>((resolve) => jwksServer.listen(0, '127.0.0.1', resolve));
	const jwksUri = `http://127.0.0.1:${(jwksServer.address() as AddressInfo).port}/jwks`;
	server = await startOidcProvider({
		clients: [
			...(await Promise.all(
				signingAlgorithms.map(async (algorithm) => ({
					client_id: `client-${algorithm}`,
					token_endpoint_auth_method: 'private_key_jwt' as const,
					token_endpoint_auth_signing_alg: algorithm,
					jwks: (await keysOf({ algorithm, privateKey: pkcs8(keyFor[algorithm]), keyId: `key-${algorithm}` })).jwks,
				})),
			)),
			{ client_id: 'rotating', token_endpoint_auth_method: 'private_key_jwt', jwks_uri: jwksUri },
		],
	});
});
beforeEach(() => server.forget());
afterAll(async () => {
	await server.stop();
	await new Promise((resolve) => jwksServer.close(resolve));
});

it.each(signingAlgorithms)('%s is accepted', async (algorithm) => {
	expect(await token(clientOf(algorithm))).toMatchObject({ ok: true, value: { tokenType: 'Bearer' } });
	expect(server.requests()).toMatchObject([{ clientAuthentication: 'assertion', status: 200 }]);
});

it.each<[string, () => Data]>([
	['the issuer as audience', () => ({ audience: server.issuer })],
	['several audiences', () => ({ audience: `${server.tokenUrl} ${server.issuer}` })],
	['no key ID', () => ({ keyId: '' })],
	['typ client-authentication+jwt', () => ({ headerType: 'client-authentication+jwt' })],
	['no typ', () => ({ headerType: '' })],
	['no iat', () => ({ useIssuedAt: false })],
	['a jti prefix', () => ({ jwtId: 'webhook' })],
	['further claims', () => ({ additionalClaims: '{"tenant": "acme"}' })],
	['a certificate thumbprint', () => ({ certificate: rsaCertificate })],
	['a key encrypted, in one line', () => ({ passphrase, privateKey: encryptedRsa().replaceAll('\n', '\\n') })],
])('takes %s', async (_name, changes) => {
	expect(await token(clientOf('RS256', changes()))).toMatchObject({ ok: true });
});

it('refuses an assertion that comes twice, and never one of ours', async () => {
	const data = clientOf('ES256');
	for (let round = 0; round < 5; round++) {
		const answers = await Promise.all(Array.from({ length: 10 }, async () => await token(data)));
		expect(answers.map(({ ok }) => ok)).toEqual(Array(10).fill(true));
	}
	expect(server.requests().map(({ status }) => status)).toEqual(Array(50).fill(200));
	const [first] = server.requests();
	const replayed = await fetch(server.tokenUrl, { method: 'POST', body: new URLSearchParams(first?.parameters) });
	expect(replayed.status).toBe(401);
	expect(await replayed.json()).toMatchObject({ error: 'invalid_client' });
});

describe('refused, and says what to look at', () => {
	it.each<[string, () => Data, string]>([
		['a wrong audience', () => ({ audience: 'https://other.example/token' }), 'Audience'],
		['the key of someone else', () => ({ privateKey: strangerKey }), 'public key'],
		['a key ID the server does not know', () => ({ keyId: 'other' }), 'Key ID'],
		['an algorithm that the client is not registered for', () => ({ algorithm: 'RS512' }), 'public key'],
		['a client ID the server does not know', () => ({ clientId: 'nobody' }), 'client ID'],
		['crit, which it does not take', () => ({ critical: 'exp' }), 'public key'],
	])('%s', async (_name, changes, named) => {
		const result = await token(clientOf('RS256', changes()));
		if (result.ok) throw new Error('It was accepted');
		const { fault } = result;
		expect(fault).toMatchObject({ code: 'TOKEN', statusCode: 401, serverError: 'invalid_client', retryable: false });
		expect(fault.message).toContain('invalid_client');
		expect(fault.message).toContain(server.tokenUrl);
		expect(fault.description).toContain(named);
		const assertion = server.requests()[0]?.parameters.find(([name]) => name === 'client_assertion')?.[1] ?? '';
		expect(assertion).toMatch(/^ey/);
		for (const part of assertion.split('.')) expect(JSON.stringify(fault)).not.toContain(part);
	});

	it('a key that cannot be used is not sent anywhere', async () => {
		const result = await token(clientOf('RS256', { privateKey: pkcs8(keyFor.ES256) }));
		expect(result).toMatchObject({
			ok: false,
			fault: { message: expect.stringContaining('does not fit the algorithm') },
		});
		expect(server.requests()).toEqual([]);
	});
});

describe('keys that the server reads by jwks_uri', () => {
	const timePasses = async (seconds: number) => {
		await server.advanceClock(seconds);
		ahead += seconds;
	};
	const accepted = async (data: Data) => (await token(data)).ok;
	const newKey = async (data: Data) => {
		const read = readKeySettings(data);
		const made = read.ok ? await generateKey(read.value) : read;
		if (!made.ok) throw new Error(made.fault.message);
		return made.value;
	};
	let before: Data;

	beforeAll(async () => {
		before = { accessTokenUrl: server.tokenUrl, clientId: 'rotating', passphrase };
		const first = await newKey(before);
		before = { ...before, privateKey: first.encryptedPrivateKey, keyId: first.keyId };
		published = before;
	});

	it('are replaced without one token request refused, by the steps of the notice', async () => {
		const answers: boolean[] = [];
		answers.push(await accepted(before));
		expect(reads).toBe(1);

		// 1. The new public key is published while the old private key still signs.
		const made = await newKey(before);
		const oldJwk = JSON.stringify((await keysOf(before)).jwk);
		published = { ...before, previousPublicKey: JSON.stringify(made.jwk) };
		answers.push(await accepted(published));
		await timePasses(61);
		answers.push(await accepted(published));

		// 2. The new private key signs; a worker that read the credential before still signs with the old one.
		const after: Data = {
			...before,
			privateKey: made.encryptedPrivateKey,
			keyId: made.keyId,
			previousPublicKey: oldJwk,
		};
		published = after;
		for (let turn = 0; turn < 5; turn++) answers.push(await accepted(after), await accepted(before));
		await timePasses(61);
		answers.push(await accepted(before), await accepted(after));

		// 3. The old key is taken away.
		published = { ...after, previousPublicKey: '' };
		answers.push(await accepted(published));
		await timePasses(61);
		answers.push(await accepted(published));
		expect(answers).toEqual(Array(answers.length).fill(true));
		expect(server.requests().map(({ status }) => status)).toEqual(Array(answers.length).fill(200));

		// The server looks again for a key it does not know, and from then on the old one is invalid.
		expect(await accepted({ ...published, keyId: 'unknown' })).toBe(false);
		expect(await accepted(before)).toBe(false);
		expect(await accepted(published)).toBe(true);
		before = published;
	});

	it('are refused when the new key signs before the server has read it, which is why the steps are in that order', async () => {
		const made = await newKey(before);
		published = { ...before, privateKey: made.encryptedPrivateKey, keyId: made.keyId };
		expect(await accepted(published)).toBe(false);
		await timePasses(61);
		expect(await accepted(published)).toBe(true);
	});
});

function encryptedRsa(): string {
	return rsaKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();
}
