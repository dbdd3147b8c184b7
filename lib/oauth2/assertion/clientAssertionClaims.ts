import { fail, ok, type Fault, type Result } from '../../result/result';
import type { JwtCredential } from '../credential/oAuth2Credential';

/** The claims of an assertion (RFC 7523 §3), and further ones. Without `sub`, a grant is for the issuer (Google). */
export type ClientAssertionClaims = {
	iss: string;
	sub?: string;
	aud: string | string[];
	exp: number;
	jti: string;
	iat?: number;
} & Record<string, unknown>;

/** The most characters a `jti` has: what servers are known to take. */
const longestJwtId = 64;

/** 128 bits, Base64url: enough for two never to be the same. */
const randomBytesInJwtId = 16;
const randomLength = 22;

/** The most characters that JWT ID Prefix may have, with the dash that may follow it. */
export const longestJwtIdPrefix = longestJwtId - randomLength - 1;

/** The longest life, in seconds. Most servers refuse more than five minutes; some take an hour. */
const longestLife = 86_400;

/** The field that sets each claim which Additional Claims may not set. */
const fieldOfClaim: Readonly<Record<string, string>> = {
	iss: 'Issuer',
	sub: 'Subject',
	aud: 'Audience',
	exp: 'Assertion Lifetime',
	iat: 'Use Issued At',
	jti: 'JWT ID Prefix',
};

export type ClaimSettings = Pick<
	JwtCredential,
	| 'clientId'
	| 'accessTokenUrl'
	| 'scope'
	| 'authorizationGrant'
	| 'issuer'
	| 'subject'
	| 'audience'
	| 'expiresIn'
	| 'useIssuedAt'
	| 'jwtId'
	| 'additionalClaims'
>;

/**
 * Builds the claims. What is not set is absent, or has its default: `iss` and `sub` the client ID, `aud`
 * the access token URL. The `sub` of a grant is a user, so it has no default, and `scope` may be among its claims. There
 * is no `nbf` unless Additional Claims sets it.
 * @param nowMs the time, epoch milliseconds
 * @param random gives that many random bytes, for `jti`
 */
export function clientAssertionClaims(
	settings: ClaimSettings,
	nowMs: number,
	random: (size: number) => Buffer,
): Result<ClientAssertionClaims> {
	const iss = settings.issuer || settings.clientId;
	const sub = settings.subject || (settings.authorizationGrant ? '' : settings.clientId);
	const aud = audience(settings.audience) ?? settings.accessTokenUrl;
	const fault = claimFault(settings, { iss, aud });
	if (fault) return fail(fault);
	const now = Math.floor(nowMs / 1000);
	return ok({
		iss,
		...(sub && { sub }),
		aud,
		exp: now + settings.expiresIn,
		...(settings.useIssuedAt && { iat: now }),
		jti: freshJwtId(settings.jwtId, random),
		...(sendsScope(settings) && { scope: settings.scope }),
		...settings.additionalClaims,
	});
}

/** Whether Scope is one of the claims. */
const sendsScope = ({ scope, authorizationGrant }: ClaimSettings): boolean =>
	scope !== '' && authorizationGrant?.scopeInAssertion === true;

/** One value as a string (servers refuse the array RFC 7519 §4.1.3 would allow), several as a list; none is undefined. */
function audience(values: string | readonly string[]): string | string[] | undefined {
	const set = [...new Set([values].flat().map((value) => value.trim()))].filter((value) => value !== '');
	return set.length > 1 ? set : set[0];
}

/** The prefix, a dash where the prefix does not bring its own separator, and a random part. */
function freshJwtId(prefix: string, random: (size: number) => Buffer): string {
	const separator = /[A-Za-z0-9]$/.test(prefix) ? '-' : '';
	return `${prefix}${separator}${random(randomBytesInJwtId).toString('base64url')}`;
}

function claimFault(settings: ClaimSettings, { iss, aud }: { iss: string; aud: string | string[] }): Fault | undefined {
	if (iss === '') {
		return {
			message: 'The client ID is empty',
			description: 'Fill in Client ID in the credential: it is the issuer and subject of the assertion.',
		};
	}
	if (aud === '') {
		return {
			message: 'The audience is empty',
			description: 'Fill in Access Token URL in the credential, which is the default, or Audience.',
		};
	}
	const life = settings.expiresIn;
	if (!Number.isInteger(life) || life < 1 || life > longestLife) {
		return {
			message: `Assertion Lifetime is not a whole number of seconds from 1 to ${longestLife}`,
			description:
				'Set it to 60 in the credential: most servers refuse an assertion that is valid for over 300 seconds.',
		};
	}
	if (settings.jwtId.length > longestJwtIdPrefix) {
		return {
			message: `JWT ID Prefix is longer than ${longestJwtIdPrefix} characters`,
			description: `A random part follows it, new in every assertion, and servers take at most ${longestJwtId} characters in all.`,
		};
	}
	return additionalClaimsFault(settings.additionalClaims, {
		...fieldOfClaim,
		...(sendsScope(settings) && { scope: 'Scope' }),
	});
}

function additionalClaimsFault(
	claims: Readonly<Record<string, unknown>>,
	fields: Readonly<Record<string, string>>,
): Fault | undefined {
	const reserved = Object.keys(claims).find((name) => Object.hasOwn(fields, name));
	if (reserved !== undefined) {
		return {
			message: `Additional Claims sets "${reserved}", which has its own field`,
			description: `Remove it from Additional Claims in the credential, and use ${fields[reserved] ?? 'that field'} instead.`,
		};
	}
	if (Object.hasOwn(claims, 'nbf') && !Number.isFinite(claims['nbf'])) {
		return {
			message: 'Additional Claims sets "nbf" to something other than a number',
			description: 'It is a time in seconds since 1970 (RFC 7519 §4.1.5).',
		};
	}
	return undefined;
}
