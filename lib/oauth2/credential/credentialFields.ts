/** Decrypted credential data, as n8n hands it over: anything may be in it. */
export type CredentialData = Readonly<Record<string, unknown>>;

/**
 * A field that cannot be used as it is. Thrown, for a credential is read field by field within one object, and each field
 * would have to be unwrapped by itself; it goes no further than `readOAuth2Credential`, which gives a Result.
 */
export class FieldFault extends Error {
	constructor(
		message: string,
		readonly description: string,
	) {
		super(message);
		this.name = 'FieldFault';
	}
}

/** The text of a field; numbers count as text, since an expression may give one. Absent is `fallback`. */
export function textField(data: CredentialData, name: string, fallback = ''): string {
	const value = Object.hasOwn(data, name) ? data[name] : undefined;
	if (typeof value === 'string') return value;
	return typeof value === 'number' && Number.isFinite(value) ? String(value) : fallback;
}

/** As `textField`, with `fallback` for a blank field, too. */
export function filledField(data: CredentialData, name: string, fallback: string): string {
	return textField(data, name).trim() || fallback;
}

export function requiredField(data: CredentialData, name: string, label: string): string {
	const value = textField(data, name);
	if (value.trim() === '') throw new FieldFault(`${label} is empty`, `Fill in ${label} in the credential`);
	return value;
}

export function booleanField(data: CredentialData, name: string, fallback: boolean): boolean {
	const value = data[name];
	return typeof value === 'boolean' ? value : fallback;
}

/** One of a fixed list; absent or blank is the first. */
export function choiceField<T extends string>(
	data: CredentialData,
	name: string,
	label: string,
	choices: readonly [T, ...T[]],
): T {
	const value = textField(data, name).trim();
	if (value === '') return choices[0];
	const choice = choices.find((candidate) => candidate === value);
	if (choice === undefined) {
		throw new FieldFault(`${label} has an unknown value`, `Choose one of: ${choices.join(', ')}`);
	}
	return choice;
}

/** Several of the given choices, as a list or as a text with commas or spaces between; absent is `fallback`. */
export function choicesField<T extends string>(
	data: CredentialData,
	name: string,
	label: string,
	choices: readonly T[],
	fallback: readonly T[],
): readonly T[] {
	const given = data[name];
	if (given === undefined || given === null || (typeof given === 'string' && given.trim() === '')) return fallback;
	const values: unknown[] =
		typeof given === 'string' ? given.split(/[\s,]+/).filter((part) => part !== '') : [given].flat();
	const picked = choices.filter((choice) => values.includes(choice));
	if (picked.length !== new Set(values).size) {
		throw new FieldFault(`${label} has an unknown value`, `Choose among: ${choices.join(', ')}`);
	}
	return picked;
}

/** A number within bounds, from a number or a numeric text; absent or blank is `fallback`. */
export function numberField(
	data: CredentialData,
	name: string,
	label: string,
	{ fallback, min, max }: { fallback: number; min: number; max: number },
): number {
	const text = textField(data, name).trim();
	const value = text === '' ? fallback : Number(text);
	if (!Number.isFinite(value) || value < min || value > max) {
		throw new FieldFault(`${label} is out of range`, `Enter a number from ${min} to ${max}`);
	}
	return value;
}

/** The names (trimmed) and values of a fixed collection of pairs, row by row; what is no text is empty. */
export function rowsField(data: CredentialData, name: string): Array<[string, string]> {
	const collection = data[name];
	const parameters: unknown =
		typeof collection === 'object' && collection !== null && Object.hasOwn(collection, 'parameters')
			? (collection as { parameters: unknown }).parameters
			: [];
	if (!Array.isArray(parameters)) return [];
	return parameters
		.filter((pair): pair is CredentialData => typeof pair === 'object' && pair !== null)
		.map((pair): [string, string] => [textField(pair, 'name').trim(), textField(pair, 'value')]);
}

/** As `rowsField`; pairs without a name are left out. */
export function pairsField(data: CredentialData, name: string): Array<[string, string]> {
	return rowsField(data, name).filter(([pairName]) => pairName !== '');
}

/** Several values in one field: a JSON array of texts, or separated by the given pattern. */
export function listField(data: CredentialData, name: string, label: string, separator: RegExp): string[] {
	const text = textField(data, name).trim();
	if (!text.startsWith('[')) return text.split(separator).filter((value) => value !== '');
	const list = parseJson(text);
	if (!Array.isArray(list) || !list.every((value): value is string => typeof value === 'string' && value !== '')) {
		throw new FieldFault(`${label} is not a list`, 'Enter a JSON array of strings, e.g. ["one", "two"]');
	}
	return list;
}

/** A JSON object, as text or already parsed; absent or blank is `{}`. */
export function objectField(data: CredentialData, name: string, label: string): Record<string, unknown> {
	const value = data[name];
	const parsed = typeof value === 'string' ? (value.trim() === '' ? {} : parseJson(value)) : (value ?? {});
	if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
		throw new FieldFault(`${label} is not a JSON object`, 'Enter an object, e.g. {"tenant": "acme"}');
	}
	return parsed as Record<string, unknown>;
}

/** The parsed text, or `undefined`; the parser's own message quotes the text, so it goes no further. */
function parseJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}
