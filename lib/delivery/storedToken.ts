import { headerField } from '../http/headers';
import { fail, ok, type Result } from '../result/result';
import type { Authorization, Authorized } from './authorization';
import type { DeliveryFault } from './delivery';

/** An access token that n8n keeps in a credential, and renews there. */
export interface StoredToken {
	/** Undefined when none was fetched yet. */
	readonly accessToken: string | undefined;
	/** The statuses that mean, by the credential, that it has expired. */
	readonly expiredStatusCodes: readonly number[];
	/**
	 * Gives the token that is stored by now, or has n8n renew the one that was refused. Never rejects.
	 *
	 * @param refused the token that is no longer taken; undefined when there is none
	 */
	renew(refused: string | undefined, signal?: AbortSignal): Promise<Result<string, DeliveryFault>>;
}

/**
 * The token of an n8n OAuth2 credential as Bearer (RFC 6750 §2.1), as n8n's HTTP Request sends it. It is renewed once for
 * all deliveries that were refused with it.
 */
export function storedTokenAuthorization({ accessToken, expiredStatusCodes, renew }: StoredToken): Authorization {
	let last = accessToken === undefined ? undefined : bearer(accessToken, expiredStatusCodes);
	let isStale = last === undefined;
	// Tokens that may have grown old: the one that was stored, and those that a destination had taken before.
	const renewable = new Set(accessToken === undefined ? [] : [accessToken]);
	// One result counts for the whole try: see `oAuth2Authorization`.
	let refused: DeliveryFault | undefined;
	let renewing: Promise<Result<Authorized, DeliveryFault>> | undefined;
	const renewed = async (signal?: AbortSignal): Promise<Result<Authorized, DeliveryFault>> => {
		const result = await renew(last?.secrets[0], signal);
		renewing = undefined;
		if (!result.ok) {
			if (result.fault.code !== 'CANCELLED') refused = result.fault;
			return result;
		}
		isStale = false;
		last = bearer(result.value, expiredStatusCodes);
		return ok(last);
	};
	return {
		async authorize(signal) {
			if (refused !== undefined) return fail(refused);
			if (last !== undefined && !isStale) return ok(last);
			return await (renewing ??= renewed(signal));
		},
		isExpired(statusCode, used) {
			const token = used.secrets[0];
			if (token === undefined) return false;
			if (!expiredStatusCodes.includes(statusCode)) {
				renewable.add(token);
				return false;
			}
			// Refused although it is new: so would the next one be, and the next item's.
			if (!renewable.has(token)) return false;
			if (token === last?.secrets[0]) isStale = true;
			return true;
		},
	};
}

const bearer = (token: string, expiredStatusCodes: readonly number[]): Authorized => ({
	...headerField('Authorization', `Bearer ${token}`),
	secrets: [token],
	expiredStatusCodes,
});
