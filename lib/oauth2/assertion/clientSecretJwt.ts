import { randomBytes } from 'node:crypto';

import { CompactSign } from 'jose';

import { ok, refused, type Result } from '../../result/result';
import type { SecretJwtFields } from '../credential/oAuth2Credential';

/** RFC 7518 section 3.2: a key is at least as long as the hash, in bytes. */
const SHORTEST_SECRET: Readonly<Record<SecretJwtFields['algorithm'], number>> = { HS256: 32, HS384: 48, HS512: 64 };

/** Seconds from now to `exp`. */
const LIFE = 60;

export interface ClientSecretJwtOptions {
	/** The time, epoch milliseconds; `Date.now` by default. */
	readonly now?: () => number;
	/** Gives random bytes, for `jti`; node:crypto's by default. */
	readonly random?: (size: number) => Buffer;
}

/**
 * Makes the assertion by which a client proves its secret without sending it: `client_secret_jwt` (OpenID Connect Core
 * section 9, RFC 7523 section 2.2), an HMAC over the client ID, the audience, a time and an ID. A new one for every request.
 *
 * @returns the JWS in compact form; a fault for a secret that is too short. Never throws
 */
export async function createClientSecretJwt(
	clientId: string,
	clientSecret: string,
	{ algorithm, audience }: SecretJwtFields,
	{ now = Date.now, random = randomBytes }: ClientSecretJwtOptions = {},
): Promise<Result<string>> {
	const key = Buffer.from(clientSecret, 'utf8');
	if (key.length < SHORTEST_SECRET[algorithm]) {
		return refused(
			`Client Secret is too short for ${algorithm}: it must have at least ${SHORTEST_SECRET[algorithm]} bytes`,
			'Create a longer secret at the server, or select another Client Authentication Type',
		);
	}
	const iat = Math.floor(now() / 1000);
	const claims = {
		iss: clientId,
		sub: clientId,
		aud: audience,
		exp: iat + LIFE,
		iat,
		jti: random(16).toString('base64url'),
	};
	try {
		return ok(
			await new CompactSign(Buffer.from(JSON.stringify(claims)))
				.setProtectedHeader({ alg: algorithm, typ: 'JWT' })
				.sign(key),
		);
	} catch {
		return refused('The client assertion could not be signed with the client secret', 'Check Client Secret');
	}
}
