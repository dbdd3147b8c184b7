import { randomBytes } from 'node:crypto';

import { CompactSign } from 'jose';

import { readCertificate, type CertificateHeader } from '../../keys/certificate';
import { signingMisfit } from '../../keys/chooseSigningKey';
import { importSigningKey } from '../../keys/signingKey';
import { fail, ok, refused, type Result } from '../../result/result';
import type { JwtCredential } from '../credential/oAuth2Credential';
import { clientAssertionClaims, type ClaimSettings, type ClientAssertionClaims } from './clientAssertionClaims';
import { clientAssertionHeader, type ClientAssertionHeader } from './clientAssertionHeader';

/** `client_assertion_type` of a token request (RFC 7523 §2.2). */
export const clientAssertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** `grant_type` of a token request whose grant is the assertion (RFC 7523 §2.1). */
export const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** The fields of a JWT credential that its assertion is made of. */
export type ClientAssertionSettings = ClaimSettings &
	Pick<
		JwtCredential,
		'algorithm' | 'privateKey' | 'passphrase' | 'headerType' | 'keyId' | 'contentType' | 'critical' | 'certificate'
	> & {
		/** What the header says of the certificate; the SHA-256 thumbprint by default. */
		readonly certificateHeaders?: readonly CertificateHeader[];
	};

/** For tests and for servers with special needs; all have defaults. */
export interface ClientAssertionOptions {
	/** The time, epoch milliseconds; `Date.now` by default. */
	now?: () => number;
	/** `aud`, in place of the credential's. */
	audience?: string;
	/** Gives random bytes, for `jti`; node:crypto's by default. */
	random?: (size: number) => Buffer;
}

/** A signed assertion, and what it says. */
export interface ClientAssertion {
	/** The JWS in compact form, for the parameter `client_assertion`. */
	readonly clientAssertion: string;
	readonly header: ClientAssertionHeader;
	readonly payload: ClientAssertionClaims;
}

/**
 * Makes the assertion that a client authenticates with at the token endpoint, or that is its grant (RFC 7521 §4.1 and
 * §4.2, RFC 7523 §3): a JWT signed with the credential's private key. Make a new one for every token request: servers refuse
 * a `jti` they have seen. Never throws; a fault shows nothing of the key.
 *
 * @example
 * const made = await createClientAssertion(credential);
 * if (made.ok) form.set('client_assertion', made.value.clientAssertion);
 */
export async function createClientAssertion(
	credential: ClientAssertionSettings,
	{ now = Date.now, audience, random = randomBytes }: ClientAssertionOptions = {},
): Promise<Result<ClientAssertion>> {
	const key = await importSigningKey(credential.privateKey, credential.passphrase, credential);
	if (!key.ok) return key;
	const { privateKey, keyId } = key.value;
	const misfit = signingMisfit(key.value, credential.algorithm);
	if (misfit) return fail(misfit);
	const certificate = readCertificate(
		credential.certificate,
		privateKey,
		credential.certificateHeaders ?? ['x5t#S256'],
	);
	if (!certificate.ok) return certificate;
	const claims = clientAssertionClaims({ ...credential, ...(audience && { audience }) }, now(), random);
	if (!claims.ok) return claims;
	const payload = claims.value;
	const made = clientAssertionHeader({ ...credential, keyId }, certificate.value, payload);
	if (!made.ok) return made;
	const header = made.value;

	try {
		const clientAssertion = await new CompactSign(Buffer.from(JSON.stringify(payload)))
			.setProtectedHeader(header)
			.sign(privateKey, { crit: Object.fromEntries((header.crit ?? []).map((name) => [name, true])) });
		return ok({ clientAssertion, header, payload });
	} catch {
		return refused(
			'The client assertion could not be signed with the private key',
			'Check that Private Key and Algorithm in the credential belong together and that the key is complete.',
		);
	}
}
