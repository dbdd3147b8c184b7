import { createHash, createHmac, type Hmac, type KeyObject } from 'node:crypto';

import { mergedFields, headerField } from '../../http/headers';
import { fail, ok, type Fault, type Result } from '../../result/result';
import type { OutgoingMessage, SignedFields, Signer } from '../scheme';
import { digestBody, type SignedBody } from '../signedBody';
import { contentOf, isForm, partOf, withParameter, type RequestParts, type SignedParts } from './content';
import { readsBodyHash, signsAddress, type HmacShape } from './form';
import { has, written } from './template';

/** Signs by a shape, with one secret or two. */
export function hmacSigner(shape: HmacShape, secrets: readonly KeyObject[]): Signer {
	const separators = separatorsAfterId(shape);
	const needsHash = readsBodyHash(shape);
	return {
		// Over ID, time and body it says the same anywhere. Over the address, a destination that redirects, and need not have the
		// secret, could have any request signed for another receiver.
		signsForOtherOrigins: !signsAddress(shape),
		idFault(id) {
			const separator = separators.find((sign) => id.includes(sign));
			return separator === undefined ? undefined : unsignableWith(separator);
		},
		sign(message) {
			const hash = needsHash ? sha256(message.body) : '';
			return hash instanceof Promise
				? hash.then((made) => sign(message, made, shape, secrets))
				: sign(message, hash, shape, secrets);
		},
	};
}

/** What follows the ID in what is signed: an ID that has it, too, could be read in two ways. */
function separatorsAfterId({ content }: HmacShape): readonly string[] {
	return content.flatMap((part, index) => {
		const next = content[index + 1];
		return typeof part !== 'string' && part.placeholder === 'id' && typeof next === 'string' ? [next.charAt(0)] : [];
	});
}

const unsignableWith = (separator: string): Fault => ({
	message: `The Delivery ID has "${separator}", which follows the ID in what is signed`,
	description: 'Put another sign in its place, or leave Delivery ID empty.',
});

function sign(
	message: OutgoingMessage,
	bodySha256: string,
	shape: HmacShape,
	secrets: readonly KeyObject[],
): Result<SignedFields> | Promise<Result<SignedFields>> {
	const taken = takenHeader(message, shape);
	if (taken !== undefined) return fail(taken);
	const { id, timestampSeconds, method, body, headers } = message;
	const contentType = headers['content-type'] ?? '';
	const hashParameter = isForm({ contentType }) || body === '' ? undefined : shape.bodyHashParameter;
	const url = hashParameter === undefined ? undefined : withParameter(message.url, hashParameter, bodySha256);
	const request: RequestParts = {
		id,
		timestamp: String(timestampSeconds),
		timestampMs: String(timestampSeconds * 1000),
		method,
		url: url ?? message.url,
		contentType,
		body,
		bodySha256,
	};
	const content = contentOf(shape.content, request);
	if (!content.ok) return content;
	const hmacs = secrets.map((key) => createHmac(shape.algorithm, key));
	const fields = (): Result<SignedFields> => {
		const signatures = hmacs.map((hmac) => hmac.digest(shape.encoding));
		return ok({ ...fieldsOf(shape, request, signatures), ...(url !== undefined && { url }) });
	};
	const fed = feed(content.value, hmacs);
	return fed instanceof Promise ? fed.then(fields) : fields();
}

function fieldsOf({ signature, secondSignature = [], headers }: HmacShape, request: RequestParts, made: string[]) {
	const [first = '', ...others] = made;
	const value = [
		written(signature.value, (name) => (name === 'signature' ? first : partOf(request, name))),
		...others.map((other) =>
			written(secondSignature, (name) => (name === 'signature' ? other : partOf(request, name))),
		),
	].join('');
	return mergedFields(
		...headers.map((header) =>
			headerField(
				header.name,
				written(header.value, (name) => partOf(request, name)),
			),
		),
		headerField(signature.name, value),
	);
}

/** A header that is there already is the user's or another credential's: to replace it would send what nobody meant. */
function takenHeader({ headers, id }: OutgoingMessage, shape: HmacShape): Fault | undefined {
	const taken = [shape.signature, ...shape.headers].find(({ name, value }) => {
		const lower = name.toLowerCase();
		if (!Object.hasOwn(headers, lower)) return false;
		// The option Idempotency Header may send the delivery's ID under the same name.
		return !(value.length === 1 && has(value, 'id') && headers[lower] === id);
	});
	if (taken === undefined) return undefined;
	return {
		message: `The header ${taken.name} is set by the signing credential, and by the node or its other credential as well`,
		description: `Remove ${taken.name} from Header Parameters, or choose another name in the signing credential.`,
	};
}

/** Feeds what is signed to the HMACs; at once, unless the body is a stream. */
function feed(parts: SignedParts, hmacs: readonly Hmac[]): void | Promise<void> {
	const pending = parts.reduce<Promise<void> | undefined>((before, part) => {
		const next = () => digestBody(typeof part === 'string' ? part : part.body, hmacs);
		return before === undefined ? (next() ?? undefined) : before.then(next);
	}, undefined);
	return pending;
}

function sha256(body: SignedBody): string | Promise<string> {
	const hash = createHash('sha256');
	const read = digestBody(body, [hash]);
	return read instanceof Promise ? read.then(() => hash.digest('hex')) : hash.digest('hex');
}
