import { isAllowedDomain } from '../../http/allowedDomains';
import { OUTSIDE_ALLOWED_DOMAINS } from '../../http/networkFault';
import { fail, ok } from '../../result/result';
import { DpopBinding } from '../dpop/dpopBinding';
import { isProofError } from '../dpop/proofRefusal';
import { createClientAssertion } from '../assertion/createClientAssertion';
import { certificateFor, thumbprintOf } from './clientTls';
import { clientAuthenticationOf, type SignAssertion } from './clientAuthentication';
import { exchange } from './exchange';
import { secretsOf } from '../credential/credentialSecrets';
import { type Grant, initialGrant, refreshGrant, tokenHttpRequest } from './grant';
import { located, type LocatingTools, relocate } from './located';
import type { OAuth2Credential } from '../credential/oAuth2Credential';
import { parseUrl } from '../../text/parseUrl';
import { cleanServerText } from '../../text/redaction';
import type { TokenResult } from './token';
import { preparationFault, transportFault } from './tokenFault';
import { readTokenResponse } from './tokenResponse';
import { endpointLabel } from '../credential/tokenUrl';

/** What a token request needs from outside. */
export interface TokenRequestTools extends LocatingTools {
	/** Epoch milliseconds; the system's clock when left out. */
	readonly now?: () => number;
	/** Signs client assertions; `createClientAssertion` when left out. */
	readonly signAssertion?: SignAssertion;
	/** For a credential with DPoP: what its token is to be bound to; a separate one when left out. */
	readonly binding?: DpopBinding;
}

/**
 * One token request and its response; with DPoP, one more when the server wants its nonce in the proof (RFC 9449 §8). Never
 * rejects.
 *
 * @param nonce that the server has just asked for
 * @internal exported for its tests; `obtainToken` chooses the grant
 */
export async function requestToken(
	credential: OAuth2Credential,
	grant: Grant,
	tools: TokenRequestTools,
	nonce?: string,
): Promise<TokenResult> {
	const endpoint = endpointLabel(grant.url);
	if (!isAllowedDomain(parseUrl(grant.url)?.hostname ?? '', credential.allowedDomains)) {
		return fail(transportFault(endpoint, OUTSIDE_ALLOWED_DOMAINS));
	}
	const authenticated = await clientAuthenticationOf(credential, tools.signAssertion ?? createClientAssertion)();
	if (!authenticated.ok) return fail(preparationFault(endpoint, authenticated.fault));
	const authentication = authenticated.value;

	const certificate = credential.tls ? await certificateFor(credential.tls, grant.url) : ok(undefined);
	if (!certificate.ok) return fail(preparationFault(endpoint, certificate.fault));

	const parameters = [...grant.parameters, ...authentication.parameters];
	const headers = { ...Object.fromEntries(credential.tokenRequestHeaders), ...authentication.headers };
	const request = tokenHttpRequest(grant.url, credential, parameters, headers);
	if (certificate.value) request.clientCertificate = certificate.value;
	const refreshTokens = grant.parameters.filter(([name]) => name === 'refresh_token').map(([, value]) => value);
	const secrets = [...secretsOf(credential), ...authentication.secrets, ...refreshTokens];

	const binding = credential.tokenBinding === 'dpop' ? (tools.binding ?? new DpopBinding()) : undefined;
	const url = parseUrl(request.url);
	const proof = url && binding?.atTokenEndpoint.proof(request.method, url, nonce);
	if (proof !== undefined) {
		request.headers.dpop = proof;
		secrets.push(proof);
	}

	const sentAt = (tools.now ?? Date.now)();
	const answer = await exchange(tools, request);
	if (!answer.ok) {
		const { code, cause } = answer.fault;
		return fail(
			transportFault(endpoint, { code, cause: cleanServerText(cause, secrets) }, credential.tls !== undefined),
		);
	}
	const given = url && binding?.atTokenEndpoint.note(url, answer.value.headers);
	const read = readTokenResponse({ credential, kind: grant.kind, endpoint, secrets, sentAt }, answer.value);
	const result = read.ok && certificate.value ? ok({ ...read.value, ...thumbprintOf(certificate.value) }) : read;
	if (binding === undefined) return result;
	if (result.ok) return ok({ ...result.value, binding });
	const isAsked = nonce === undefined && given !== undefined && result.fault.serverError === 'use_dpop_nonce';
	// With another assertion, too: one is good for one request.
	return isAsked ? await requestToken(credential, grant, { ...tools, binding }, given) : result;
}

/** The server refused the refresh token, and not the client: asking with the password can still help. */
function refreshTokenIsDead(result: TokenResult): boolean {
	if (result.ok) return false;
	const { code, retryable, statusCode, serverError } = result.fault;
	return (
		code === 'TOKEN' &&
		!retryable &&
		statusCode !== undefined &&
		serverError !== 'invalid_client' &&
		!isProofError(serverError)
	);
}

/**
 * Gets a token: by refresh when there is a refresh token (RFC 6749 section 6), else by the credential's
 * grant. A refused refresh (`invalid_grant`, and what servers say in its place) leads to one password
 * grant; a fault that passes does not, so that the refresh token can be used again. Where the token endpoint is comes from
 * the metadata of the issuer, when the credential does not say it.
 *
 * @param refreshToken of an earlier response, for the password grant
 * @returns the token; it carries the old refresh token when the server sent no new one. Never rejects.
 */
export async function obtainToken(
	credential: OAuth2Credential,
	refreshToken: string | undefined,
	tools: TokenRequestTools,
): Promise<TokenResult> {
	const at = await located(credential, tools);
	if (!at.ok) return at;
	const result = await obtainAt(at.value, refreshToken, tools);
	if (!result.ok) relocate(tools, credential, result.fault);
	return result;
}

async function obtainAt(
	credential: OAuth2Credential,
	refreshToken: string | undefined,
	tools: TokenRequestTools,
): Promise<TokenResult> {
	if (credential.grant === 'password' && refreshToken !== undefined) {
		const refreshed = await requestToken(credential, refreshGrant(credential, refreshToken), tools);
		if (refreshed.ok) return ok({ refreshToken, ...refreshed.value });
		if (!refreshTokenIsDead(refreshed)) return refreshed;
	}
	return await requestToken(credential, initialGrant(credential), tools);
}
