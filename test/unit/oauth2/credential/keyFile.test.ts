/** The key files of Google and Box, pasted whole into Private Key. */
import { importSigningKey } from '../../../../lib/keys/signingKey';
import { publicKeysOf } from '../../../../lib/keys/jwks';
import { secretsOf } from '../../../../lib/oauth2/credential/credentialSecrets';
import { readKeyFile } from '../../../../lib/oauth2/credential/keyFile';
import { readKeySettings } from '../../../../lib/oauth2/credential/keySettings';
import { oAuth2CredentialTypes } from '../../../../lib/oauth2/credential/oAuth2Credential';
import { readOAuth2Credential } from '../../../../lib/oauth2/credential/readOAuth2Credential';
import { fail, ok } from '../../../../lib/result/result';
import { boxFile, googleFile } from '../../../support/oauth2/keyFiles';
import { passphrase, pkcs8, rsaKey } from '../../keys/fixtures';

const read = (data: Record<string, unknown>) =>
	readOAuth2Credential(oAuth2CredentialTypes.clientCredentialsJwt, { jwtUse: 'authorizationGrant', ...data });
const google = googleFile();
const box = boxFile();
const text = (value: unknown) => JSON.stringify(value, null, 2);

describe('what comes of a key file alone', () => {
	it('Google: client_email is the issuer, token_uri the URL and audience, private_key_id the kid; no subject, nothing else sent', () => {
		expect(read({ privateKey: text(google), scope: 'https://www.googleapis.com/auth/pubsub' })).toMatchObject(
			ok({
				accessTokenUrl: 'https://oauth2.googleapis.com/token',
				audience: 'https://oauth2.googleapis.com/token',
				clientId: '',
				issuer: google.client_email,
				subject: '',
				keyId: google.private_key_id,
				privateKey: google.private_key.trim(),
				additionalClaims: {},
				authorizationGrant: { scopeInRequest: false, scopeInAssertion: true, client: 'none' },
			}),
		);
	});

	it('Box: the enterprise is the subject, and the client authenticates in the body', () => {
		expect(read({ privateKey: text(box) })).toMatchObject(
			ok({
				accessTokenUrl: 'https://api.box.com/oauth2/token',
				audience: 'https://api.box.com/oauth2/token',
				clientId: 'box-client',
				issuer: 'box-client',
				subject: '1234567',
				keyId: 'abcd1234',
				passphrase,
				additionalClaims: { box_sub_type: 'enterprise' },
				authorizationGrant: { client: { clientSecret: 'box-secret', clientAuthentication: 'body' } },
			}),
		);
	});

	it('Box with its own Subject: a user', () => {
		const ofUser = { subject: '987', additionalClaims: { box_sub_type: 'user' } };
		expect(read({ privateKey: text(box), subject: ' 987 ' })).toMatchObject(ok(ofUser));
		expect(read({ privateKey: text(box), subject: '1234567' })).toMatchObject(
			ok({ additionalClaims: { box_sub_type: 'enterprise' } }),
		);
	});

	it('an enterprise ID may be a number', () => {
		expect(read({ privateKey: text({ ...box, enterpriseID: 1234567 }) })).toMatchObject(ok({ subject: '1234567' }));
	});

	it('no message shows what is secret in it', () => {
		const credential = read({ privateKey: text(box) });
		if (!credential.ok) throw new Error(credential.fault.message);
		expect(secretsOf(credential.value)).toEqual(expect.arrayContaining(['box-secret', passphrase]));
	});
});

