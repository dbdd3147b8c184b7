import type { CredentialData } from '../oauth2/credential/credentialFields';
import { ok, refused, type Result } from '../result/result';
import type { PublicKeys } from '../keys/jwks';
import {
	readHttpMessagePublicKeys,
	readHttpMessageSigner,
	readHttpMessageVerifier,
} from './httpMessageSignatures/credential';
import { readHmacSigner, readHmacVerifier } from './hmac/credential';
import { SCHEMES, type Scheme, type Signer, type Verifier } from './scheme';
import { readStandardWebhooksSigner, readStandardWebhooksVerifier } from './standardWebhooksScheme';

/** What a scheme makes of a signing credential's fields. A private key is opened off the event loop, so it may take a while. */
interface SchemeReader {
	signer(data: CredentialData): Result<Signer> | Promise<Result<Signer>>;
	verifier(data: CredentialData): Result<Verifier> | Promise<Result<Verifier>>;
}

const READERS: Record<Scheme, SchemeReader> = {
	standardWebhooks: { signer: readStandardWebhooksSigner, verifier: readStandardWebhooksVerifier },
	hmac: { signer: readHmacSigner, verifier: readHmacVerifier },
	httpMessageSignatures: { signer: readHttpMessageSigner, verifier: readHttpMessageVerifier },
};

/**
 * The scheme that a signing credential names. One that was saved before there were others is of Standard Webhooks.
 *
 * @param data decrypted, with its expressions resolved
 */
export function schemeOf(data: CredentialData): Result<Scheme> {
	const given = Object.hasOwn(data, 'scheme') ? data.scheme : undefined;
	if (given === undefined) return ok('standardWebhooks');
	if (typeof given === 'string' && Object.hasOwn(SCHEMES, given)) return ok(given as Scheme);
	return refused(
		'Scheme of the signing credential has a value that does not exist',
		`Select ${Object.values(SCHEMES).join(', ')} in the credential.`.replace(/, ([^,]*)$/, ' or $1'),
	);
}

/**
 * Reads a signing credential for the scheme that the node asks for. Nothing is signed by another one than both name: a
 * receiver that checks the one would refuse the other, or not check at all.
 */
export async function readSigner(data: CredentialData, expected: Scheme): Promise<Result<Signer>> {
	const scheme = schemeOf(data);
	if (!scheme.ok) return scheme;
	if (scheme.value !== expected) {
		return refused(
			`Signing is ${SCHEMES[expected]} in the node, but the signing credential is for ${SCHEMES[scheme.value]}`,
			`Select ${SCHEMES[scheme.value]} under Signing, or a credential whose Scheme is ${SCHEMES[expected]}.`,
		);
	}
	return await READERS[expected].signer(data);
}

/** Reads a signing credential for verifying what comes in, by the scheme that it names. */
export async function readVerifier(
	data: CredentialData,
): Promise<Result<{ readonly scheme: Scheme; readonly verifier: Verifier }>> {
	const scheme = schemeOf(data);
	if (!scheme.ok) return scheme;
	const verifier = await READERS[scheme.value].verifier(data);
	return verifier.ok ? ok({ scheme: scheme.value, verifier: verifier.value }) : verifier;
}

/** The public key of a signing credential, and the JWK Set that is valid while a rotation lasts. */
export async function readPublicKeysOf(data: CredentialData): Promise<Result<PublicKeys>> {
	const scheme = schemeOf(data);
	if (!scheme.ok) return scheme;
	if (scheme.value === 'httpMessageSignatures') return await readHttpMessagePublicKeys(data);
	return refused(
		`A signing credential for ${SCHEMES[scheme.value]} has no public key`,
		`Select a credential whose Scheme is ${SCHEMES.httpMessageSignatures}.`,
	);
}
