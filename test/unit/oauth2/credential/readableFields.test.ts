/** Private keys in fields that n8n stores and gives back in plain text. */
import { NodeHelpers, type INodeProperties, type INodePropertyCollection } from 'n8n-workflow';

import { WebhookDispatchClientCredentialsOAuth2Api } from '../../../../credentials/WebhookDispatchClientCredentialsOAuth2Api.credentials';
import { WebhookDispatchJwtOAuth2Api } from '../../../../credentials/WebhookDispatchJwtOAuth2Api.credentials';
import { WebhookDispatchPasswordOAuth2Api } from '../../../../credentials/WebhookDispatchPasswordOAuth2Api.credentials';
import { readKeySettings } from '../../../../lib/oauth2/credential/keySettings';
import { readOAuth2Credential } from '../../../../lib/oauth2/credential/readOAuth2Credential';
import { createClientAssertion } from '../../../../lib/oauth2/assertion/createClientAssertion';
import { fail } from '../../../../lib/result/result';
import { secretForms } from '../../keys/canaries';
import { keyFor, jwtSettings, passphrase, pkcs8, publishedRsaJwk, rsaCertificate, rsaKey } from '../../keys/fixtures';
import { openSshKeys } from '../../keys/openSshVectors';

const text = pkcs8(rsaKey);
const encrypted = rsaKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();
const der = rsaKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
const { d: _d, ...publicJwk } = { ...publishedRsaJwk };
const { p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...shown } = publicJwk;

const credential = (changes: object) => ({
	accessTokenUrl: 'https://auth.example.com/token',
	clientId: 'client-1',
	privateKey: text,
	...changes,
});

describe.each([
	['certificate', 'Certificate'],
	['previousPublicKey', 'Previous (or Next) Public Key'],
])('%s', (field, label) => {
	it.each<[string, string]>([
		['key and certificate', text + rsaCertificate],
		['certificate and key', rsaCertificate + text],
		['in one line', (rsaCertificate + text).replaceAll('\n', '\\n')],
		['a key alone', text],
		['PKCS#1', rsaKey.export({ type: 'pkcs1', format: 'pem' }).toString()],
		['SEC1', keyFor.ES256.export({ type: 'sec1', format: 'pem' }).toString()],
		['an encrypted key', rsaCertificate + encrypted],
		[
			'an encrypted PKCS#1 key',
			rsaKey.export({ type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString(),
		],
		['a key without armour', der],
		['Base64 of the file', Buffer.from(rsaCertificate + text).toString('base64')],
		['a key under a wrong label', `-----BEGIN CERTIFICATE-----\n${der}\n-----END CERTIFICATE-----\n`],
		['a key that is cut', rsaCertificate + text.slice(0, 800)],
		['a key without its beginning', text.slice(-800)],
		['an OpenSSH key', openSshKeys.ed25519.privateKey],
		['a PuTTY key', 'PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none'],
		['a JWK', JSON.stringify(publishedRsaJwk)],
		['a JWK without d, but with primes', JSON.stringify(publicJwk)],
		['a JWK Set', JSON.stringify({ keys: [shown, publishedRsaJwk] })],
		['a symmetric JWK', JSON.stringify({ kty: 'oct', k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMko' })],
		['a JSON key file', JSON.stringify({ private_key: text })],
		[
			'a PKCS#12 file',
			Buffer.from(`30260201033021${'06092a864886f70d010701'}a0140412${'00'.repeat(18)}`, 'hex').toString('base64'),
		],
	])('with %s is refused wherever the credential is read, and shows none of it', async (_name, pasted) => {
		const data = credential({ [field]: pasted });
		const message = `${label} contains a private key`;
		const description = expect.stringMatching(/^Remove it: n8n stores and shows that field in plain text\./) as string;
		const read = readOAuth2Credential('webhookDispatchJwtOAuth2Api', data);
		const settings = readKeySettings(data);
		expect(read).toEqual(fail({ message, description }));
		expect(settings).toEqual(fail({ message, description }));
		const results = JSON.stringify([read, settings]);
		expect(secretForms([text, encrypted]).filter((secret) => results.includes(secret))).toEqual([]);
		if (field === 'certificate') {
			expect(await createClientAssertion(jwtSettings({ certificate: pasted }))).toEqual(fail({ message, description }));
		}
	});

	it.each<[string, string]>([
		['nothing', ''],
		['a certificate', rsaCertificate],
		['a chain', rsaCertificate + rsaCertificate],
		[
			'a certificate with its attributes before it',
			`Bag Attributes\n    localKeyID: 01\nsubject=CN = Private Key Services\n${rsaCertificate}`,
		],
		['a public JWK', JSON.stringify(shown)],
	])('with %s is read', (_name, pasted) => {
		expect(readOAuth2Credential('webhookDispatchJwtOAuth2Api', credential({ [field]: pasted }))).toMatchObject({
			ok: true,
		});
		expect(readKeySettings(credential({ [field]: pasted }))).toMatchObject({ ok: true });
	});
});

describe('the other fields that n8n shows in plain text', () => {
	const forms = [
		new WebhookDispatchPasswordOAuth2Api(),
		new WebhookDispatchClientCredentialsOAuth2Api(),
		new WebhookDispatchJwtOAuth2Api(),
	];
	const isMasked = ({ typeOptions, options }: INodeProperties): boolean =>
		typeOptions?.password === true ||
		((options ?? []) as INodePropertyCollection[]).some(({ values = [] }) => values.some(isMasked));
	/** A value of a field's kind that is a private key. */
	const keyIn = ({ type, options }: INodeProperties): unknown => {
		const [rows] = (options ?? []) as INodePropertyCollection[];
		return type === 'fixedCollection' ? { [rows?.name ?? '']: [{ name: 'a', value: text }] } : text;
	};
	const rows = forms.flatMap((type) => {
		const merged: INodeProperties[] = [];
		NodeHelpers.mergeNodeProperties(merged, type.properties);
		return merged
			.filter((property) => ['string', 'fixedCollection'].includes(property.type) && property.name !== 'privateKey')
			.map((property): [string, string, INodeProperties] => [type.name, property.name, property]);
	});

	it.each(rows)('%s: %s', (type, name, property) => {
		const result = readOAuth2Credential(type, { ...credential({}), [name]: keyIn(property) });
		const shown = JSON.stringify(result);
		if (isMasked(property)) {
			expect(shown).not.toContain('plain text');
			return;
		}
		expect(result).toMatchObject({ ok: false });
		expect(shown).toContain('contains a private key');
		expect(shown).toContain('plain text');
		expect(secretForms([text]).filter((secret) => shown.includes(secret))).toEqual([]);
		// Named as the form names it, where a key is likely to be pasted.
		if (['clientId', 'scope', 'keyId', 'additionalClaims', 'additionalParameters'].includes(name)) {
			expect(result).toMatchObject(fail({ message: `${property.displayName} contains a private key` }));
		}
	});
});
