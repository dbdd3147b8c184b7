/** Secret Parameters: the list beside Additional Parameters whose values n8n masks. */
import { oAuth2CredentialTypes } from '../../../../lib/oauth2/credential/oAuth2Credential';
import { readOAuth2Credential } from '../../../../lib/oauth2/credential/readOAuth2Credential';
import { credentialKey } from '../../../../lib/oauth2/token/credentialKey';
import { obtainToken } from '../../../../lib/oauth2/token/requestToken';
import { fail } from '../../../../lib/result/result';
import { clientCredential, jwtCredential, passwordCredential } from '../../../support/oauth2/credentials';
import { answered, answering } from '../../../support/oauth2/scriptedTransport';
import { pkcs8, rsaKey } from '../../keys/fixtures';

const value = 'sécret of "the" gateway/+%20';
const secretParameters = {
	parameters: [
		{ name: ' tenant ', value },
		{ name: '', value: '' },
		{ name: 'tenant', value: 'second' },
	],
};
const additionalParameters = { parameters: [{ name: 'audience', value: 'https://api.example.com' }] };
const data = { secretParameters, additionalParameters };
const granted = answered(200, { access_token: 'a', token_type: 'Bearer', expires_in: 60 });

it.each([
	['password', passwordCredential(data), undefined],
	['refresh', passwordCredential(data), 'refresh'],
	['client credentials', clientCredential(data), undefined],
	['client assertion', jwtCredential({ ...data, privateKey: pkcs8(rsaKey) }), undefined],
	[
		'authorization grant',
		jwtCredential({ ...data, privateKey: pkcs8(rsaKey), jwtUse: 'authorizationGrant' }),
		undefined,
	],
])('%s: they are sent after the additional ones', async (_name, credential, refreshToken) => {
	const { transport, requests } = answering(granted);
	expect(await obtainToken(credential, refreshToken, { transport })).toMatchObject({ ok: true });
	const sent = [...new URLSearchParams(requests[0]?.body)].filter(([name]) => /tenant|audience/.test(name));
	expect(sent).toEqual([
		['audience', 'https://api.example.com'],
		['tenant', value],
		['tenant', 'second'],
	]);
});

it('their values appear in no message, whatever they are called', async () => {
	const { transport } = answering(answered(400, { error: 'invalid_request', error_description: `tenant ${value}?` }));
	const result = await obtainToken(clientCredential(data), undefined, { transport });
	expect(JSON.stringify(result)).not.toContain('of \\"the\\" gateway');
	expect(JSON.stringify(result)).toContain('tenant ***');
});

it('another value is another token', () => {
	const other = { parameters: [{ name: 'tenant', value: 'other' }] };
	expect(credentialKey(clientCredential({ secretParameters: other }))).not.toBe(
		credentialKey(clientCredential({ secretParameters })),
	);
});

it.each([
	[
		'a name that the credential writes',
		[{ name: 'Client_Secret', value: 'x' }],
		'Secret Parameters contains client_secret',
	],
	[
		'no name',
		[
			{ name: 'a', value: 'x' },
			{ name: ' ', value },
		],
		'Parameter 2 in Secret Parameters has no name',
	],
])('%s is refused, and no value shown', (_name, parameters, message) => {
	const result = readOAuth2Credential(oAuth2CredentialTypes.clientCredentials, {
		accessTokenUrl: 'https://login.example.com/token',
		clientId: 'a',
		clientSecret: 'b',
		secretParameters: { parameters },
	});
	expect(result).toEqual(fail({ message, description: expect.any(String) as string }));
	expect(JSON.stringify(result)).not.toContain('gateway');
});
