import {
	BIT_STRING,
	children,
	CONTEXT_0,
	INTEGER,
	OCTET_STRING,
	oidOf,
	readValue,
	SEQUENCE,
	type DerValue,
} from './derValue';

/** id-ecPublicKey, 1.2.840.10045.2.1 (RFC 5480 §2.1.1). */
const EC_PUBLIC_KEY = '2a8648ce3d0201';

/**
 * Recognizes a DER structure by its outer shape, and names it by its PEM label (RFC 7468):
 * keys are pasted without armor, or under the wrong label. Gives undefined for anything else.
 */
export function pemLabelOf(der: Buffer): string | undefined {
	const outer = readValue(der, 0);
	if (outer?.tag !== SEQUENCE || outer.end !== der.length) return undefined;
	const parts = children(der, outer);
	const [first, second, third] = parts;
	if (!first || !second) return undefined;

	if (first.tag === INTEGER) return numberedLabel(der, parts);
	if (first.tag !== SEQUENCE) return undefined;
	if (second.tag === OCTET_STRING) return 'ENCRYPTED PRIVATE KEY'; // RFC 5208 §6
	if (second.tag === BIT_STRING) return 'PUBLIC KEY'; // RFC 5280 §4.1, SubjectPublicKeyInfo
	if (second.tag === SEQUENCE && third?.tag === BIT_STRING) {
		// A certificate starts with its version [0] or serial number and holds more than a request does.
		const [version] = children(der, first);
		return version?.tag === CONTEXT_0 || children(der, first).length > 5 ? 'CERTIFICATE' : 'CERTIFICATE REQUEST';
	}
	return undefined;
}

/** The label of a structure that starts with a version, or with the first number of an RSA public key. */
function numberedLabel(der: Buffer, [first, second, third]: DerValue[]): string | undefined {
	if (!first || !second) return undefined;
	const version = first.end - first.start === 1 ? der[first.start] : undefined;
	if (second.tag === SEQUENCE) {
		if (version === 3) return 'PKCS12'; // RFC 7292 §4
		// RFC 5208 §5; a curve written out (X9.62 ECParameters) has a second sequence in place of the key.
		return third?.tag === SEQUENCE ? 'EC PARAMETERS' : 'PRIVATE KEY';
	}
	if (second.tag === OCTET_STRING) return 'EC PRIVATE KEY'; // RFC 5915 §3
	if (second.tag === INTEGER) return third ? 'RSA PRIVATE KEY' : 'RSA PUBLIC KEY'; // RFC 8017 A.1
	return undefined;
}

/**
 * Whether an unencrypted private key (PKCS#8 or SEC1) writes its curve out instead of naming it, which
 * RFC 5480 §2.1.1 forbids.
 */
export function hasExplicitCurve(der: Buffer): boolean {
	const [, second, third] = children(der, readValue(der, 0));
	if (second?.tag === SEQUENCE) {
		const [algorithm, parameters] = children(der, second);
		return oidOf(der, algorithm) === EC_PUBLIC_KEY && parameters?.tag === SEQUENCE;
	}
	const parameters = third?.tag === CONTEXT_0 ? readValue(der, third.start) : undefined;
	return second?.tag === OCTET_STRING && parameters?.tag === SEQUENCE;
}
