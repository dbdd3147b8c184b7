import { createPublicKey } from 'node:crypto';
import { inspect } from 'node:util';

import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import type { IDataObject } from 'n8n-workflow';

import { runWorkflow } from '../support/engine';
import { secretForms } from '../unit/keys/canaries';
import { keyFor, passphrase, pkcs8, rsaKey } from '../unit/keys/fixtures';

const type = 'webhookDispatchJwtOAuth2Api';
const credential = {
	accessTokenUrl: 'https://auth.example.com/token',
	clientId: 'client-1',
	privateKey: pkcs8(rsaKey),
	passphrase: '',
	keyId: 'key-1',
};

async function run(
	resource: 'key' | 'clientAssertion',
	operation: 'generate' | 'getPublic',
	data: IDataObject,
	{ parameters = {}, ...settings }: { parameters?: IDataObject; onError?: 'continueErrorOutput' } = {},
) {
	return await runWorkflow({
		items: [{ a: 1 }, { a: 2 }],
		node: { ...settings, parameters: { resource, operation, ...(parameters as object) } },
		credentials: { [type]: data as never },
	});
}

it('key: generate makes one pair a run, and a pasted key goes the whole circle', async () => {
	const first = await run('key', 'generate', { algorithm: 'ES256', passphrase });
	expect(first.status).toBe('success');
	const [item, ...more] = first.output();
	expect(more).toEqual([]);
	expect(item?.pairedItem).toEqual([{ item: 0 }, { item: 1 }]);
	const made = item?.json as IDataObject & { jwks: JSONWebKeySet };
	expect(Object.keys(made)).toEqual(['keyId', 'encryptedPrivateKey', 'publicKey', 'jwk', 'jwks', 'algorithm']);

	// As n8n's form field gives it back: in one line.
	const pasted = {
		...credential,
		algorithm: 'ES256',
		passphrase,
		privateKey: String(made.encryptedPrivateKey).replaceAll('\n', ' '),
		keyId: made.keyId,
	};
	const shown = await run('key', 'getPublic', pasted);
	const { encryptedPrivateKey: _private, ...publicPart } = made;
	expect(shown.output()[0]?.json).toEqual(publicPart);

	const signed = await run('clientAssertion', 'generate', pasted);
	const { clientAssertion } = signed.output()[0]?.json as { clientAssertion: string };
	await expect(jwtVerify(clientAssertion, createLocalJWKSet(made.jwks))).resolves.toMatchObject({
		protectedHeader: { kid: made.keyId },
	});
});

it("key: generate's whole output, pasted, is its key under its own ID", async () => {
	const [item] = (await run('key', 'generate', { algorithm: 'ES256', passphrase })).output();
	const pasted = { ...credential, algorithm: 'ES256', passphrase, keyId: '', privateKey: JSON.stringify([item?.json]) };
	expect((await run('key', 'getPublic', pasted)).output()[0]?.json).toMatchObject({
		keyId: item?.json.keyId,
		jwk: item?.json.jwk,
	});
	const { header } = (await run('clientAssertion', 'generate', pasted)).output()[0]?.json as { header: IDataObject };
	expect(header.kid).toBe(item?.json.keyId);
});

it('of a JWK Set, the key that Key ID names signs and is shown', async () => {
	const jwk = (algorithm: 'RS256' | 'ES256', kid: string) => ({ ...keyFor[algorithm].export({ format: 'jwk' }), kid });
	const keys = [jwk('RS256', 'old'), jwk('RS256', 'new'), jwk('ES256', 'ec')];
	const data = { ...credential, privateKey: JSON.stringify({ keys }), keyId: 'ec', algorithm: 'ES256' };
	expect((await run('key', 'getPublic', data)).output()[0]?.json).toMatchObject({ keyId: 'ec', jwk: { kty: 'EC' } });
	const { json } = (await run('clientAssertion', 'generate', data)).output()[0] ?? {};
	await expect(jwtVerify(String(json?.clientAssertion), createPublicKey(keyFor.ES256))).resolves.toMatchObject({
		protectedHeader: { kid: 'ec' },
	});
	const { error } = await run('key', 'getPublic', { ...data, keyId: 'gone' });
	expect(error?.description).toContain('"old", "new", "ec"');
});

it('key: generate takes the RSA length from its field, and keeps the present key in the set', async () => {
	const data = { ...credential, passphrase };
	const { json } = (await run('key', 'generate', data, { parameters: { modulusLength: 3072 } })).output()[0] ?? {};
	expect(createPublicKey(String(json?.publicKey)).asymmetricKeyDetails?.modulusLength).toBe(3072);
	const { keys } = json?.jwks as JSONWebKeySet;
	expect(keys.map(({ kid }) => kid)).toEqual([json?.keyId, 'key-1']);
});

