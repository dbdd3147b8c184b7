/** Characters that are decoded at once: four represent three bytes. */
const SLICE = 4 * 16_384;

/** Slices between two turns of the event loop: a megabyte or so. */
const SLICES_A_TURN = 20;

/**
 * Decodes a file that an item has in memory, as Base64, in slices: whole, it would be there twice.
 *
 * @param base64 as n8n writes it; of anything else what `Buffer` makes of it, as n8n does
 */
export async function* base64File(base64: string): AsyncGenerator<Buffer> {
	if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
		yield Buffer.from(base64, 'base64');
		return;
	}
	for (let start = 0, slices = 1; start < base64.length; start += SLICE, slices++) {
		yield Buffer.from(base64.slice(start, start + SLICE), 'base64');
		if (slices % SLICES_A_TURN === 0) await new Promise<void>((resolve) => setImmediate(resolve));
	}
}
