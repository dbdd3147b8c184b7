import { generateKeyPairSync } from 'node:crypto';
import {
	injectDomainRestrictionFields,
	NodeHelpers,
	type ICredentialType,
	type INodeProperties,
	type INodePropertyCollection,
} from 'n8n-workflow';

import { oAuth2CredentialTypes } from '../../../lib/oauth2/credential/oAuth2Credential';
import { readOAuth2Credential } from '../../../lib/oauth2/credential/readOAuth2Credential';
import { ok } from '../../../lib/result/result';
import { WebhookDispatchBasicApi } from '../../../credentials/WebhookDispatchBasicApi.credentials';
import { WebhookDispatchClientCredentialsOAuth2Api } from '../../../credentials/WebhookDispatchClientCredentialsOAuth2Api.credentials';
import { WebhookDispatchJwtOAuth2Api } from '../../../credentials/WebhookDispatchJwtOAuth2Api.credentials';
import { WebhookDispatchPasswordOAuth2Api } from '../../../credentials/WebhookDispatchPasswordOAuth2Api.credentials';
import { WebhookDispatchSigningApi } from '../../../credentials/WebhookDispatchSigningApi.credentials';
import { clientCredential, jwtCredential, passwordCredential, TOKEN_URL } from '../../support/oauth2/credentials';
import { tokenHelper, type RequestAuthentication } from '../../support/oauth2/preAuthentication';

/** The contract: names are saved in people's credentials. */
const common = [
	'issuerUrl',
	'tokenRequestFormat',
	'additionalParameters',
	'accessTokenPath',
	'refreshTokenPath',
	'expiryMode',
	'expiryPath',
	'expiryValue',
	'expiryUnit',
	'expiredStatusCodes',
	'headerName',
	'headerPrefix',
	'allowInsecureTokenUrl',
	'tokenTypeCheck',
	'tokenRequestHeaders',
	'secretParameters',
	'customGrantType',
	'tokenRequestMethod',
	'tokenLocation',
	'accessTokenHeader',
	'responseFields',
	'expiredWhen',
	'advancedSettings',
];
const clientSecretFields = ['clientId', 'clientSecret', 'clientAuthentication', 'clientEncoding', 'sendEmptySecret'];
const contract: Array<[ICredentialType, string, string[]]> = [
	[new WebhookDispatchBasicApi(), 'webhookDispatchBasicApi', ['user', 'password']],
	[
		new WebhookDispatchPasswordOAuth2Api(),
		'webhookDispatchPasswordOAuth2Api',
		[
			'accessTokenUrl',
			'refreshTokenUrl',
			'scopeOnRefresh',
			'username',
			'password',
			'scope',
			...clientSecretFields,
			...common,
		],
	],
	[
		new WebhookDispatchClientCredentialsOAuth2Api(),
		'webhookDispatchClientCredentialsOAuth2Api',
		['accessTokenUrl', 'scope', ...clientSecretFields, ...common],
	],
	[
		new WebhookDispatchJwtOAuth2Api(),
		'webhookDispatchJwtOAuth2Api',
		[
			'accessTokenUrl',
			'clientId',
			'scope',
			'privateKey',
			'passphrase',
			'previousPublicKey',
			'algorithm',
			'keyId',
			'headerType',
			'contentType',
			'critical',
			'issuer',
			'subject',
			'audience',
			'expiresIn',
			'useIssuedAt',
			'jwtId',
			'additionalClaims',
			'certificate',
			...common,
		],
	],
	[new WebhookDispatchSigningApi(), 'webhookDispatchSigningApi', ['secret', 'previousSecret']],
];
const oAuth2Types = contract.slice(1, 4).map(([type]) => type);

/** The field as n8n masks it: of several with the same name, the last one counts. */
const field = ({ properties }: ICredentialType, name: string) => {
	const merged: INodeProperties[] = [];
	NodeHelpers.mergeNodeProperties(merged, properties);
	return merged.find((property) => property.name === name);
};

/** What n8n makes of a saved form: hidden fields and defaults included. */
const savedForm = (properties: INodeProperties[], values: object) =>
	NodeHelpers.getNodeParameters(properties, values as never, true, false, null, null) as Record<string, unknown>;