it('clientAssertion: generate shows what it is made of, and expires within seconds', async () => {
	const data = { ...credential, jwtId: 'acme', expiresIn: 300, audience: 'a b', additionalClaims: '{"tenant": "t"}' };
	const { json } = (await run('clientAssertion', 'generate', data)).output()[0] ?? {};
	const { header, payload, clientAssertion, clientAssertionType, ...more } = json as Record<string, IDataObject>;
	expect(more).toEqual({});
	expect(header).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' });
	expect(payload).toEqual({
		iss: 'client-1',
		sub: 'client-1',
		aud: ['a', 'b'],
		exp: Number(payload?.iat) + 10,
		iat: expect.any(Number),
		jti: expect.stringMatching(/^acme-preview-[\w-]{22}$/),
		tenant: 't',
	});
	expect(clientAssertionType).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
	const verified = await jwtVerify(String(clientAssertion), createPublicKey(rsaKey));
	expect(verified).toMatchObject({ protectedHeader: header, payload });
});

it.each([0, 61, 2.5, 'soon'])('clientAssertion: generate refuses a life of %s seconds', async (assertionLifetime) => {
	const { error } = await run('clientAssertion', 'generate', credential, { parameters: { assertionLifetime } });
	expect(error?.message).toContain('Valid For');
});

it('clientAssertion: generate marks the ID also when the prefix leaves no room for that', async () => {
	const data = { ...credential, jwtId: 'p'.repeat(41) };
	const { json } = (await run('clientAssertion', 'generate', data)).output()[0] ?? {};
	expect((json?.payload as IDataObject).jti).toMatch(/^preview-[\w-]{22}$/);
});

describe('what is in the way', () => {
	const encrypted = rsaKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();
	const wrong = { ...credential, privateKey: encrypted, passphrase: 'not the passphrase' };
	const secrets = secretForms([passphrase, 'not the passphrase', encrypted, pkcs8(rsaKey), pkcs8(keyFor.ES256)]);
	const leaks = (value: unknown) => {
		const text = inspect(value, {
			depth: Infinity,
			showHidden: true,
			maxStringLength: Infinity,
			maxArrayLength: Infinity,
		});
		return secrets.filter((secret) => text.includes(secret));
	};

	it.each([
		['key', 'getPublic', wrong, 'The passphrase does not decrypt the private key', 'Check Passphrase'],
		['key', 'generate', wrong, 'The passphrase does not decrypt the private key', 'clear Private Key'],
		['key', 'generate', { algorithm: 'RS256' }, 'The credential has no passphrase', 'Fill in Passphrase'],
		['clientAssertion', 'generate', wrong, 'The passphrase does not decrypt the private key', 'Check Passphrase'],
		[
			'clientAssertion',
			'generate',
			{ ...credential, privateKey: pkcs8(keyFor.ES256) },
			'does not fit the algorithm',
			'ES256',
		],
		[
			'clientAssertion',
			'generate',
			{ ...credential, additionalClaims: '{"aud":1}' },
			'Additional Claims sets "aud"',
			'Audience',
		],
		['clientAssertion', 'generate', { ...credential, clientId: '' }, 'Client ID', 'Client ID'],
		...(['certificate', 'previousPublicKey'] as const).flatMap((field) =>
			(
				[
					['key', 'getPublic'],
					['key', 'generate'],
					['clientAssertion', 'generate'],
				] as const
			).map(
				([resource, operation]) =>
					[
						resource,
						operation,
						{ ...credential, [field]: pkcs8(rsaKey) },
						'contains a private key',
						'Remove it',
					] as const,
			),
		),
	] as const)(
		'%s: %s stops, says how to get on, and shows no secret: %#',
		async (resource, operation, data, message, next) => {
			const stopped = await run(resource, operation, data);
			expect(stopped.status).toBe('error');
			expect(stopped.error).toMatchObject({
				message: expect.stringContaining(message),
				description: expect.stringContaining(next),
			});
			expect(leaks([stopped.error, stopped.data])).toEqual([]);

			const going = await run(resource, operation, data, { onError: 'continueErrorOutput' });
			expect(going.status).toBe('success');
			expect(going.output(0)).toEqual([]);
			expect(going.errorOutput.map(({ json }) => json.error)).toEqual([expect.stringContaining(message)]);
			expect(leaks(going.data)).toEqual([]);
		},
	);

	it('the execution of a successful run holds no private key in plain text either', async () => {
		const data = { ...credential, passphrase };
		expect(leaks((await run('key', 'generate', data)).data)).toEqual([]);
		expect(leaks((await run('key', 'getPublic', data)).data)).toEqual([]);
		expect(leaks((await run('clientAssertion', 'generate', data)).data)).toEqual([]);
	});
});

it.each([
	['key', 'generate'],
	['key', 'getPublic'],
	['clientAssertion', 'generate'],
] as const)('%s: %s refuses a credential that reads the item, with several items', async (resource, operation) => {
	const result = await run(resource, operation, { ...credential, passphrase, keyId: '={{ "key-" + $json.a }}' });
	expect([result.status, result.error?.message]).toEqual([
		'error',
		'The credential has an expression that reads the item',
	]);
});
