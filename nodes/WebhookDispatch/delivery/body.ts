import type { IDataObject } from 'n8n-workflow';

import { invalidRequest, ok, type RequestFault, type Result } from './codes';
import { asText, type Pair } from './destinationUrl';

/** The bytes of a request body as text, and what they are. */
export interface Body {
	text: string;
	contentType: string;
}

const JSON_TYPE = 'application/json';

/** An object as a JSON body. */
export function jsonBody(value: unknown): Result<Body, RequestFault> {
	return ok({ text: JSON.stringify(value), contentType: JSON_TYPE });
}

/**
 * The JSON of a field: text is checked and then sent as it was written (long numbers keep their digits),
 * objects are serialised.
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
			'Check quotes, commas and brackets there. To put values of the item in, build an object in one expression, e.g. {{ { "name": $json.name } }}: quotes inside the values are then taken care of.',
		);
	}
	return ok({ text: value, contentType: JSON_TYPE });
}

/** Where a text stops being JSON, as "line 2, column 5"; nothing when it is JSON. Never quotes the text. */
function jsonFault(text: string): string | undefined {
	if (text.trim() === '') return 'it is empty';
	try {
		JSON.parse(text);
		return undefined;
	} catch (error) {
		const message = error instanceof Error ? error.message : '';
		const position = /position (\d+)/.exec(message)?.[1];
		// V8 gives no position when the text simply ends.
		const offset = position === undefined ? text.length : Number(position);
		const before = text.slice(0, offset).split('\n');
		const where = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
		return offset >= text.trimEnd().length ? `it ends too early, at ${where}` : `at ${where}`;
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
