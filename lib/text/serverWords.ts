import { markupWords } from './markupWords';

/**
 * What a server says about a refusal, for a message: the general words and the reasons nested below them.
 *
 * Read are the usual shapes, by the names of their fields: RFC 9457 and its `errors`, JSON:API, Zendesk's `details`,
 * Rails, Laravel and Django (`{ name: ["is too short"] }`), FastAPI, NestJS, Google's `error.details`, GraphQL, JSON-RPC,
 * SOAP. What has none of these is shown as JSON.
 *
 * @param response parsed when it is JSON, text otherwise, without secrets
 * @returns the raw words, to be cleaned and cut for showing; at most some thousand characters, empty for none
 */
export function serverWords(response: unknown): string {
	if (typeof response === 'string') return textWords(response);
	if (typeof response !== 'object' || response === null) return '';
	return nestedWords(response) ?? JSON.stringify(shortened(containerOf(response) ?? response));
}

/**
 * As {@link serverWords}, of parsed JSON that has words.
 *
 * @returns undefined where no field has a name that words have
 */
export function nestedWords(response: unknown): string | undefined {
	return isObject(response) ? new Reader().read(response) : undefined;
}

function textWords(response: string): string {
	const text = response.slice(0, MAX_TEXT).trim();
	if (text.startsWith('<')) return markupWords(response);
	// A text that is JSON, e.g. "Invalid key" in quotation marks.
	return /^"(?:[^"\\]|\\["\\/bfnrt]|\\u[\da-fA-F]{4})*"$/.test(text) ? (JSON.parse(escaped(text)) as string) : text;
}

/** Control characters are not allowed as they are in JSON. */
const escaped = (text: string) => text.replace(/\p{Cc}/gu, ' ');

const MAX_TEXT = 4000;
/** Of one reason, so that the next one is seen, too. */
const MAX_REASON = 160;
const MAX_REASONS = 3;
/** What is looked at, whatever the size of the response. */
const MAX_VALUES = 400;
const MAX_KEYS = 100;
const MAX_ENTRIES = 20;
const MAX_DEPTH = 6;

/** Names of fields that have words, the most informative first; lowercase, without hyphens, underscores and spaces. */
const WORDS = [
	'errordescription',
	'detail',
	'message',
	'description',
	'msg',
	'errmsg',
	'errormessage',
	'errormsg',
	'errorsummary',
	'errordetail',
	'reason',
	'faultstring',
	'title',
	'error',
	'errors',
	'details',
];

/** Names that may be those of the request's fields further in. */
const TOP_ONLY = ['err', 'messages', 'exception', 'cause', 'statusmessage', 'statustext', 'errortext', 'info', 'text'];

/** At the top the general words come first, and `title` and `error` are read with them. */
const TOP_WORDS = ['errordescription', 'message', 'description', 'detail', ...WORDS.slice(4), ...TOP_ONLY];

/** Fields that hold what went wrong, as an object or a list. */
const CONTAINER = /^err$|error|detail|message|violation|issue|cause|reason|problem|invalid|fault|exception|modelstate/;

/** Fields beside a reason that say nothing to a reader. */
const NOISE =
	/^(@.*|\$.*|type|status|statuscode|id|\w+id|timestamp|time|date|url|\w+url|href|link|help|moreinfo|instance|domain)$/;

/** Fields that only wrap the response. */
const WRAPPERS = ['data', 'result', 'response', 'body', 'responsemetadata', 'meta', 'status'];

/** Fields that name the field of the request that a reason is about. */
const SUBJECTS = [
	'field',
	'path',
	'propertypath',
	'property',
	'param',
	'parameter',
	'attribute',
	'loc',
	'pointer',
	'source',
	'name',
];

const normalized = (key: string) => key.slice(0, 60).toLowerCase().replace(/[-_ ]/g, '');

interface Field {
	key: string;
	/** The key, normalized. */
	name: string;
	value: unknown;
}
type Fields = Field[];

const fieldsOf = (value: object): Fields =>
	Object.keys(value)
		.slice(0, MAX_KEYS)
		.map((key) => ({ key, name: normalized(key), value: (value as Record<string, unknown>)[key] }));

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

/** A text, or that of OData (`{ lang, value }`) and of XML made JSON (`{ "#text": … }`). */
function textIn(value: unknown): string | undefined {
	if (isText(value)) return value;
	if (!isObject(value) || Array.isArray(value)) return undefined;
	const { value: text = (value as Record<string, unknown>)['#text'] } = value as Record<string, unknown>;
	return isText(text) ? text : undefined;
}

const isContainer = ({ name, value }: Field) => CONTAINER.test(name) && isObject(value) && textIn(value) === undefined;

const containerOf = (value: object) => (Array.isArray(value) ? undefined : fieldsOf(value).find(isContainer)?.value);

/** Texts of these names, in the order of the names. */
const textsOf = (fields: Fields, names: string[]) =>
	names.flatMap(
		(name) => textIn(fields.find((field) => field.name === name && textIn(field.value) !== undefined)?.value) ?? [],
	);

/** Walks one response; what it has looked at is counted. */
class Reader {
	private values = 0;

	private readonly reasons: string[] = [];