describe.each(contract)('%#', (type, name, fields) => {
	it(`${name} has the fields of the contract`, () => {
		expect(type.name).toBe(name);
		expect(type.properties.map((property) => property.name)).toEqual(expect.arrayContaining(fields));
	});

	it(`${name} shows no field twice under the same conditions`, () => {
		const names = type.properties
			.filter((property) => property.type !== 'hidden')
			.map((property) => `${property.name} ${JSON.stringify(property.displayOptions)}`);
		expect(new Set(names).size).toBe(names.length);
	});

	it(`${name} masks what is secret`, () => {
		const secrets = ['password', 'clientSecret', 'privateKey', 'passphrase', 'secret', 'previousSecret', 'accessToken'];
		for (const secret of secrets) {
			const property = field(type, secret);
			if (property) expect([secret, property.typeOptions?.password]).toEqual([secret, true]);
		}
	});
});

describe.each(oAuth2Types.map((type): [string, ICredentialType] => [type.name, type]))('%s', (_name, type) => {
	it('works in the HTTP Request node: a hidden token that n8n fetches and keeps out of the editor', () => {
		const hidden = type.properties.filter(({ typeOptions }) => typeOptions?.expirable);
		expect(hidden).toEqual([
			expect.objectContaining({
				name: 'accessToken',
				type: 'hidden',
				default: '',
				typeOptions: { expirable: true, password: true },
			}),
		]);
		expect(type.preAuthentication).toBeInstanceOf(Function);
		expect(type.authenticate).toBeInstanceOf(Function);
		expect(type.extends).toBeUndefined();
	});

	it.each(['tokenRequestHeaders', 'secretParameters'])('masks the values of %s', (name) => {
		const [rows] = (field(type, name)?.options ?? []) as INodePropertyCollection[];
		expect(rows?.name).toBe('parameters');
		expect(rows?.values.map(({ name, typeOptions }) => [name, typeOptions?.password])).toEqual([
			['name', undefined],
			['value', true],
		]);
	});

	it('has the domain restriction that n8n adds', () => {
		const added = injectDomainRestrictionFields(type).map(({ name }) => name);
		expect(added).toEqual(expect.arrayContaining(['allowedHttpRequestDomains', 'allowedDomains']));
	});

	it('puts the token into the header of the credential, in place of one that is there', async () => {
		const { preAuthentication, authenticate } = type as unknown as RequestAuthentication;
		const { n8n } = tokenHelper('the-token', 'the-token');
		const options = { url: 'https://a.example', headers: { accept: '*/*', 'x-access-TOKEN': 'other' } };
		const headersWith = async (headerPrefix: string) => {
			const data = { ...minimal, accessToken: '', headerName: 'X-Access-Token', headerPrefix };
			await preAuthentication.call(n8n, data);
			return (await authenticate(data, options)).headers;
		};
		expect(await headersWith('Token')).toEqual({ accept: '*/*', 'X-Access-Token': 'Token the-token' });
		expect(await headersWith('')).toEqual({ accept: '*/*', 'X-Access-Token': 'the-token' });
	});
});

const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const privateKey = key.export({ type: 'pkcs8', format: 'pem' }).toString();
const minimal = {
	accessTokenUrl: TOKEN_URL,
	clientId: 'my-app',
	clientSecret: 'client-secret',
	username: 'ada',
	password: 'user-password',
	privateKey,
	algorithm: 'ES256',
};

it.each([
	['password', passwordCredential()],
	['clientCredentials', clientCredential()],
	['clientCredentialsJwt', jwtCredential({ privateKey, algorithm: 'ES256' })],
] as const)('the defaults of the form of %s are those of the reader', (grant, expected) => {
	const [type] = contract.find(([, name]) => name === oAuth2CredentialTypes[grant])!;
	const form = savedForm(injectDomainRestrictionFields(type), minimal);
	expect(readOAuth2Credential(oAuth2CredentialTypes[grant], form)).toEqual(ok(expected));
});

it('Basic is RFC 7617 in UTF-8', async () => {
	const { authenticate } = new WebhookDispatchBasicApi();
	const options = { url: 'https://a.example', headers: { authorization: 'Bearer x' } };
	expect((await authenticate({ user: 'jürgen', password: 'pä:ß' }, options)).headers).toEqual({
		Authorization: `Basic ${Buffer.from('jürgen:pä:ß', 'utf8').toString('base64')}`,
	});
});
