import type { IDataObject } from 'n8n-workflow';

import { invalidRequest, type RequestFault } from '../result/requestFault';
import { ok, type Result } from '../result/result';
import { asText, type Pair } from '../text/asText';

/** The bytes of a request body as text, and what they are. */
export interface Body {
	text: string;
	contentType: string;
}

const JSON_TYPE = 'application/json';

/** An object as a JSON body. */
export function jsonBody(value: unknown): Result<Body, RequestFault> {
	try {
		const text = JSON.stringify(value) as string | undefined;
		if (text !== undefined) return ok({ text, contentType: JSON_TYPE });
	} catch {
		// A BigInt, or an object that contains itself.
	}
	return invalidRequest(
		'The body cannot be written as JSON',
		'It contains a value that JSON cannot represent, e.g. a BigInt or an object that contains itself. Turn it into text or a number first.',
	);
}

/**
 * The JSON of a field: text is checked and then sent as it was written (long numbers keep their digits),
 * objects are serialized.
 *
 * @param value what the field holds after its expression was evaluated
 * @param fieldName how the editor calls the field, for the fault's message
 */
export function jsonFieldBody(value: unknown, fieldName: string): Result<Body, RequestFault> {
	if (typeof value !== 'string') {
		if (value === undefined || value === null || typeof value === 'function') {
			return invalidRequest(
				`${fieldName} is empty`,
				'Fill in JSON, e.g. {"name": "value"}, or choose another Body. If it is an expression, check that it gives a value.',
			);
		}
		return jsonBody(value);
	}
	const fault = jsonFault(value);
	if (fault !== undefined) {
		return invalidRequest(
			`${fieldName} is not valid JSON: ${fault}`,
			value.includes('{{')
				? 'If {{ }} is meant as an expression, select Expression above the field: on Fixed, it is sent as text.'
				: 'Check quotes, commas and brackets there. To put values of the item in, build an object in one expression, e.g. {{ { "name": $json.name } }}: quotes inside the values are then escaped.',
		);
	}
	return ok({ text: value, contentType: JSON_TYPE });
}

/** Where a text stops being JSON, as "line 2, column 5"; nothing when it is JSON. Never quotes the text. */
function jsonFault(text: string): string | undefined {
	if (text.trim() === '') return 'it is empty';
	if (parse(text).ok) return undefined;
	const offset = faultOffset(text);
	const before = text.slice(0, offset).split('\n');
	const where = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
	return offset >= text.trimEnd().length ? `it ends too early, at ${where}` : `at ${where}`;
}

/** How long the longest start of the text is that more text could make JSON: V8 names the place of some faults only. */
function faultOffset(text: string): number {
	let good = 0;
	let bad = text.length + 1;
	while (bad - good > 1) {
		const middle = (good + bad) >> 1;
		const parsed = parse(text.slice(0, middle));
		if (parsed.ok || parsed.position >= middle) good = middle;
		else bad = middle;
	}
	return good;
}

/** Whether a text is JSON; if not, where V8 stopped reading: at its end, or somewhere before (-1 when V8 does not say). */
function parse(text: string): { ok: true } | { ok: false; position: number } {
	try {
		JSON.parse(text);
		return { ok: true };
	} catch (error) {
		const message = error instanceof Error ? error.message : '';
		const position = /position (\d+)/.exec(message)?.[1];
		const endsEarly = message.startsWith('Unexpected end');
		return { ok: false, position: endsEarly ? text.length : Number(position ?? -1) };
	}
}

/** Key-value pairs as one JSON object; of the same name the last one counts, values keep their type. */
export function keyValueObject(pairs: Pair[]): IDataObject {
	return Object.fromEntries(
		pairs.filter(({ name }) => name !== '').map(({ name, value }) => [name, value]),
	) as IDataObject;
}

/** Key-value pairs as a form (`application/x-www-form-urlencoded`); a name may repeat. */
export function formBody(pairs: Pair[]): Result<Body, RequestFault> {
	const form = new URLSearchParams();
	for (const { name, value } of pairs) {
		if (name !== '') form.append(name, asText(value));
	}
	return ok({ text: form.toString(), contentType: 'application/x-www-form-urlencoded' });
}

/** Plain text, UTF-8. */
export function textBody(value: unknown): Result<Body, RequestFault> {
	return ok({ text: asText(value), contentType: 'text/plain; charset=utf-8' });
}
