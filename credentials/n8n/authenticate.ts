import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IHttpRequestHelper,
	IHttpRequestOptions,
} from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import { basicHeader } from '../../lib/http/basicHeader';
import type { ClientCertificate } from '../../lib/http/dispatchers';
import { presentedCertificate } from '../../lib/http/presentedCertificate';
import { textField } from '../../lib/oauth2/credential/credentialFields';
import type { ClientTlsFields } from '../../lib/oauth2/credential/oAuth2Credential';
import { readOAuth2Credential } from '../../lib/oauth2/credential/readOAuth2Credential';
import type { DpopProver } from '../../lib/oauth2/dpop/dpopBinding';
import { openClientTls } from '../../lib/oauth2/token/clientTls';
import { credentialKey } from '../../lib/oauth2/token/credentialKey';
import { tokenStore } from '../../lib/oauth2/token/tokenStore';
import type { Fault } from '../../lib/result/result';
import { parseUrl } from '../../lib/text/parseUrl';
import { preAuthenticationTransport } from './tokenTransports';

/** The hidden property that n8n would keep a token in, and by which it knows whether one is to be fetched. */
const TOKEN_PROPERTY = 'accessToken';

/** The token of one request, and the content of the credential that it was fetched for. */
interface RequestToken {
	readonly content?: string;
	readonly token?: string;
	/** Proves requests with the token, when it is bound to a key. */
	readonly prover?: DpopProver;
}

/**
 * By the data of the credential that n8n makes a request with. It is made for the request, with the values of its
 * item, and goes to `preAuthentication` and `authenticate` as the same object (n8n 2.0.3 to 2.41.1).
 */
const requestTokens = new WeakMap<ICredentialDataDecryptedObject, RequestToken>();

/** n8n shows both: what happened and how to get on. */
const unavailable = ({ message, description }: Fault) => new UserError(message, { description });

/** Sets a header, in place of one of the same name in whatever letter case. */
function withHeader(options: IHttpRequestOptions, name: string, value: string): IHttpRequestOptions {
	const others = Object.entries(options.headers ?? {}).filter(([other]) => other.toLowerCase() !== name.toLowerCase());
	return { ...options, headers: { ...Object.fromEntries(others), [name]: value } };
}

/** `Authorization: Basic` of RFC 7617 in UTF-8, for n8n's HTTP Request node. */
export async function authenticateBasic(
	data: ICredentialDataDecryptedObject,
	options: IHttpRequestOptions,
): Promise<IHttpRequestOptions> {
	return withHeader(options, 'Authorization', basicHeader(textField(data, 'user'), textField(data, 'password')).value);
}

/**
 * No token was fetched for this content. n8n takes the error for a 401 of the destination, so it calls
 * `preAuthentication` and then `authenticate` again; nothing has been sent.
 */
const tokenMissing = () =>
	Object.assign(
		new UserError('No access token was fetched for this content of the credential', {
			description: 'Run the node again',
		}),
		{ response: { status: 401 } },
	);

/** n8n's older helper, which HTTP Request uses, has `uri` in place of `url`. */
interface RequestTarget {
	readonly uri?: unknown;
	readonly url?: unknown;
	readonly baseURL?: unknown;
	readonly method?: unknown;
}

/** The URL that a request goes to, put together as axios does it. */
function targetOf({ uri, url, baseURL }: RequestTarget): URL | undefined {
	const path = String(uri ?? url ?? '');
	const isAbsolute = /^(?:[a-z][a-z\d+.-]*:)?\/\//i.test(path);
	if (typeof baseURL !== 'string' || isAbsolute) return parseUrl(path);
	return parseUrl(path === '' ? baseURL : `${baseURL.replace(/\/?\/$/, '')}/${path.replace(/^\/+/, '')}`);
}

/**
 * The DPoP proof of one request (RFC 9449 §4.2). n8n asks for it before each request, pages and retries included, but
 * neither for a redirect nor with the response at hand: so destinations that want a nonce refuse it.
 */
