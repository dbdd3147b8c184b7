import { readHmacSigner, readHmacVerifier } from '../../../../lib/signature/hmac/credential';
import type { Result } from '../../../../lib/result/result';
import type { IncomingMessage, OutgoingMessage, SignedFields } from '../../../../lib/signature/scheme';
import type { SignedBody } from '../../../../lib/signature/signedBody';

const secret = 'It is a secret: ü';

/** 2026-01-02 03:04:05 UTC. */
const now = 1_767_323_045;

export const delivery: OutgoingMessage = {
	id: 'msg_1',
	timestampSeconds: now,
	method: 'POST',
	url: new URL('https://hooks.example.com/in/ü?a=b%20c&d=1&d=2'),
	headers: { 'content-type': 'application/json', accept: '*/*' },
	body: '{"name":"Zoë"}',
};

/** A credential of the scheme in a shape of one's own, as its form has it with these fields changed. */
export const custom = (more: Record<string, unknown> = {}) => ({ scheme: 'hmac', preset: 'custom', secret, ...more });

/** `Further Headers`, as the form saves them. */
export const headerRows = (...rows: Array<[name: string, value: string]>) => ({
	parameters: rows.map(([name, value]) => ({ name, value })),
});

/** What signs a request, or what is against it. */
export async function sign(
	data: Record<string, unknown>,
	message: Partial<OutgoingMessage> = {},
): Promise<Result<SignedFields>> {
	const signer = readHmacSigner(data);
	return signer.ok ? await signer.value.sign({ ...delivery, ...message }) : signer;
}

/** The headers that sign a request, by lowercase name. */
export async function signed(
	data: Record<string, unknown>,
	message: Partial<OutgoingMessage> = {},
): Promise<Record<string, string>> {
	const made = await sign(data, message);
	if (!made.ok) throw new Error(`${made.fault.message}. ${made.fault.description}`);
	return made.value.headers;
}

/** Why nothing is signed: message and description. */
export async function refusal(data: Record<string, unknown>, message: Partial<OutgoingMessage> = {}): Promise<string> {
	const made = await sign(data, message);
	return made.ok ? 'no fault' : `${made.fault.message}. ${made.fault.description}`;
}

/** What verifying comes to: `genuine`, or the reason. */
export async function verified(data: Record<string, unknown>, message: Partial<IncomingMessage> = {}): Promise<string> {
	const verifier = readHmacVerifier(data);
	if (!verifier.ok) return verifier.fault.message;
	const { method, url } = delivery;
	const given = { method, url, headers: {}, body: Buffer.from(delivery.body as string), ...message };
	const result = await verifier.value.verify(given, { toleranceSeconds: 300, nowSeconds: now });
	return result.ok ? 'genuine' : result.fault.reason;
}

/** A body that comes in pieces of so many bytes, each time it is opened. */
export const streamed = (bytes: Uint8Array, size: number): SignedBody => ({
	length: bytes.length,
	async *open() {
		for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
	},
});