	read(response: object, depth = 0): string | undefined {
		if (Array.isArray(response)) {
			this.collect(response, '', 0);
			return this.words([]);
		}
		const fields = fieldsOf(response);
		const top = textsOf(fields, TOP_WORDS).map((text) => text.slice(0, MAX_TEXT));
		this.collectFrom(fields.filter(isContainer));
		const words = this.words(top) ?? this.fieldErrors(fields);
		if (words !== undefined || depth === MAX_DEPTH) return words;
		for (const { name, value } of fields) {
			const inner = WRAPPERS.includes(name) && isObject(value) ? this.read(value, depth + 1) : undefined;
			if (inner !== undefined) return inner;
		}
		if (depth === 0) this.search(response, 0);
		return this.words([]);
	}

	/** Containers anywhere: `_bulk` has them in its items, GraphQL mutations in their payloads. */
	private search(value: unknown, depth: number): void {
		if (!isObject(value) || depth > MAX_DEPTH || ++this.values > MAX_VALUES) return;
		if (Array.isArray(value)) for (const entry of value.slice(0, MAX_KEYS)) this.search(entry, depth + 1);
		else
			for (const field of fieldsOf(value))
				if (isContainer(field)) this.collect(field.value, '', 0);
				else this.search(field.value, depth + 1);
	}

	private words(top: string[]): string | undefined {
		const [general = ''] = top;
		const reasons = this.reasons.filter((reason) => !general.includes(reason));
		const parts =
			reasons.length === 0
				? top.slice(0, 2)
				: [general.slice(0, MAX_REASON).replace(/[\s.:]+$/, ''), reasons.join('; ')];
		const words = parts.filter((part) => part !== '').join(': ');
		return words === '' ? undefined : words;
	}

	/** Django REST framework: the names of fields at the top, each with a list of texts. */
	private fieldErrors(fields: Fields): string | undefined {
		for (const { key, value } of fields) {
			if (Array.isArray(value) && value.length > 0 && value.slice(0, MAX_ENTRIES).every(isText))
				this.collect(value, key, 0);
		}
		return this.words([]);
	}

	private collectFrom(containers: Fields): void {
		for (const { value } of containers) this.collect(value, '', 0);
	}

	/** @param subject the field of the request that a reason is about */
	private collect(value: unknown, subject: string, depth: number): void {
		if (this.reasons.length === MAX_REASONS || depth > MAX_DEPTH || ++this.values > MAX_VALUES) return;
		if (isText(value)) this.add(value, subject);
		else if (Array.isArray(value))
			for (const entry of value.slice(0, MAX_ENTRIES)) this.collect(entry, subject, depth + 1);
		else if (isObject(value)) this.collectFields(fieldsOf(value), subject, depth);
	}

	private collectFields(fields: Fields, subject: string, depth: number): void {
		const [text] = textsOf(fields, WORDS);
		if (text === undefined) {
			// No words: the names are those of the request's fields (Rails), or of containers.
			for (const { key, name, value } of fields) {
				if (!isText(value) || !NOISE.test(name)) this.collect(value, CONTAINER.test(name) ? subject : key, depth + 1);
			}
			return;
		}
		this.add(text, subjectOf(fields) ?? subject);
		// JSON-RPC puts what a server says beyond the message into `data`.
		for (const field of fields)
			if (isContainer(field) || field.name === 'data') this.collect(field.value, subject, depth + 1);
	}

	private add(text: string, subject: string): void {
		const short = text.length > MAX_REASON ? `${text.slice(0, MAX_REASON - 1)}…` : text;
		// "Requester Name: is too short" needs no "requester" before it.
		const isNamed = subject === '' || short.toLowerCase().includes(subject.toLowerCase());
		const reason = isNamed ? short : `${subject.slice(0, 60)}: ${short}`;
		if (this.reasons.length < MAX_REASONS && !this.reasons.includes(reason)) this.reasons.push(reason);
	}
}

function subjectOf(fields: Fields): string | undefined {
	for (const name of SUBJECTS) {
		const value = fields.find((field) => field.name === name)?.value;
		if (isText(value)) return value;
		if (Array.isArray(value) && value.length > 0 && value.length <= MAX_ENTRIES) {
			const parts = value.filter((part) => typeof part === 'string' || typeof part === 'number');
			if (parts.length > 0) return parts.join('.');
		} else if (isObject(value)) {
			// JSON:API: source: { pointer: "/data/attributes/name" }
			const inner = textsOf(fieldsOf(value), SUBJECTS)[0];
			if (inner !== undefined) return inner;
		}
	}
	return undefined;
}

/** A copy that is small enough to be written: the beginning of each text, list and object. */
function shortened(value: unknown, depth = 0): unknown {
	if (typeof value === 'string') return value.slice(0, 300);
	if (!isObject(value)) return value;
	if (depth > 3) return '…';
	if (Array.isArray(value)) return value.slice(0, 5).map((entry) => shortened(entry, depth + 1));
	return Object.fromEntries(
		fieldsOf(value)
			.slice(0, 10)
			.map((field) => [field.key.slice(0, 100), shortened(field.value, depth + 1)]),
	);
}
