import type { ExpiryRule } from '../oauth2/credential/expiredWhen';
import type { OAuth2Credential } from '../oauth2/credential/oAuth2Credential';
import type { DpopProver } from '../oauth2/dpop/dpopBinding';
import type { TokenFault } from '../oauth2/token/token';
import type { TokenStore } from '../oauth2/token/tokenStore';
import type { TokenTransport } from '../oauth2/token/tokenTransport';
import { fail, ok, type Result } from '../result/result';
import type { DeliveryFault } from './delivery';
import { basicHeader } from '../http/basicHeader';
import type { CredentialQuery } from '../http/credentialQuery';
import { headerField, type HeaderFields } from '../http/headers';

/** What authenticates one attempt: header fields, and parameters in the query. */
export interface Authorized extends HeaderFields {
	/** Goes to the destination's own origin alone, and is no part of any URL that is shown. */
	query?: CredentialQuery;
	/** What must not appear in anything that is shown: the token, the password. */
	secrets: string[];
	/** With an OAuth 2.0 token: the statuses that mean, by the credential, that it has expired. */
	expiredStatusCodes?: readonly number[];
	/** The same, reported in the body of a response. */
	expiredWhen?: readonly ExpiryRule[];
	/** With a token that needs one: makes the proof of each request that carries it. */
	prover?: DpopProver;
}

/**
 * How deliveries authenticate. One function type for every method, so that sending never asks which it is.
 */
export interface Authorization {
	/** The fields for the next attempt, or why there are none (no token could be had). */
	authorize(signal?: AbortSignal): Promise<Result<Authorized, DeliveryFault>>;
	/**
	 * Reports that an attempt with these fields got this status.
	 *
	 * @param inBody whether the body says that the token has expired, whatever the status
	 * @returns whether new fields can be had, so that sending once more makes sense
	 */
	isExpired(statusCode: number, used: Authorized, inBody?: boolean): boolean;
}

/** The same for every attempt, for good. */
export function fixedAuthorization(authorized: Authorized): Authorization {
	const result = Promise.resolve(ok(authorized));
	return { authorize: () => result, isExpired: () => false };
}

/** No credential: whatever authenticates is in the headers (mission row A1). */
export const noAuthorization = fixedAuthorization({ headers: {}, secrets: [] });

/**
 * Basic authentication, see {@link basicHeader}.
 */
export function basicAuthorization(user: string, password: string): Authorization {
	const { value, encoded } = basicHeader(user, password);
	return fixedAuthorization({
		...headerField('Authorization', value),
		secrets: [encoded, password].filter((secret) => secret !== ''),
	});
}

/**
 * A token from the process' token store: Bearer (RFC 6750 §2.1; header name and prefix as the credential says), or DPoP with
 * a proof (RFC 9449 §7.1).
 */
export function oAuth2Authorization(
	credential: OAuth2Credential,
	store: TokenStore,
	transport: TokenTransport,
): Authorization {
	let last: Authorized | undefined;
	// Tokens that may have grown old: the run's first one, and those that a destination had taken before.
	const renewable = new Set<string>();
	// One result counts for the whole try: a refused client might be locked out, and an endpoint that asks to wait, or is down,
	// would be asked again by every item.
	let refused: DeliveryFault | undefined;
	const valueOf = (token: string) => (credential.headerPrefix === '' ? token : `${credential.headerPrefix} ${token}`);
	return {
		async authorize(signal) {
			if (refused !== undefined) return fail(refused);
			const result = await store.get(credential, transport, signal);
			if (!result.ok) {
				const fault = deliveryFault(result.fault);
				if (fault.code !== 'CANCELLED') refused = fault;
				return fail(fault);
			}
			const token = result.value.accessToken;
			if (last === undefined) renewable.add(token);
			if (last?.secrets[0] !== token) {
				const { expiredStatusCodes, expiredWhen } = credential;
				const prover = result.value.binding?.withToken(token);
				last = {
					...headerField(credential.headerName, valueOf(token)),
					secrets: [token],
					expiredStatusCodes,
					expiredWhen,
					...(prover && { prover }),
				};
			}
			return ok(last);
		},
		isExpired(statusCode, used, inBody = false) {
			const token = used.secrets[0];
			if (token === undefined) return false;
			if (!inBody && !credential.expiredStatusCodes.includes(statusCode)) {
				renewable.add(token);
				return false;
			}
			// Refused although it is new: so would the next one be, and the next item's.
			if (!renewable.has(token)) return false;
			store.discard(credential, token);
			return true;
		},
	};
}

function deliveryFault({ code, statusCode, message, description, retryable, retryAfterMs }: TokenFault): DeliveryFault {
	return {
		code,
		message,
		description,
		retryable,
		...(statusCode === undefined ? {} : { statusCode }),
		...(retryAfterMs === undefined ? {} : { retryAfter: Date.now() + retryAfterMs }),
	};
}