function proofFor(prover: DpopProver, target: RequestTarget): string {
	const url = targetOf(target);
	if (url === undefined) {
		throw new UserError('A DPoP proof needs the full URL of the request', {
			description: 'Enter the URL with https://',
		});
	}
	return prover.proof(String(target.method ?? 'GET').toUpperCase(), url);
}

/**
 * A token that is bound to a certificate is worth nothing without it (RFC 8705 §3): the request presents it, in place of none.
 * n8n's own object stays as it is, which the editor may be shown.
 */
async function withCertificate(options: IHttpRequestOptions, fields: ClientTlsFields): Promise<IHttpRequestOptions> {
	const opened = await openClientTls(fields);
	if (!opened.ok) throw unavailable(opened.fault);
	// n8n's older helper takes it from `agentOptions`; the newer one of n8n-core 2.0, which has no `uri`, drops it.
	if (!('uri' in options)) {
		throw new UserError('This node cannot present the client certificate of the credential', {
			description: 'Use the Webhook Dispatch node or the HTTP Request node',
		});
	}
	// What HTTP Request puts there of its SSL Certificates: texts.
	const presented = presentedCertificate(opened.value, options.agentOptions as ClientCertificate | undefined);
	if (!presented.ok) throw unavailable(presented.fault);
	return { ...options, agentOptions: presented.value };
}

/**
 * The token that `preAuthentication` fetched for this request, under the header name and prefix of the credential.
 * What n8n has stored in the credential (0.1.0 let it) may be the token of other content, and is never sent.
 *
 * @throws UserError with `response.status` 401 when none was fetched for this content
 */
export function authenticateWithToken(credentialTypeName: string) {
	return async (data: ICredentialDataDecryptedObject, options: IHttpRequestOptions): Promise<IHttpRequestOptions> => {
		const read = readOAuth2Credential(credentialTypeName, data);
		if (!read.ok) throw unavailable(read.fault);
		const { content, token, prover } = requestTokens.get(data) ?? {};
		if (token === undefined || content !== credentialKey(read.value)) {
			requestTokens.set(data, {});
			throw tokenMissing();
		}
		// In memory alone: when the request is refused, n8n hands it to `preAuthentication` as what was refused.
		data[TOKEN_PROPERTY] = token;
		const { headerName, headerPrefix } = read.value;
		const withToken = withHeader(options, headerName, headerPrefix === '' ? token : `${headerPrefix} ${token}`);
		const { tls } = read.value;
		const authenticated = tls === undefined ? withToken : await withCertificate(withToken, tls);
		return prover === undefined ? authenticated : withHeader(authenticated, 'DPoP', proofFor(prover, options));
	};
}

/**
 * Fetches a token for n8n's HTTP Request node from the process' token store, which keeps one for each content, renews
 * it before it expires, and makes one request for all items that were refused at the same time (n8n has no lock).
 *
 * n8n calls this when the hidden property is empty, and after a request that failed. It stores what it is given under
 * that property, for whatever the credential's content is or becomes. So it is given nothing to store: the property
 * stays empty, and n8n calls this before every request, with the content of that request.
 *
 * @returns nothing the first time; after that an empty token, without which n8n would not send the request again
 * @throws UserError saying what the token endpoint responded
 */
export function fetchToken(credentialTypeName: string) {
	return async function (this: IHttpRequestHelper, data: ICredentialDataDecryptedObject): Promise<IDataObject> {
		const read = readOAuth2Credential(credentialTypeName, data);
		if (!read.ok) throw unavailable(read.fault);
		const credential = read.value;
		const refused = textField(data, TOKEN_PROPERTY);
		if (refused !== '') tokenStore.discard(credential, refused);
		const again = refused !== '' || requestTokens.has(data);
		requestTokens.set(data, {});
		const result = await tokenStore.get(credential, preAuthenticationTransport(this.helpers));
		if (!result.ok) throw unavailable(result.fault);
		const { accessToken: token, binding } = result.value;
		const prover = binding?.withToken(token);
		requestTokens.set(data, { content: credentialKey(credential), token, ...(prover && { prover }) });
		return again ? { [TOKEN_PROPERTY]: '' } : {};
	};
}
