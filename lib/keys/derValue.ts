export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
export const SEQUENCE = 0x30;
export const CONTEXT_0 = 0xa0;

/** One value of a DER structure (X.690): its tag, and where its content starts and ends. */
export interface DerValue {
	tag: number;
	start: number;
	end: number;
}

/** Reads the value at `at`; undefined when its length does not fit the buffer or is indefinite. */
export function readValue(der: Buffer, at: number): DerValue | undefined {
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

/** The values inside a constructed one, in order, up to the first that cannot be read. */
export function children(der: Buffer, parent: DerValue | undefined): DerValue[] {
	const found: DerValue[] = [];
	for (let at = parent?.start ?? 0; parent && at < parent.end;) {
		const child = readValue(der, at);
		if (!child || child.end > parent.end) break;
		found.push(child);
		at = child.end;
	}
	return found;
}

/** An INTEGER as a number: not exact over 2^53, and undefined for another tag, a negative number or nothing. */
export function integerOf(der: Buffer, value: DerValue | undefined): number | undefined {
	if (value?.tag !== INTEGER || value.start === value.end || (der[value.start] ?? 0) >= 0x80) return undefined;
	return Number(`0x${der.toString('hex', value.start, value.end)}`);
}

/** The content of an OBJECT IDENTIFIER in hex; undefined for another tag. */
export function oidOf(der: Buffer, value: DerValue | undefined): string | undefined {
	return value?.tag === OBJECT_IDENTIFIER ? der.toString('hex', value.start, value.end) : undefined;
}
