/** The output of Key: Generate, pasted whole into Private Key. */
import { generateKey } from '../../../../lib/keys/keyGeneration';
import { publicKeysOf } from '../../../../lib/keys/jwks';
import { readKeySettings } from '../../../../lib/oauth2/credential/keySettings';
import { oAuth2CredentialTypes } from '../../../../lib/oauth2/credential/oAuth2Credential';
import { readOAuth2Credential } from '../../../../lib/oauth2/credential/readOAuth2Credential';
import type { Result } from '../../../../lib/result/result';

const passphrase = 'a passphrase';
const credential = {
	accessTokenUrl: 'https://login.example.com/token',
	clientId: 'app',
	algorithm: 'RS256',
	passphrase,
};
const read = (data: Record<string, unknown>) =>
	readOAuth2Credential(oAuth2CredentialTypes.clientCredentialsJwt, { ...credential, ...data });

function valueOf<T>(result: Result<T>): T {
	if (!result.ok) throw new Error(result.fault.message);
	return result.value;
}

/** What the operation outputs for this credential. */
const generated = async () => valueOf(await generateKey(valueOf(readKeySettings(credential)), 2048));

it.each<[string, (item: object) => string]>([
	['an item', (item) => JSON.stringify(item)],
	['an item over several lines', (item) => JSON.stringify(item, null, 2)],
	['a list of one, as the editor copies it', (item) => JSON.stringify([item], null, 2)],
])('%s gives the key and its ID', async (_, written) => {
	const item = await generated();
	const pasted = { privateKey: written(item) };
	expect(read(pasted)).toMatchObject({
		ok: true,
		value: { privateKey: item.encryptedPrivateKey.trim(), keyId: item.keyId, clientId: 'app', issuer: 'app' },
	});
	// It is that key: its public half is the one that was output.
	const { jwk, keyId } = valueOf(await publicKeysOf(valueOf(readKeySettings({ ...credential, ...pasted }))));
	expect({ jwk, keyId }).toEqual({ jwk: item.jwk, keyId: item.keyId });
});

it('a Key ID that is filled in has to be the same', async () => {
	const item = await generated();
	const pasted = { privateKey: JSON.stringify(item) };
	expect(read({ ...pasted, keyId: item.keyId })).toMatchObject({ ok: true, value: { keyId: item.keyId } });
	expect(read({ ...pasted, keyId: 'another' })).toMatchObject({
		ok: false,
		fault: {
			message: 'Key ID (Kid) contradicts the output of Key: Generate in Private Key',
			description: 'Leave Key ID (Kid) empty to use the value in Private Key, or paste only the private key there',
		},
	});
});

it('what has no private key is no output of it', () => {
	for (const privateKey of ['{"keyId":"a"}', '{"encryptedPrivateKey":"","keyId":"a"}', '[]'])
		expect(read({ privateKey })).toMatchObject({ ok: true, value: { privateKey, keyId: '' } });
});
