/**
 * Tells from the outer shape of a DER structure what it is, and names it by its PEM label (RFC 7468):
 * keys are pasted without armour, or under the wrong label. Gives undefined for anything else.
 */
export function pemLabelOf(der: Buffer): string | undefined {
	const outer = readValue(der, 0);
	if (outer?.tag !== SEQUENCE || outer.end !== der.length) return undefined;
	const [first, second, third] = children(der, outer);
	if (!first || !second) return undefined;

	if (first.tag === INTEGER) {
		const version = first.end - first.start === 1 ? der[first.start] : undefined;
		if (second.tag === SEQUENCE) return version === 3 ? 'PKCS12' : 'PRIVATE KEY'; // RFC 7292 §4, RFC 5208 §5
		if (second.tag === OCTET_STRING) return 'EC PRIVATE KEY'; // RFC 5915 §3
		if (second.tag === INTEGER) return third ? 'RSA PRIVATE KEY' : 'RSA PUBLIC KEY'; // RFC 8017 A.1
		return undefined;
	}
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

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const SEQUENCE = 0x30;
const CONTEXT_0 = 0xa0;

/** One value of a DER structure: its tag, and where its content starts and ends. */
interface DerValue {
	tag: number;
	start: number;
	end: number;
}

/** Reads the value at `at`, or gives undefined where its length does not fit the buffer. */
function readValue(der: Buffer, at: number): DerValue | undefined {
	const tag = der[at];
	const short = der[at + 1];
	if (tag === undefined || short === undefined) return undefined;
	if (short < 0x80) return within(der, { tag, start: at + 2, end: at + 2 + short });
	const size = short & 0x7f;
	if (size < 1 || size > 4 || at + 2 + size > der.length) return undefined;
	const start = at + 2 + size;
	return within(der, { tag, start, end: start + der.readUIntBE(at + 2, size) });
}

function within(der: Buffer, value: DerValue): DerValue | undefined {
	return value.end <= der.length ? value : undefined;
}

function children(der: Buffer, parent: DerValue): DerValue[] {
	const found: DerValue[] = [];
	for (let at = parent.start; at < parent.end; ) {
		const child = readValue(der, at);
		if (!child || child.end > parent.end) break;
		found.push(child);
		at = child.end;
	}
	return found;
}
