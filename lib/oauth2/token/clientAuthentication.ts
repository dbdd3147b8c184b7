import { clientAssertionType } from '../assertion/createClientAssertion';
import type { TokenParameters } from './grant';
import {
	sendsSecret,
	type ClientSecretFields,
	type JwtCredential,
	type OAuth2Credential,
} from '../credential/oAuth2Credential';

/** What the client adds to a token request to say who it is. */
export type ClientAuthenticationResult =
	| {
			readonly ok: true;
			readonly headers: Readonly<Record<string, string>>;
			readonly parameters: TokenParameters;
			/** What of it must appear in no message. */
			readonly secrets: readonly string[];
	  }
	| { readonly ok: false; readonly message: string; readonly description: string };

/** Made anew for every token request: an assertion is good for one. */
export type ClientAuthentication = () => Promise<ClientAuthenticationResult>;

/** Signs a client assertion: `createClientAssertion`, or a stand-in for tests. */
export type SignAssertion = (
	credential: JwtCredential,
) => Promise<{ ok: true; clientAssertion: string } | { ok: false; message: string; description: string }>;

/** As `application/x-www-form-urlencoded` writes it: all but `A-Z a-z 0-9 * - . _` escaped, a space as `+`. */
function formEncoded(text: string): string {
	return new URLSearchParams([['', text]]).toString().slice(1);
}

/** RFC 7617: `Basic` and the base64 of `user:password` in UTF-8. */
export function basicAuthorization(user: string, password: string): string {
	return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}

/** `client_secret_basic` of RFC 6749 section 2.3.1, form-encoded as it says or raw as many servers read it. */
export function clientSecretHeader(clientId: string, fields: ClientSecretFields): ClientAuthentication {
	const encode = fields.clientEncoding === 'form' ? formEncoded : (text: string) => text;
	const authorization = basicAuthorization(encode(clientId), encode(fields.clientSecret));
	return async () => ({
		ok: true,
		headers: { authorization },
		parameters: [],
		secrets: [authorization.slice('Basic '.length), encode(fields.clientSecret)],
	});
}

/** `client_secret_post` of RFC 6749 section 2.3.1. */
export function clientSecretBody(clientId: string, clientSecret: string): ClientAuthentication {
	return async () => ({
		ok: true,
		headers: {},
		parameters: [
			['client_id', clientId],
			['client_secret', clientSecret],
		],
		secrets: [clientSecret],
	});
}

/** A client without a secret names itself (RFC 6749 section 3.2.1); with no ID either, nothing is sent. */
export function publicClient(clientId: string): ClientAuthentication {
	return async () => ({
		ok: true,
		headers: {},
		parameters: clientId === '' ? [] : [['client_id', clientId]],
		secrets: [],
	});
}

/** `private_key_jwt`: RFC 7521 section 4.2 and RFC 7523 section 2.2. The ID goes along, since some servers look it up by that. */
export function clientAssertion(credential: JwtCredential, signAssertion: SignAssertion): ClientAuthentication {
	return async () => {
		const signed = await signAssertion(credential);
		if (!signed.ok) return signed;
		return {
			ok: true,
			headers: {},
			parameters: [
				['client_id', credential.clientId],
				['client_assertion_type', clientAssertionType],
				['client_assertion', signed.clientAssertion],
			],
			// A part of it is as good as the whole: header and claims can be put together again.
			secrets: [signed.clientAssertion, ...signed.clientAssertion.split('.').filter((part) => part.length > 40)],
		};
	};
}

/** The way in which a credential's client authenticates itself: one, never two (RFC 6749 section 2.3). */
export function clientAuthenticationOf(
	credential: OAuth2Credential,
	signAssertion: SignAssertion,
): ClientAuthentication {
	if (credential.grant === 'clientCredentialsJwt') return clientAssertion(credential, signAssertion);
	if (!sendsSecret(credential)) return publicClient(credential.clientId);
	return credential.clientAuthentication === 'body'
		? clientSecretBody(credential.clientId, credential.clientSecret)
		: clientSecretHeader(credential.clientId, credential);
}
