import { createPublicKey } from 'node:crypto';

import { credentialTests } from '../../../../credentials/n8n/credentialTests';
import { secretForms } from '../../keys/canaries';
import { algorithms, credentialFor, keyFields, secret } from './credential';

/** What n8n shows below the form. */
const tested = async (data: Record<string, unknown>) =>
	await credentialTests.webhookDispatchSigningTest.call({} as never, {
		data: data as never,
		id: '',
		name: '',
		type: '',
	});

it.each(algorithms)('%s: the test shows what the headers look like, and no secret', async (algorithm) => {
	const data = credentialFor(algorithm);
	const { status, message } = await tested(data);
	expect(status).toBe('OK');
	expect(message).toMatch(
		/^A signed request has these headers: Content-Digest: sha-256=:k6I5cakU5erL8KjSUVTNownDwccvu5kU1Hxg88toFYg=: \| Signature-Input: sig1=\("@method" "@target-uri" "content-digest" "content-type"\);created=\d+;keyid="key-1" \| Signature: sig1=:.{6}…:$/,
	);
	const secrets = secretForms([secret, ...Object.values(keyFields[algorithm])]).filter((form) => form.length > 8);
	expect(secrets.filter((form) => message.includes(form))).toEqual([]);
});

it('a credential with public keys alone verifies', async () => {
	const publicKeys = createPublicKey(keyFields.ed25519.privateKey ?? '').export({ type: 'spki', format: 'pem' });
	const data = { scheme: 'httpMessageSignatures', publicKeys };
	expect(await tested(data)).toEqual({
		status: 'OK',
		message: 'Signatures can be verified. To sign deliveries, fill in Private Key',
	});
	expect(await tested({ ...data, publicKeys: 'x' })).toMatchObject({ status: 'Error' });
});

it.each([
	[{}, /^The signing credential has no key/],
	[{ privateKey: 'x' }, /^Private Key contains no private key/],
	[{ privateKey: keyFields['rsa-v1_5-sha256'].privateKey }, /does not fit the algorithm Ed25519/],
	[{ ...keyFields.ed25519, coveredComponents: '@status' }, /cannot be signed: "@status"/],
	[{ ...keyFields.ed25519, publicKeys: 'x' }, /^Public Keys contains something other/],
])('the test says what is wrong: %#', async (fields, text) => {
	expect(await tested({ scheme: 'httpMessageSignatures', ...fields })).toMatchObject({
		status: 'Error',
		message: expect.stringMatching(text),
	});
});

it('a header that only the node adds is reported, and no fault of the credential', async () => {
	const data = credentialFor('ed25519', { coveredComponents: '@method, x-tenant' });
	expect(await tested(data)).toEqual({
		status: 'OK',
		message: 'The key can be used. Not with every request: The request has no x-tenant, which is to be signed',
	});
});
