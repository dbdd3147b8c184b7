import type { Grant } from './grant';
import { sendsSecret, type JwtCredential, type OAuth2Credential } from '../credential/oAuth2Credential';

/** What is known of a response that refuses a token. */
export interface Refusal {
	readonly credential: OAuth2Credential;
	readonly kind: Grant['kind'];
	readonly statusCode: number;
	/** `error` of the response, as it came. */
	readonly serverError?: string;
	/** `error_description` or what is in its place, cleaned. */
	readonly serverErrorDescription?: string;
	readonly emptyBody: boolean;
	readonly webPage: boolean;
}

/** What form encoding changes. */
const CHANGED_BY_ENCODING = /[^A-Za-z0-9*\-._]/;

const edgeSpace = (text: string) => text !== text.trim();

/** RFC 8705 section 2: `tls_client_auth` and `self_signed_tls_client_auth`. */
const CERTIFICATE_ADVICE =
	'Check Client ID, and that the client is registered for this TLS Certificate: by its subject name (tls_client_auth), or by ' +
	'the certificate itself (self_signed_tls_client_auth). Some servers have a separate token URL for certificates';

/** nginx and others refuse a certificate with a page: "No required SSL certificate was sent". */
const ABOUT_CERTIFICATE = /\b(?:ssl|tls|client) certificate/i;

/** What to look at when the server does not know the client. */
function clientAdvice(credential: OAuth2Credential): string {
	if (credential.grant === 'clientCredentialsJwt' && credential.authorizationGrant) {
		const { client } = credential.authorizationGrant;
		return typeof client === 'object'
			? 'Check Client ID and Client Secret, and how the server expects them (Client Authentication Type)'
			: credential.tls
				? CERTIFICATE_ADVICE
				: 'If the server wants the client to authenticate, set Client Authentication Type and fill in Client Secret. Check that ' +
					'the issuer of the JWT is the one that the server knows (Client ID or Issuer), and that the user in Subject has approved it';
	}
	if (credential.grant === 'clientCredentialsJwt') {
		const unusual = [
			...(credential.critical.length > 0 ? ['Critical'] : []),
			...(credential.contentType === '' ? [] : ['Content Type']),
		];
		return (
			(unusual.length > 0 ? `Most servers refuse an assertion with ${unusual.join(' or ')}: try it empty. ` : '') +
			'Check that the public key of this credential is registered for the client ID, under the same Key ID (Kid), and that ' +
			'Audience is what the server expects (its token URL, its issuer, or a URL with a slash at the end) and the clocks agree'
		);
	}
	if (credential.tls && credential.clientSecret === '') return CERTIFICATE_ADVICE;
	const { clientId, clientSecret, clientAuthentication, clientEncoding, secretJwt } = credential;
	if (secretJwt) {
		return (
			'Check Client ID and Client Secret, and that the client is set to client_secret_jwt with ' +
			`${secretJwt.algorithm} at the server. Some servers want their issuer as Secret JWT Audience`
		);
	}
	const hints = ['Check Client ID and Client Secret'];
	if (edgeSpace(clientId) || edgeSpace(clientSecret)) hints.push('one of them begins or ends with a space');
	if (clientAuthentication === 'body') {
		hints.push('if they are right, set Client Authentication Type to Send Basic Authentication in Header');
	} else {
		if (CHANGED_BY_ENCODING.test(clientId + clientSecret)) {
			const other = clientEncoding === 'form' ? 'As They Are' : 'Form Encoded';
			hints.push(`if they are right, set Client ID and Secret Encoding to ${other}, since servers differ`);
		}
		hints.push('some servers want them in the body (Client Authentication Type)');
	}
	return hints.join('; ');
}

/** Why a server may not accept a JWT as the grant (RFC 7523 section 3.1: all of it is `invalid_grant`). */
function jwtGrantAdvice({ subject }: JwtCredential): string {
	return (
		(subject === ''
			? 'Fill in Subject if the server wants to know the user. '
			: 'Check that Subject is the user as the server names it, and that this user or an administrator has approved the client. ') +
		'Check Audience (a token URL, an issuer, or a host name alone), that the public key or certificate of this credential is ' +
		'registered at the server, and that Assertion Lifetime is not too long and the clocks agree'
	);
}

function grantAdvice({ credential, kind }: Refusal): string {
	if (credential.grant === 'clientCredentialsJwt' && kind === 'jwtBearer') return jwtGrantAdvice(credential);
	if (kind === 'password') {
		return 'Check Username and Password; accounts with a second factor cannot use the password grant';
	}
	return kind === 'refresh'
		? 'The refresh token is no longer valid, and a new sign-in is needed: run the workflow again'
		: 'Check that the server allows this client the client credentials grant' +
				// What oidc-provider says to a client that must use DPoP.
				(credential.tokenBinding === 'none' && !credential.tls
					? '. If the client must use DPoP, set Token Binding to DPoP'
					: '');
}

