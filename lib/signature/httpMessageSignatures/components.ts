import type { Headers } from '../../http/headers';
import { fail, ok, refused, type Result } from '../../result/result';
import { isHttpToken } from '../../text/httpToken';
import { quoted } from '../../text/quoted';
import {
	isInnerList,
	noParameters,
	parseDictionary,
	parseList,
	serializeDictionary,
	serializeItem,
	serializeMember,
	text,
	type BareItem,
	type Item,
} from './structuredFields';

/** A request, as far as its components are taken from it. */
export interface MessageParts {
	readonly method: string;
	/** The target URI; absent where it is not known. */
	readonly url?: URL;
	/** By lowercase name; fields of the same name joined by `, `. */
	readonly headers: Headers;
}

/** An identifier of a covered component (RFC 9421 §2): a field or a derived component, with parameters. */
export interface Component {
	readonly name: string;
	/** As it is written in Signature-Input. */
	readonly item: Item;
	/** As it is written in the signature base; the same for the same component. */
	readonly identifier: string;
}

/** Why a component has no value. */
export interface ComponentFault {
	readonly component: Component;
	readonly why: 'missing' | 'no address' | 'several values' | 'not ASCII' | 'not supported' | 'malformed';
}

/** A component by its name, as it is written in Signature-Input. */
function componentOf(name: string, parameters = noParameters): Component {
	const item = { item: text(name), parameters };
	return { name, item, identifier: serializeItem(item) };
}

/** A component of a Signature-Input; undefined where the item cannot be one. */
export function componentOfItem({ item, parameters }: Item): Component | undefined {
	return item.type === 'string' ? componentOf(item.value, parameters) : undefined;
}

/** What a request has, each under its name (RFC 9421 §2.2). `@query-param` has a name besides, and fields have their own. */
const DERIVED = ['@method', '@target-uri', '@authority', '@scheme', '@request-target', '@path', '@query'] as const;
type Derived = (typeof DERIVED)[number];

const isDerived = (name: string): name is Derived => DERIVED.some((known) => known === name);

/** Fields that cannot be covered: those that carry the signature itself. */
const OF_THE_SIGNATURE = new Set(['signature', 'signature-input']);

/**
 * Reads the components that a credential names: `@method, content-type`, with or without quotes, commas or brackets, and with
 * parameters after a semicolon as in Signature-Input: `"@query-param";name="id"`.
 *
 * @param label the field's name in the form
 */
export function readComponents(value: string, label: string): Result<Component[]> {
	const components: Component[] = [];
	for (const entry of value.replace(/^\s*\(|\)\s*$/g, '').match(/(?:"[^"]*"|[^\s,"])+/g) ?? []) {
		const [name = '', ...parameters] = entry.split(/;(?=[a-z*])/);
		const bare = name.replace(/^["']|["']$/g, '').toLowerCase();
		const [member] =
			parseList([serializeItem({ item: text(bare), parameters: noParameters }), ...parameters].join(';')) ?? [];
		const component = member === undefined || isInnerList(member) ? undefined : componentOfItem(member);
		const fault = component === undefined ? 'malformed' : identifierFault(component);
		if (component === undefined || fault !== undefined) {
			return refused(
				`${label} names a component that cannot be signed: ${quoted(entry)}`,
				`Use names of headers, ${DERIVED.join(', ')} or "@query-param";name="…", separated by commas.`,
			);
		}
		if (components.some(({ identifier }) => identifier === component.identifier)) {
			return refused(`${label} names ${quoted(entry)} twice`, 'Each component can be covered once.');
		}
		components.push(component);
	}
	return ok(components);
}

/** Why an identifier can have no value, whatever the request is. */
function identifierFault({ name, item: { parameters } }: Component): ComponentFault['why'] | undefined {
	const names = [...parameters.keys()].join();
	if (name === '@query-param') return names === 'name' && isText(parameters.get('name')) ? undefined : 'malformed';
	if (name.startsWith('@')) return isDerived(name) && names === '' ? undefined : 'not supported';
	if (!isHttpToken(name) || name !== name.toLowerCase()) return 'malformed';
	if (OF_THE_SIGNATURE.has(name) || OF_THE_SIGNATURE.has(name.toLowerCase())) return 'not supported';
	if (names === '' || (names === 'sf' && DICTIONARY_FIELDS.has(name))) return undefined;
	return names === 'key' && isText(parameters.get('key')) ? undefined : 'not supported';
}

const isText = (item: BareItem | undefined): boolean => item?.type === 'string';

/** Structured fields whose strict form is known here (`sf`, RFC 9421 §2.1.1). */
const DICTIONARY_FIELDS = new Set([
	'content-digest',
	'repr-digest',
	'want-content-digest',
	'want-repr-digest',
	'priority',
]);

/** The value of a component (RFC 9421 §2.1, §2.2), or why there is none. */
export function componentValue(component: Component, message: MessageParts): Result<string, ComponentFault> {
	const none = (why: ComponentFault['why']) => fail<ComponentFault>({ component, why });
	const fault = identifierFault(component);
	if (fault !== undefined) return none(fault);
	const { name } = component;
	const found = name.startsWith('@') ? derivedValue(component, message) : fieldValue(component, message.headers);
	if (typeof found !== 'string') return none(found?.why ?? 'missing');
	// A line end or a letter beyond ASCII would make another base of it (§2.5, step 4).
	return /^[\t\x20-\x7e]*$/.test(found) ? ok(found) : none('not ASCII');
}

type Found = string | { readonly why: ComponentFault['why'] } | undefined;

function fieldValue({ name, item: { parameters } }: Component, headers: Headers): Found {
	const raw = Object.hasOwn(headers, name) ? headers[name]!.trim() : undefined;
	if (raw === undefined || parameters.size === 0) return raw;
	const dictionary = parseDictionary(raw);
	if (dictionary === undefined) return { why: 'malformed' };
	const key = parameters.get('key');
	if (key === undefined) return serializeDictionary(dictionary);
	const member = dictionary.get(String(key.value));
	return member === undefined ? undefined : serializeMember(member);
}

function derivedValue({ name, item: { parameters } }: Component, { method, url }: MessageParts): Found {
	if (name === '@method') return method;
	if (url === undefined) return { why: 'no address' };
	switch (name) {
		case '@target-uri':
			return url.href.split('#', 1)[0]!;
		case '@authority':
			return url.host;
		case '@scheme':
			return url.protocol.slice(0, -1);
		case '@request-target':
			return `${url.pathname}${url.search}`;
		case '@path':
			return url.pathname;
		case '@query':
			return url.search === '' ? '?' : url.search;
		default:
			return queryParameter(url, String(parameters.get('name')?.value));
	}
}

/** RFC 9421 §2.2.8: by its encoded name; one that occurs twice has no value. */
function queryParameter({ searchParams }: URL, encodedName: string): Found {
	const values = [...searchParams].filter(([name]) => formEncoded(name) === encodedName).map(([, value]) => value);
	if (values.length > 1) return { why: 'several values' };
	return values[0] === undefined ? undefined : formEncoded(values[0]);
}

/** Percent-encoding of `application/x-www-form-urlencoded`, with `%20` for a space (RFC 9421 §2.2.8, step 2). */
function formEncoded(value: string): string {
	return encodeURIComponent(value).replace(/[!~'()]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** A component in a message, as people read it. */
export const shownComponent = ({ name, identifier, item }: Component): string =>
	item.parameters.size === 0 ? name : identifier;
