import { clientAssertionType, type ClientAssertion } from '../assertion/createClientAssertion';
import { createClientSecretJwt } from '../assertion/clientSecretJwt';
import type { TokenParameters } from './grant';
import {
	sendsSecret,
	type AuthorizationGrantFields,
	type ClientSecretFields,
	type JwtCredential,
	type OAuth2Credential,
	type SecretJwtFields,
} from '../credential/oAuth2Credential';
import { basicHeader } from '../../http/basicHeader';
import { ok, type Result } from '../../result/result';

/** What the client adds to a token request to say who it is, and the JWT that is its grant. */
interface ClientAuthentication {
	readonly headers: Readonly<Record<string, string>>;
	readonly parameters: TokenParameters;
	/** What of it must appear in no message. */
	readonly secrets: readonly string[];
}

/** Made again for every token request: an assertion is good for one. */
export type AuthenticateClient = () => Promise<Result<ClientAuthentication>>;

/** Signs a client assertion: `createClientAssertion`, or a stand-in for tests. */
export type SignAssertion = (credential: JwtCredential) => Promise<Result<Pick<ClientAssertion, 'clientAssertion'>>>;

/** As `application/x-www-form-urlencoded` writes it: all but `A-Z a-z 0-9 * - . _` escaped, a space as `+`. */
function formEncoded(text: string): string {
	return new URLSearchParams([['', text]]).toString().slice(1);
}

/** `client_secret_basic` of RFC 6749 section 2.3.1, form-encoded as it says or raw as many servers read it. */
function clientSecretHeader(clientId: string, fields: ClientSecretFields): AuthenticateClient {
	const encode = fields.clientEncoding === 'form' ? formEncoded : (text: string) => text;
	const { value, encoded } = basicHeader(encode(clientId), encode(fields.clientSecret));
	return async () =>
		ok({ headers: { authorization: value }, parameters: [], secrets: [encoded, encode(fields.clientSecret)] });
}

/** `client_secret_post` of RFC 6749 section 2.3.1. */
function clientSecretBody(clientId: string, clientSecret: string): AuthenticateClient {
	return async () =>
		ok({
			headers: {},
			parameters: [
				['client_id', clientId],
				['client_secret', clientSecret],
			],
			secrets: [clientSecret],
		});
}

/** A client without a secret names itself (RFC 6749 section 3.2.1); with no ID either, nothing is sent. */
function publicClient(clientId: string): AuthenticateClient {
	return async () => ok({ headers: {}, parameters: clientId === '' ? [] : [['client_id', clientId]], secrets: [] });
}

/** A part of an assertion is as good as the whole: header and claims can be put together again. */
const secretParts = (assertion: string): string[] => [
	assertion,
	...assertion.split('.').filter((part) => part.length > 40),
];

/** `private_key_jwt`: RFC 7521 section 4.2 and RFC 7523 section 2.2. The ID is sent, too, since some servers look it up by that. */
function clientAssertion(credential: JwtCredential, signAssertion: SignAssertion): AuthenticateClient {
	return async () => {
		const signed = await signAssertion(credential);
		if (!signed.ok) return signed;
		const { clientAssertion } = signed.value;
		return ok({
			headers: {},
			parameters: [
				['client_id', credential.clientId],
				['client_assertion_type', clientAssertionType],
				['client_assertion', clientAssertion],
			],
			secrets: secretParts(clientAssertion),
		});
	};
}

/** The JWT as the grant (RFC 7523 section 2.1), and beside it the client, as far as its server wants to know it. */
function authorizationGrant(
	credential: JwtCredential,
	client: AuthorizationGrantFields['client'],
	signAssertion: SignAssertion,
): AuthenticateClient {
	const authenticate =
		typeof client === 'object'
			? withSecret(credential.clientId, client)
			: publicClient(client === 'id' ? credential.clientId : '');
	return async () => {
		const signed = await signAssertion(credential);
		if (!signed.ok) return signed;
		const authenticated = await authenticate();
		if (!authenticated.ok) return authenticated;
		const { headers, parameters, secrets } = authenticated.value;
		const { clientAssertion } = signed.value;
		return ok({
			headers,
			parameters: [['assertion', clientAssertion], ...parameters],
			secrets: [...secrets, ...secretParts(clientAssertion)],
		});
	};
}

/** `client_secret_jwt` of OpenID Connect Core section 9: what is sent proves the secret, and is good for one request. */
function clientSecretJwt(clientId: string, clientSecret: string, fields: SecretJwtFields): AuthenticateClient {
	return async () => {
		const signed = await createClientSecretJwt(clientId, clientSecret, fields);
		if (!signed.ok) return signed;
		return ok({
			headers: {},
			parameters: [
				['client_id', clientId],
				['client_assertion_type', clientAssertionType],
				['client_assertion', signed.value],
			],
			secrets: [clientSecret, ...secretParts(signed.value)],
		});
	};
}

function withSecret(clientId: string, fields: ClientSecretFields): AuthenticateClient {
	if (fields.secretJwt) return clientSecretJwt(clientId, fields.clientSecret, fields.secretJwt);
	return fields.clientAuthentication === 'body'
		? clientSecretBody(clientId, fields.clientSecret)
		: clientSecretHeader(clientId, fields);
}

/** The way in which a credential's client authenticates itself: one, never two (RFC 6749 section 2.3). */
export function clientAuthenticationOf(credential: OAuth2Credential, signAssertion: SignAssertion): AuthenticateClient {
	if (credential.grant === 'clientCredentialsJwt') {
		return credential.authorizationGrant
			? authorizationGrant(credential, credential.authorizationGrant.client, signAssertion)
			: clientAssertion(credential, signAssertion);
	}
	return sendsSecret(credential) ? withSecret(credential.clientId, credential) : publicClient(credential.clientId);
}