describe('the ways in which a file is pasted', () => {
	const file = text(google);
	it.each([
		['as it is', file],
		['in one line', JSON.stringify(google)],
		['with a byte order mark and spaces', `\ufeff\n ${file}\n`],
		['as Base64', Buffer.from(file).toString('base64')],
		['as Base64 in lines', Buffer.from(file).toString('base64').replace(/.{76}/g, '$&\n')],
		['as a JSON string', JSON.stringify(file)],
		['in a list', `[${file}]`],
		['with the line breaks of the key written out', file.replaceAll('\\n', '\n')],
		['with the line breaks of the key written out, CRLF', file.replaceAll('\\n', '\r\n')],
	])('%s', async (_name, pasted) => {
		expect(read({ privateKey: pasted })).toMatchObject(ok({ issuer: google.client_email }));
		const settings = readKeySettings({ privateKey: pasted });
		expect(settings.ok && (await publicKeysOf(settings.value))).toMatchObject(ok({ keyId: google.private_key_id }));
	});

	it.each([
		['PEM', pkcs8(rsaKey)],
		['a JWK', text(rsaKey.export({ format: 'jwk' }))],
		['a key in another JSON', text({ private_key: pkcs8(rsaKey) })],
		['an empty text', ''],
		['no JSON', '{'],
		['a list of two', text([google, google])],
		['strings within strings', JSON.stringify(JSON.stringify(JSON.stringify(JSON.stringify(google))))],
	])('%s is no key file', (_name, pasted) => {
		expect(readKeyFile(pasted)).toBeUndefined();
	});
});

describe('a field that contradicts the file is named:', () => {
	it.each([
		['Access Token URL', google, { accessTokenUrl: 'https://accounts.example.com/token' }],
		['Issuer (Iss)', google, { issuer: 'someone@else.example' }],
		['Key ID (Kid)', google, { keyId: 'other' }],
		['Access Token URL', box, { accessTokenUrl: 'https://api.example.com/oauth2/token' }],
		['Client ID', box, { clientId: 'other' }],
		['Issuer (Iss)', box, { issuer: 'other' }],
		['Client Secret', box, { clientAuthentication: 'header', clientSecret: 'other' }],
		['Key ID (Kid)', box, { keyId: 'other' }],
		['Passphrase', box, { passphrase: 'other' }],
	])('%s', (label, file, data) => {
		const name = file === google ? "Google's" : "Box's";
		const result = read({ privateKey: text(file), ...data });
		expect(result).toEqual(
			fail({
				message: `${label} contradicts ${name} key file in Private Key`,
				description: `Leave ${label} empty to use the value in Private Key, or paste only the private key there`,
			}),
		);
	});

	it('the same value is no contradiction', () => {
		const same = {
			accessTokenUrl: ' https://oauth2.googleapis.com/token ',
			issuer: google.client_email,
			keyId: google.private_key_id,
		};
		expect(read({ privateKey: text(google), ...same })).toMatchObject({ ok: true });
	});

	it('a token URL in the file is checked like one in the field', () => {
		const file = { ...google, token_uri: 'http://oauth2.example.com/token' };
		expect(read({ privateKey: text(file) })).toMatchObject(fail({ message: 'Access Token URL is not encrypted' }));
	});
});

it('with Use JWT As on Client Assertion, an empty form says what such a file is for', () => {
	expect(read({ jwtUse: 'clientAssertion', privateKey: text(google) })).toMatchObject(
		fail({ message: "Private Key contains Google's key file, and Use JWT As is set to Client Assertion" }),
	);
});

it('Key: Get Public opens the key of Box with the passphrase in its file', async () => {
	const settings = readKeySettings({ privateKey: text(box) });
	expect(settings.ok && (await publicKeysOf(settings.value))).toMatchObject(ok({ keyId: 'abcd1234' }));
	expect(readKeySettings({ privateKey: text(box), keyId: 'other' })).toMatchObject({ ok: false });
});

it.each(['authorized_user', 'external_account', 'impersonated_service_account'])(
	'a Google file of the type %s has no key, and is called by its name',
	async (type) => {
		const pasted = text({ type, client_id: 'a', client_secret: 'b', refresh_token: 'c' });
		expect(await importSigningKey(pasted)).toEqual(
			fail({
				message: `Private Key contains a Google file of the type ${type}, which has no private key`,
				description: 'Create a key of the type JSON for a service account, and paste that file.',
			}),
		);
	},
);
