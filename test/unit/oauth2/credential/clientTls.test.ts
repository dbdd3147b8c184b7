import { createPrivateKey } from 'node:crypto';
import type { ICredentialDataDecryptedObject, IHttpRequestHelper, IHttpRequestOptions } from 'n8n-workflow';

import { WebhookDispatchClientCredentialsOAuth2Api } from '../../../../credentials/WebhookDispatchClientCredentialsOAuth2Api.credentials';
import { preAuthenticationTransport } from '../../../../credentials/n8n/tokenTransports';
import { secretsOf } from '../../../../lib/oauth2/credential/credentialSecrets';
import { oAuth2CredentialTypes, type GrantType } from '../../../../lib/oauth2/credential/oAuth2Credential';
import { readOAuth2Credential } from '../../../../lib/oauth2/credential/readOAuth2Credential';
import { openClientTls } from '../../../../lib/oauth2/token/clientTls';
import { credentialKey } from '../../../../lib/oauth2/token/credentialKey';
import { obtainToken } from '../../../../lib/oauth2/token/requestToken';
import { issueCertificate } from '../../../support/receiver';
import { tokenResponse } from '../../../support/oauth2/scriptedTransport';

/** A credential whose client authenticates with a TLS certificate (RFC 8705). */

const client = issueCertificate({ name: 'client' });
const other = issueCertificate({ name: 'other' });
const form = {
	accessTokenUrl: 'https://login.example.com/token',
	clientId: 'my-app',
	clientAuthentication: 'tls',
	tlsCertificate: client.cert,
	tlsPrivateKey: client.key,
};

const read = (change: object = {}, grant: GrantType = 'clientCredentials') =>
	readOAuth2Credential(oAuth2CredentialTypes[grant], { ...form, ...change });

function credential(change: object = {}, grant: GrantType = 'clientCredentials') {
	const result = read(change, grant);
	if (!result.ok) throw new Error(result.fault.message);
	return result.value;
}

it.each([
	['client credentials', 'clientCredentials', {}],
	['client credentials, with a secret that an older form left', 'clientCredentials', { clientSecret: 'old' }],
	['password', 'password', { username: 'ann', password: 'word' }],
	['a JWT as grant', 'clientCredentialsJwt', { jwtUse: 'authorizationGrant', privateKey: 'key' }],
	['Token Binding', 'clientCredentials', { clientAuthentication: 'header', clientSecret: 's', tokenBinding: 'tls' }],
] as const)('%s: the certificate is read', (_name, grant, change) => {
	expect(credential(change, grant).tls).toEqual({
		certificate: client.cert,
		privateKey: client.key,
		passphrase: '',
		ca: '',
	});
});

it('no secret is sent along', () => {
	expect(credential({ clientSecret: 'old' })).toMatchObject({ clientSecret: '', sendEmptySecret: false });
});

it('a certificate that is not asked for is none', () => {
	expect(credential({ clientAuthentication: 'body', clientSecret: 's' }).tls).toBeUndefined();
});

it.each([
	['TLS Certificate is empty', { tlsCertificate: ' ' }],
	['TLS Private Key is empty', { tlsPrivateKey: '' }],
	[
		'TLS Certificate is empty',
		{ tokenBinding: 'tls', clientAuthentication: 'body', clientSecret: 's', tlsCertificate: '' },
	],
	['Client ID is empty', { clientId: '' }],
	['TLS Certificate contains a private key', { tlsCertificate: client.key + client.cert }],
	['TLS CA contains a private key', { tlsCa: client.key }],
	['Client Authentication Type has an unknown value', { clientAuthentication: 'mtls', clientSecret: 's' }],
])('%s', (message, change) => {
	expect(read(change)).toMatchObject({ ok: false, fault: { message } });
});

it('the password grant needs a client ID for it, too', () => {
	expect(read({ username: 'ann', password: 'word', clientId: '' }, 'password')).toMatchObject({
		fault: { message: 'Client ID is empty' },
	});
});

it('another certificate, key or CA is another token, and the key of the store says nothing of them', () => {
	const keys = [
		{},
		{ tlsCertificate: other.cert },
		{ tlsPrivateKey: other.key },
		{ tlsCa: other.cert },
		{ tlsPassphrase: 'word' },
		{ clientAuthentication: 'header', clientSecret: 's' },
	].map((change) => credentialKey(credential(change)));
	expect(new Set(keys).size).toBe(keys.length);
	expect(keys.every((key) => /^[\w-]{43}$/.test(key))).toBe(true);
});

