import type { IDataObject } from 'n8n-workflow';

import { invalidRequest, type RequestFault } from '../result/requestFault';
import { ok, type Result } from '../result/result';

/** One field of the item, and its place in the body. */
interface Selection {
	/** Names from the outside in; undefined for all that is not selected. */
	readonly from?: readonly string[];
	readonly to: readonly string[];
}

/** Makes the body of an item's fields. */
export type SelectFields = (json: IDataObject) => IDataObject;

/** No body needs more, and what is longer is no list of fields. */
const MOST_FIELDS = 500;

/**
 * Reads a list of fields, such as `email, profile.name as name, *`: commas or line breaks between them, dots lead into
 * nested fields, `as` renames, `*` means all fields that are not selected by themselves. It has no expression, so that
 * n8n has nothing to evaluate for each item.
 *
 * A field keeps its place in the item unless it is renamed (`profile.name` stays under `profile`). One that an item does not
 * have is left out for that item. A field whose own name has dots is found first.
 *
 * @param given the parameter's value
 */
export function readSelectedFields(given: unknown): Result<SelectFields, RequestFault> {
	if (typeof given === 'object' && given !== null && !isListOfTexts(given)) {
		return invalidRequest(
			'Fields is not a list of field names',
			'An expression gave something else. List the names of the fields to send, e.g. email, profile.name as name, *',
		);
	}
	const entries = String(given ?? '')
		.split(/[,\n]/)
		.map((entry) => entry.trim())
		.filter((entry) => entry !== '');
	if (entries.length === 0) {
		return invalidRequest('Fields is empty', 'List the fields to send, e.g. email, profile.name as name, *');
	}
	if (entries.length > MOST_FIELDS) {
		return invalidRequest(
			`Fields has more than ${MOST_FIELDS} entries`,
			'Send the whole item with Body set to Input Item.',
		);
	}
	const selections: Selection[] = [];
	for (const entry of entries) {
		const selection = readEntry(entry);
		if (selection === undefined) {
			return invalidRequest(
				`Fields cannot be read at "${entry.replace(/[^\x20-\x7e]/g, '?').slice(0, 40)}"`,
				'Write field names with commas between them. Dots lead into nested fields and "as" renames, e.g. email, profile.name as name, *',
			);
		}
		selections.push(selection);
	}
	const names = selections.map(({ from, to }) => (from === undefined ? '*' : to.join('.')));
	const twice = names.find((name, index) => names.indexOf(name) !== index);
	if (twice !== undefined) {
		return invalidRequest(
			twice === '*' ? 'Fields has * more than once' : `Fields gives two fields the name "${twice.slice(0, 40)}"`,
			'Remove one of them, or rename it with "as".',
		);
	}
	return ok((json) => select(json, selections));
}

const isListOfTexts = (given: object) => Array.isArray(given) && given.every((entry) => typeof entry === 'string');

function readEntry(entry: string): Selection | undefined {
	if (entry === '*') return { to: [] };
	if (/\sas$/i.test(entry)) return undefined;
	const [, source = '', name = source] = /^(\S+(?: (?!as )\S+)*)(?:\s+as\s+(\S+))?$/i.exec(entry) ?? [];
	const [from, to] = [pathOf(source), pathOf(name)];
	return from === undefined || to === undefined ? undefined : { from, to };
}

/** Names with dots between; undefined for none. */
function pathOf(text: string): string[] | undefined {
	const names = text.split('.').map((name) => name.trim());
	return names.some((name) => name === '' || name.includes('*')) ? undefined : names;
}

function select(json: IDataObject, selections: readonly Selection[]): IDataObject {
	const body: IDataObject = {};
	for (const { from, to } of selections) {
		if (from === undefined) {
			for (const [name, value] of Object.entries(restOf(json, selections)))
				if (!Object.hasOwn(body, name)) put(body, [name], value);
			continue;
		}
		const value = valueOf(json, from);
		if (value !== undefined) put(body, to, value);
	}
	return body;
}

const isObject = (value: unknown): value is IDataObject =>
	typeof value === 'object' &&
	value !== null &&
	!Array.isArray(value) &&
	Object.getPrototypeOf(value) !== Date.prototype;

/** The value at a path; undefined where there is none. Own fields only. */
function valueOf(json: IDataObject, path: readonly string[]): unknown {
	const whole = path.join('.');
	if (Object.hasOwn(json, whole)) return json[whole];
	let value: unknown = json;
	for (const name of path) {
		if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
		if (Array.isArray(value) && !/^\d+$/.test(name)) return undefined;
		value = (value as IDataObject)[name];
	}
	return value;
}

/** Writes a value at a path, over whatever is in the way; `__proto__` is a name like others. */
function put(body: IDataObject, [name = '', ...deeper]: readonly string[], value: unknown): void {
	let written = value;
	if (deeper.length > 0) {
		const present = Object.hasOwn(body, name) ? body[name] : undefined;
		written = isObject(present) ? { ...present } : {};
		put(written as IDataObject, deeper, value);
	}
	Object.defineProperty(body, name, { value: written, enumerable: true, configurable: true, writable: true });
}

/** The item without what is selected by itself. */
function restOf(json: IDataObject, selections: readonly Selection[]): IDataObject {
	let rest = { ...json };
	for (const { from } of selections) if (from !== undefined) rest = without(rest, from);
	return rest;
}

function without(json: IDataObject, path: readonly string[]): IDataObject {
	const whole = path.join('.');
	const [name = '', ...deeper] = Object.hasOwn(json, whole) ? [whole] : path;
	if (!Object.hasOwn(json, name)) return json;
	const { [name]: value, ...others } = json;
	if (deeper.length === 0) return others;
	return isObject(value) ? { ...json, [name]: without(value, deeper) } : json;
}
