import { clientAssertionType, type ClientAssertion } from '../assertion/createClientAssertion';
import type { TokenParameters } from './grant';
import {
	sendsSecret,
	type ClientSecretFields,
	type JwtCredential,
	type OAuth2Credential,
} from '../credential/oAuth2Credential';
import { basicHeader } from '../../http/basicHeader';
import { ok, type Result } from '../../result/result';

/** What the client adds to a token request to say who it is. */
interface ClientAuthentication {
	readonly headers: Readonly<Record<string, string>>;
	readonly parameters: TokenParameters;
	/** What of it must appear in no message. */
	readonly secrets: readonly string[];
}

/** Made anew for every token request: an assertion is good for one. */
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

/** `private_key_jwt`: RFC 7521 section 4.2 and RFC 7523 section 2.2. The ID goes along, since some servers look it up by that. */
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
			// A part of it is as good as the whole: header and claims can be put together again.
			secrets: [clientAssertion, ...clientAssertion.split('.').filter((part) => part.length > 40)],
		});
	};
}

/** The way in which a credential's client authenticates itself: one, never two (RFC 6749 section 2.3). */
export function clientAuthenticationOf(credential: OAuth2Credential, signAssertion: SignAssertion): AuthenticateClient {
	if (credential.grant === 'clientCredentialsJwt') return clientAssertion(credential, signAssertion);
	if (!sendsSecret(credential)) return publicClient(credential.clientId);
	return credential.clientAuthentication === 'body'
		? clientSecretBody(credential.clientId, credential.clientSecret)
		: clientSecretHeader(credential.clientId, credential);
}