it('its key and passphrase are secrets', () => {
	const secrets = secretsOf(credential({ tlsPassphrase: 'hunter2-secret' }));
	expect(secrets).toEqual(expect.arrayContaining(['hunter2-secret', client.key.split('\n')[1]]));
});

it.each([
	['encrypted', { passphrase: 'right' }, { ok: true, value: { cert: client.cert, key: client.key } }],
	[
		'encrypted, with another passphrase',
		{ passphrase: 'wrong' },
		{ fault: { message: 'The passphrase does not decrypt the private key' } },
	],
	[
		'of another certificate',
		{ privateKey: other.key },
		{ fault: { message: 'TLS Private Key does not belong to TLS Certificate' } },
	],
	['beside a CA that is none', { ca: 'x' }, { fault: { message: 'TLS CA is not a certificate in PEM' } }],
])('a key that is %s', async (_name, change, expected) => {
	const encrypted = createPrivateKey(client.key).export({
		type: 'pkcs8',
		format: 'pem',
		cipher: 'aes-256-cbc',
		passphrase: 'right',
	}) as string;
	const privateKey = 'passphrase' in change ? encrypted : client.key;
	expect(
		await openClientTls({ certificate: client.cert, privateKey, passphrase: '', ca: '', ...change }),
	).toMatchObject(expected);
});

it('its CA is trusted besides those that are trusted anyway', async () => {
	const opened = await openClientTls({
		certificate: client.cert,
		privateKey: client.key,
		passphrase: '',
		ca: other.cert,
	});
	const authorities = opened.ok ? (opened.value.ca ?? '').match(/BEGIN CERTIFICATE/g) : [];
	expect(authorities?.length).toBeGreaterThan(50);
	expect(opened.ok && opened.value.ca?.endsWith(other.cert)).toBe(true);
});

describe('in n8n’s HTTP Request node', () => {
	const type = new WebhookDispatchClientCredentialsOAuth2Api();
	const asked: object[] = [];
	const helpers = {
		request: async (options: object) => {
			asked.push(options);
			return tokenResponse(200, { access_token: 'a-token', token_type: 'Bearer', expires_in: 3600 });
		},
		httpRequest: async () => {
			throw new Error('It would drop the certificate');
		},
	} as unknown as IHttpRequestHelper['helpers'];
	const authenticate = async (clientId: string, options: object) => {
		const data = { ...form, clientId } as ICredentialDataDecryptedObject;
		await type.preAuthentication.call({ helpers }, data);
		return await type.authenticate(data, options as IHttpRequestOptions);
	};

	it('the certificate is presented to both, over the helper that does not drop it', async () => {
		const given = { uri: 'https://example.com/' };
		const options = await authenticate('one', given);
		const agentOptions = { cert: client.cert, key: client.key };
		expect(asked.at(-1)).toMatchObject({ uri: form.accessTokenUrl, agentOptions });
		expect(options).toEqual({ ...given, headers: { Authorization: 'Bearer a-token' }, agentOptions });
		// n8n's own object, which the editor may be shown, has nothing of it.
		expect(given).toEqual({ uri: 'https://example.com/' });
	});

	it('a CA of SSL Certificates is for the destination; another certificate is refused', async () => {
		const uri = 'https://example.com/';
		expect(await authenticate('two', { uri, agentOptions: { ca: other.cert } })).toMatchObject({
			agentOptions: { cert: client.cert, key: client.key, ca: other.cert },
		});
		await expect(authenticate('two', { uri, agentOptions: other })).rejects.toThrow('Two client certificates');
	});

	it('a node whose helper may drop the certificate is refused', async () => {
		await expect(authenticate('three', { url: 'https://example.com/' })).rejects.toThrow(
			'This node cannot present the client certificate of the credential',
		);
	});

	it('an n8n without that helper sends no token request', async () => {
		const transport = preAuthenticationTransport({ httpRequest: helpers.httpRequest });
		expect(await obtainToken(credential(), undefined, { transport })).toMatchObject({
			ok: false,
			fault: {
				code: 'TOKEN',
				message: expect.stringContaining('this n8n cannot present a client certificate') as string,
			},
		});
	});
});