/** For a refusal with nothing in it: all that it may mean. */
function silentAdvice({ credential, kind }: Refusal): string {
	const causes = ['The server does not say why', clientAdvice(credential)];
	if (kind === 'password') causes.push('Check Username and Password, too');
	if (credential.scope === '') causes.push('Some servers want a Scope');
	return causes.join('. ');
}

/** Servers that cannot read the Basic header call that an invalid request: oidc-provider "not properly encoded". */
const ABOUT_HEADER = /authori[sz]ation header|header.*authori[sz]ation|basic auth/i;
const ABOUT_ENCODING = /encod|base ?64/i;
const ABOUT_FORMAT = /content.?type|urlencoded|json/i;

function headerAdvice({ credential, serverErrorDescription: words = '' }: Refusal): string | undefined {
	if (credential.grant === 'clientCredentialsJwt') return undefined;
	const isAboutHeader = ABOUT_HEADER.test(words);
	if (!isAboutHeader && (!ABOUT_ENCODING.test(words) || ABOUT_FORMAT.test(words))) return undefined;
	if (!sendsSecret(credential)) {
		return 'No Authorization header is sent without a Client Secret: fill it in, turn on Send Empty Secret, or check that the server allows public clients';
	}
	if (credential.clientAuthentication === 'body') {
		return isAboutHeader ? 'Set Client Authentication Type to Send Basic Authentication in Header' : undefined;
	}
	const other = credential.clientEncoding === 'form' ? 'As They Are' : 'Form Encoded';
	return CHANGED_BY_ENCODING.test(credential.clientId + credential.clientSecret)
		? `Set Client ID and Secret Encoding to ${other}, or send both in the body (Client Authentication Type)`
		: 'Send Client ID and Client Secret in the body (Client Authentication Type)';
}

/** By RFC 6749 section 5.2, RFC 8707 section 2 and what servers add to them. */
function adviceByError(refusal: Refusal): string | undefined {
	const { credential } = refusal;
	switch (refusal.serverError) {
		case 'invalid_client':
			return clientAdvice(credential);
		case 'invalid_grant':
			return grantAdvice(refusal);
		case 'invalid_scope':
			return credential.scope === ''
				? 'This server wants a scope: fill in Scope'
				: 'Check Scope: the server does not know one of them, or this client may not have it';
		case 'unauthorized_client':
			return 'Allow this client the grant in the settings of the authorization server';
		case 'unsupported_grant_type':
			if (credential.customGrantType !== '') return 'Check Custom Grant Type: the server does not know it';
			if (credential.tokenRequestMethod === 'GET') {
				return 'The server does not offer this grant, or does not read the query: try Token Request Method POST';
			}
			return credential.tokenRequestFormat === 'form'
				? 'The server does not offer this grant, or reads JSON only: try Token Request Format JSON'
				: 'The server does not offer this grant, or reads forms only: try Token Request Format Form';
		case 'invalid_request':
			return (
				headerAdvice(refusal) ??
				'Check Scope and Additional Parameters (some servers want audience or resource) and Token Request Format'
			);
		case 'consent_required':
		case 'interaction_required':
			return 'The user in Subject has to approve this client once, in a browser: see the documentation of the server';
		case 'invalid_target':
			return 'Check the resource or audience in Additional Parameters';
		default:
			return undefined;
	}
}

/** The likely cause of a refusal and what to do, in a sentence; holds nothing that the server said. */
export function adviceFor(refusal: Refusal): string {
	const { credential, statusCode, emptyBody, webPage } = refusal;
	const byError = adviceByError(refusal);
	if (byError !== undefined) return byError;
	if (statusCode === 429) return 'The server limits requests: try again later';
	if (statusCode >= 500 || statusCode === 408 || statusCode === 425)
		return 'The server is unavailable: try again later';
	if (statusCode === 405) {
		const other = credential.tokenRequestMethod === 'POST' ? 'GET' : 'POST';
		return `Check that the URL is that of the token endpoint; if it is, set Token Request Method to ${other}`;
	}
	if (statusCode === 404 || statusCode === 410) {
		return 'The URL is probably not that of the token endpoint: look it up in the documentation of the server';
	}
	if (statusCode === 415) return 'Try the other Token Request Format (Form or JSON)';
	if (credential.tls && ABOUT_CERTIFICATE.test(refusal.serverErrorDescription ?? '')) return CERTIFICATE_ADVICE;
	if (webPage) return 'The URL is probably that of a web page: look up the URL of the token endpoint';
	if (emptyBody && (statusCode === 400 || statusCode === 401 || statusCode === 403)) return silentAdvice(refusal);
	if (statusCode === 401) return clientAdvice(credential);
	if (statusCode === 403) {
		return `The server does not allow this request: check the permissions of this client. ${clientAdvice(credential)}`;
	}
	return 'Check the fields of the credential against the documentation of the server';
}
