/** Writes DER (X.690 §8.1): enough for structures that no tool makes. */
const der = (tag: number, ...content: Buffer[]): Buffer => {
	const body = Buffer.concat(content);
	const length =
		body.length < 0x80
			? [body.length]
			: body.length < 0x100
				? [0x81, body.length]
				: [0x82, body.length >> 8, body.length & 255];
	return Buffer.concat([Buffer.from([tag, ...length]), body]);
};

export const sequence = (...content: Buffer[]): Buffer => der(0x30, ...content);
export const octets = (content: Buffer): Buffer => der(0x04, content);
export const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));

/** A positive INTEGER. */
export function integer(value: bigint | number): Buffer {
	const digits = value.toString(16);
	const bytes = Buffer.from(digits.length % 2 ? `0${digits}` : digits, 'hex');
	return der(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

export function pem(label: string, bytes: Buffer): string {
	return `-----BEGIN ${label}-----\n${bytes.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`;
}
