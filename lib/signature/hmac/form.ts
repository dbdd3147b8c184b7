import { isHeaderName, isHeaderValue } from '../../http/headers';
import { ok, refused, type Result } from '../../result/result';
import { quoted } from '../../text/quoted';
import { has, readTemplate, type Placeholder, type Template } from './template';

/** Hash algorithms, as the form calls them. */
export const ALGORITHMS = { sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512', sha1: 'SHA-1' } as const;

type HashAlgorithm = keyof typeof ALGORITHMS;

/** How a signature is written, as the form calls it. */
export const ENCODINGS = { hex: 'Hex', base64: 'Base64', base64url: 'Base64url' } as const;

type SignatureEncoding = keyof typeof ENCODINGS;

/** A scheme as it is filled in: by a preset, or field by field. */
export interface HmacForm {
	readonly algorithm: HashAlgorithm;
	readonly encoding: SignatureEncoding;
	/** What is signed. */
	readonly content: string;
	readonly signatureHeader: string;
	/** How the header's value is written. */
	readonly signatureFormat: string;
	/** What the signature of a previous secret adds to that value; empty where it has room for one only. */
	readonly secondSignature: string;
	/** Further headers: name and value. */
	readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
	/** A query parameter that gets the SHA-256 of a body that is no form. */
	readonly bodyHashParameter?: string;
}

/** A header as its name is written, and its value. */
interface HeaderTemplate {
	readonly name: string;
	readonly value: Template;
}

/** A scheme, read. */
export interface HmacShape {
	readonly algorithm: HashAlgorithm;
	readonly encoding: SignatureEncoding;
	readonly content: Template;
	readonly signature: HeaderTemplate;
	/** Undefined where the value has room for one signature. */
	readonly secondSignature?: Template;
	readonly headers: readonly HeaderTemplate[];
	readonly bodyHashParameter?: string;
}

const IN_CONTENT: readonly Placeholder[] = [
	'id',
	'timestamp',
	'timestampMs',
	'method',
	'url',
	'path',
	'query',
	'body',
	'bodySha256',
	'form',
];
const IN_HEADERS: readonly Placeholder[] = IN_CONTENT.filter((name) => name !== 'body' && name !== 'form');
const IN_FORMAT: readonly Placeholder[] = ['signature', 'id', 'timestamp', 'timestampMs'];

/** Reads a scheme as it is filled in, or says which field cannot be used and why. */
export function readShape(form: HmacForm): Result<HmacShape> {
	const content = readTemplate(form.content, 'Signed Content', IN_CONTENT);
	if (!content.ok) return content;
	if (content.value.length === 0) {
		return refused('Signed Content of the signing credential is empty', 'Fill in what is signed, e.g. {body}.');
	}
	const signature = readHeader(
		'Signature Header',
		form.signatureHeader,
		'Signature Value',
		form.signatureFormat,
		IN_FORMAT,
	);
	if (!signature.ok) return signature;
	if (count(signature.value.value) !== 1) {
		return refused(
			'Signature Value of the signing credential needs {signature}, once',
			'Write where the signature goes, e.g. sha256={signature}.',
		);
	}
	const second = form.secondSignature === '' ? undefined : readSecond(form.secondSignature);
	if (second?.ok === false) return second;
	const headers: HeaderTemplate[] = [];
	for (const [name, value] of form.headers) {
		const header = readHeader('A header', name, `The header ${name}`, value, IN_HEADERS);
		if (!header.ok) return header;
		headers.push(header.value);
	}
	const names = [signature.value, ...headers].map(({ name }) => name.toLowerCase());
	const twice = names.find((name, index) => names.indexOf(name) !== index);
	if (twice !== undefined) {
		return refused(
			`The signing credential sets the header ${quoted(twice)} twice`,
			'Remove one of them from Signature Header and Further Headers.',
		);
	}
	const shape: HmacShape = {
		algorithm: form.algorithm,
		encoding: form.encoding,
		content: content.value,
		signature: signature.value,
		headers,
		...(second !== undefined && { secondSignature: second.value }),
		...(form.bodyHashParameter !== undefined && { bodyHashParameter: form.bodyHashParameter }),
	};
	const unsent = (['timestamp', 'timestampMs'] as const).some((name) => has(shape.content, name)) && !sendsTime(shape);
	return unsent
		? refused(
				'Signed Content has the time, and no header of the signing credential sends it',
				'The receiver could not check the signature. Add a header with {timestamp} to Further Headers, or {timestamp} to Signature Value.',
			)
		: ok(shape);
}

/** Whether the hash of the body is needed, for which it is read by itself. */
export const readsBodyHash = ({ bodyHashParameter, content, headers }: HmacShape): boolean =>
	bodyHashParameter !== undefined ||
	[content, ...headers.map(({ value }) => value)].some((part) => has(part, 'bodySha256'));

/** Whether the signature is for an address: it says something else at another one. */
export const signsAddress = ({ content, bodyHashParameter }: HmacShape): boolean =>
	bodyHashParameter !== undefined || (['url', 'path', 'query'] as const).some((part) => has(content, part));

/** Whether a receiver learns the time of signing. */
function sendsTime({ signature, headers }: HmacShape): boolean {
	return [signature, ...headers].some(({ value }) => has(value, 'timestamp') || has(value, 'timestampMs'));
}

const count = (template: Template) =>
	template.filter((part) => typeof part !== 'string' && part.placeholder === 'signature').length;

/** It begins with what separates it, by which a receiver takes the signatures apart. */
function readSecond(text: string): Result<Template> {
	const template = readTemplate(text, 'Second Signature', IN_FORMAT);
	if (!template.ok) return template;
	const [first] = template.value;
	if (count(template.value) === 1 && isHeaderValue(text) && typeof first === 'string' && /^[,; |]/.test(first)) {
		return template;
	}
	return refused(
		'Second Signature of the signing credential cannot follow the first one',
		'Begin it with a comma, a semicolon, a bar or a space, and write {signature} once, e.g. ,v1={signature}. Leave it empty where the receiver takes one signature.',
	);
}

function readHeader(
	nameLabel: string,
	name: string,
	valueLabel: string,
	value: string,
	allowed: readonly Placeholder[],
): Result<HeaderTemplate> {
	const trimmed = name.trim();
	if (!isHeaderName(trimmed) || trimmed.toLowerCase() === 'host') {
		return refused(
			trimmed === ''
				? `${nameLabel} of the signing credential has no name`
				: `${nameLabel} of the signing credential cannot be called ${quoted(trimmed)}`,
			'Use letters, digits and hyphens, e.g. X-Signature, and none of the headers that the connection sets.',
		);
	}
	const template = readTemplate(value.trim(), valueLabel, allowed);
	if (!template.ok) return template;
	if (isHeaderValue(value)) return ok({ name: trimmed, value: template.value });
	return refused(
		`${valueLabel} of the signing credential has line breaks, control characters or characters beyond Latin-1`,
		'Remove them.',
	);
}
