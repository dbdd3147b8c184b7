import { createHash, createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';

import { fail, ok, type Result } from '../../result/result';
import { decodeStandardBase64 } from '../../text/base64';
import type { IncomingMessage, Verified, VerifyFault, VerifyRules } from '../scheme';
import { malformedHeader, missingHeader, noMatch, readTimestamp } from '../verifyFault';
import { contentOf, isForm, type RequestParts } from './content';
import { readsBodyHash, type HmacShape } from './form';
import { has, patternOf, type Placeholder, type Template } from './template';

/** More signatures than any sender makes: each costs a comparison. */
const MAX_SIGNATURES = 16;

/** What the headers of a request say by a shape. */
interface Said {
	readonly id?: string;
	/** In seconds since 1970, as digits. */
	readonly timestamp?: string;
	readonly timestampMs?: string;
	readonly signatures: readonly string[];
}

/** Verifies a request by a shape: one signature that one of the secrets has made is enough. */
export function verifyHmac(
	message: IncomingMessage,
	rules: VerifyRules,
	shape: HmacShape,
	secrets: readonly KeyObject[],
): Result<Verified, VerifyFault> {
	const said = readHeaders(message, shape);
	if (!said.ok) return said;
	const { id, timestamp, timestampMs, signatures } = said.value;
	const signs = (...names: Placeholder[]) => names.some((name) => has(shape.content, name));
	const signsTime = signs('timestamp', 'timestampMs');
	if (signsTime && timestamp === undefined) return malformedHeader(timeHeader(shape), 'It has the time of signing.');
	const time = signsTime ? readTimestamp(timeHeader(shape), timestamp, rules) : undefined;
	if (time?.ok === false) return time;
	if (signs('id') && id === undefined) return missingHeader(headerWith(shape, 'id') ?? "delivery's ID");
	if (message.url === undefined && (signs('url', 'path', 'query') || shape.bodyHashParameter !== undefined)) {
		return fail({
			reason: 'MALFORMED',
			message: 'The signature covers the URL, and the URL of the request is not known',
			description: 'Fill in URL of this operation with the URL that the sender calls.',
		});
	}
	const request: RequestParts = {
		id: id ?? '',
		timestamp: timestamp ?? '',
		timestampMs: timestampMs ?? '',
		method: message.method,
		...(message.url !== undefined && { url: message.url }),
		contentType: message.headers['content-type'] ?? '',
		body: message.body,
		bodySha256: readsBodyHash(shape) ? createHash('sha256').update(message.body).digest('hex') : '',
	};
	const content = contentOf(shape.content, request);
	if (!content.ok) return fail({ reason: 'MALFORMED', ...content.fault });
	const isGenuine = secrets.some((key) => {
		const hmac = createHmac(shape.algorithm, key);
		for (const part of content.value) hmac.update(typeof part === 'string' ? part : message.body);
		const right = hmac.digest();
		return signatures.some((signature) => isEqual(right, signature, shape));
	});
	if (!isGenuine) return fail(noMatch(shape.signature.name));
	const uncovered = bodyFault(request, message, shape);
	if (uncovered !== undefined) return fail(uncovered);
	return ok({
		...(signs('id') && { id: id! }),
		...(time !== undefined && { timestampSeconds: time.value }),
	});
}

const timeHeader = (shape: HmacShape): string =>
	headerWith(shape, 'timestamp') ?? headerWith(shape, 'timestampMs') ?? shape.signature.name;

const headerWith = ({ signature, headers }: HmacShape, name: Placeholder): string | undefined =>
	[...headers, signature].find(({ value }) => has(value, name))?.name;

function isEqual(right: Buffer, text: string, { encoding }: HmacShape): boolean {
	const given = decoded(text, encoding);
	return given !== undefined && given.length === right.length && timingSafeEqual(right, given);
}

function decoded(text: string, encoding: HmacShape['encoding']): Buffer | undefined {
	switch (encoding) {
		case 'hex':
			return /^([0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, 'hex') : undefined;
		case 'base64':
			return decodeStandardBase64(text);
		case 'base64url':
			return /^[\w-]+=*$/.test(text) ? Buffer.from(text, 'base64url') : undefined;
	}
}

/** A body that is signed by its hash in the URL is that one. */
function bodyFault(request: RequestParts, { body, url }: IncomingMessage, shape: HmacShape): VerifyFault | undefined {
	const { bodyHashParameter } = shape;
	if (bodyHashParameter === undefined || isForm(request) || body.length === 0) return undefined;
	const given = url?.searchParams.get(bodyHashParameter);
	if (given === null || given === undefined) {
		return {
			reason: 'NOT_COVERED',
			message: `The signature does not cover the body: the URL has no ${bodyHashParameter}`,
			description: 'Fill in URL of this operation with all of the URL that the sender called, its query included.',
		};
	}
	return given.toLowerCase() === request.bodySha256 ? undefined : noMatch(bodyHashParameter);
}

function readHeaders({ headers }: IncomingMessage, shape: HmacShape): Result<Said, VerifyFault> {
	const values = new Map<Placeholder, string>();
	const keep = (groups: Partial<Record<string, string>>) => {
		for (const [name, value] of Object.entries(groups)) {
			if (value !== undefined && !values.has(name as Placeholder)) values.set(name as Placeholder, value);
		}
	};
	const { name, value } = shape.signature;
	const header = headers[name.toLowerCase()]?.trim() ?? '';
	if (header === '') return missingHeader(name);
	const signatures = readSignatures(header, shape, keep);
	if (signatures.length === 0 || signatures.length > MAX_SIGNATURES) {
		return malformedHeader(name, `It is written like ${shown(value)}.`);
	}
	for (const further of shape.headers) {
		const isSigned = (['id', 'timestamp', 'timestampMs'] as const).some(
			(part) => has(further.value, part) && has(shape.content, part),
		);
		if (!isSigned) continue;
		const text = headers[further.name.toLowerCase()]?.trim() ?? '';
		if (text === '') return missingHeader(further.name);
		const groups = patternOf(further.value).exec(text)?.groups;
		if (groups === undefined) return malformedHeader(further.name, `It is written like ${shown(further.value)}.`);
		keep(groups);
	}
	const seconds = values.get('timestamp');
	const ms = values.get('timestampMs');
	const id = values.get('id');
	return ok({
		signatures,
		...(id !== undefined && { id }),
		...((seconds ?? ms) !== undefined && {
			timestamp: seconds ?? ms!.replace(/\d{3}$/, ''),
			timestampMs: ms ?? `${seconds!}000`,
		}),
	});
}

const shown = (template: Template): string =>
	template.map((part) => (typeof part === 'string' ? part : `{${part.placeholder}}`)).join('');

/**
 * The signatures in a header. Where a second one may follow, the value is a list: each of its parts that is written as a part
 * of the template counts, others are left out (Stripe's `v0`).
 */
function readSignatures(
	header: string,
	{ signature, secondSignature }: HmacShape,
	keep: (groups: Partial<Record<string, string>>) => void,
): string[] {
	if (secondSignature === undefined) {
		const { signature: only, ...others } = patternOf(signature.value).exec(header)?.groups ?? {};
		keep(others);
		return only === undefined ? [] : [only];
	}
	const separator = (secondSignature[0] as string).charAt(0);
	const patterns = [...partsBetween(signature.value, separator), ...partsBetween(secondSignature, separator)].map(
		patternOf,
	);
	const signatures: string[] = [];
	for (const part of header.split(separator)) {
		const groups = patterns.map((pattern) => pattern.exec(part.trim())?.groups).find((found) => found !== undefined);
		if (groups === undefined) continue;
		const { signature: found, ...others } = groups;
		keep(others);
		if (found !== undefined) signatures.push(found);
	}
	return [...new Set(signatures)];
}

/** A template's parts between its separators, without those that are empty. */
function partsBetween(template: Template, separator: string): Template[] {
	const parts: Array<Array<Template[number]>> = [[]];
	for (const part of template) {
		if (typeof part !== 'string') {
			parts.at(-1)!.push(part);
			continue;
		}
		part.split(separator).forEach((text, index) => {
			if (index > 0) parts.push([]);
			const trimmed = text.trim();
			if (trimmed !== '') parts.at(-1)!.push(trimmed);
		});
	}
	// A part without a placeholder says nothing, and would match itself only.
	return parts.filter((part) => part.some((piece) => typeof piece !== 'string'));
}
