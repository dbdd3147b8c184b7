/**
 * Structured Field Values for HTTP (RFC 9651, which replaces RFC 8941): what Signature-Input, Signature and
 * Content-Digest are written in. Parsed as §4.2 says, serialized as §4.1 says.
 */

/** A bare item (§3.3). Which of them it is decides how it is written. */
export type BareItem =
	| { readonly type: 'integer' | 'decimal' | 'date'; readonly value: number }
	| { readonly type: 'string' | 'token' | 'displayString'; readonly value: string }
	| { readonly type: 'bytes'; readonly value: Buffer }
	| { readonly type: 'boolean'; readonly value: boolean };

/** Parameters in order (§3.1.2). */
export type Parameters = ReadonlyMap<string, BareItem>;

export interface Item {
	readonly item: BareItem;
	readonly parameters: Parameters;
}

export interface InnerList {
	readonly items: readonly Item[];
	readonly parameters: Parameters;
}

/** A member of a list or dictionary. */
export type Member = Item | InnerList;

/** A dictionary in order (§3.2). */
export type Dictionary = ReadonlyMap<string, Member>;

/** A string, as far as this can be one: visible ASCII and spaces. */
export const text = (value: string): BareItem => ({ type: 'string', value });
export const integer = (value: number): BareItem => ({ type: 'integer', value });
export const bytes = (value: Buffer): BareItem => ({ type: 'bytes', value });
export const noParameters: Parameters = new Map();

/** Whether a text can be a String (§3.3.3): visible ASCII and spaces. */
export const isSerializableString = (value: string): boolean => /^[\x20-\x7e]*$/.test(value);

/** Whether a text can be the key of a dictionary or parameter (§3.1.2). */
export const isKey = (value: string): boolean => /^[a-z*][a-z0-9_.*-]*$/.test(value);

export const isInnerList = (member: Member): member is InnerList => 'items' in member;

export function serializeDictionary(dictionary: Dictionary): string {
	return [...dictionary]
		.map(([key, member]) => {
			const isTrue = !isInnerList(member) && member.item.type === 'boolean' && member.item.value;
			return isTrue ? `${key}${serializeParameters(member.parameters)}` : `${key}=${serializeMember(member)}`;
		})
		.join(', ');
}

export function serializeMember(member: Member): string {
	return isInnerList(member) ? serializeInnerList(member) : serializeItem(member);
}

export function serializeInnerList({ items, parameters }: InnerList): string {
	return `(${items.map(serializeItem).join(' ')})${serializeParameters(parameters)}`;
}

export function serializeItem({ item, parameters }: Item): string {
	return `${serializeBareItem(item)}${serializeParameters(parameters)}`;
}

function serializeParameters(parameters: Parameters): string {
	return [...parameters]
		.map(([key, value]) =>
			value.type === 'boolean' && value.value ? `;${key}` : `;${key}=${serializeBareItem(value)}`,
		)
		.join('');
}

function serializeBareItem(bare: BareItem): string {
	switch (bare.type) {
		case 'integer':
			return String(bare.value);
		case 'decimal':
			return Number.isInteger(bare.value) ? `${bare.value}.0` : String(bare.value);
		case 'date':
			return `@${bare.value}`;
		case 'string':
			return `"${bare.value.replace(/[\\"]/g, '\\$&')}"`;
		case 'token':
			return bare.value;
		case 'displayString':
			return `%"${[...Buffer.from(bare.value)].map(displayByte).join('')}"`;
		case 'bytes':
			return `:${bare.value.toString('base64')}:`;
		case 'boolean':
			return bare.value ? '?1' : '?0';
	}
}

function displayByte(byte: number): string {
	const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25 && byte !== 0x22;
	return isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`;
}

/** Reads a dictionary (§4.2.2); undefined where the text is none. */
export function parseDictionary(value: string): Dictionary | undefined {
	return parsed(value, (cursor) => {
		const dictionary = new Map<string, Member>();
		cursor.eachMember(() => {
			const key = cursor.key();
			const member = cursor.skips('=')
				? cursor.member()
				: { item: { type: 'boolean' as const, value: true }, parameters: cursor.parameters() };
			dictionary.set(key, member);
		});
		return dictionary;
	});
}

/** Reads a list (§4.2.1); undefined where the text is none. */
export function parseList(value: string): Member[] | undefined {
	return parsed(value, (cursor) => {
		const members: Member[] = [];
		cursor.eachMember(() => members.push(cursor.member()));
		return members;
	});
}

/** What the parser stops with; it never leaves this file. */
class NotStructured extends Error {}

function parsed<T>(value: string, read: (cursor: Cursor) => T): T | undefined {
	const cursor = new Cursor(value.replace(/^ +| +$/g, ''));
	try {
		const result = read(cursor);
		return cursor.isAtEnd ? result : undefined;
	} catch {
		// Nothing else is thrown on the way.
		return undefined;
	}
}

const KEY = /[a-z*][a-z0-9_.*-]*/y;
const NUMBER = /-?(?:\d{1,12}\.\d{1,3}|\d{1,15})(?![\d.])/y;
const STRING = /"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\\"])*)"/y;
const TOKEN = /[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*/y;
const BYTES = /:([A-Za-z0-9+/=]*):/y;
const BOOLEAN = /\?([01])/y;
const DATE = /@(-?\d{1,15})(?![\d.])/y;
const DISPLAY = /%"((?:[\x20\x21\x23\x24\x26-\x7e]|%[0-9a-f]{2})*)"/y;

/** Reads a text from its start; throws {@link NotStructured} at the first character that does not belong there. */
class Cursor {
	private at = 0;

	constructor(private readonly value: string) {}

	get isAtEnd(): boolean {
		return this.at === this.value.length;
	}

	skips(character: string): boolean {
		if (this.value[this.at] !== character) return false;
		this.at++;
		return true;
	}

	/** Members with commas between them and spaces or tabs around those; none after the last. */
	eachMember(read: () => void): void {
		while (!this.isAtEnd) {
			read();
			this.match(/[ \t]*/y);
			if (this.isAtEnd) return;
			if (!this.skips(',')) throw new NotStructured();
			this.match(/[ \t]*/y);
			if (this.isAtEnd) throw new NotStructured();
		}
	}

	member(): Member {
		return this.value[this.at] === '(' ? this.innerList() : this.item();
	}

	item(): Item {
		return { item: this.bareItem(), parameters: this.parameters() };
	}

	key(): string {
		return this.need(KEY)[0];
	}

	parameters(): Parameters {
		const parameters = new Map<string, BareItem>();
		while (this.skips(';')) {
			this.match(/ */y);
			const key = this.key();
			parameters.set(key, this.skips('=') ? this.bareItem() : { type: 'boolean', value: true });
		}
		return parameters;
	}

	private innerList(): InnerList {
		this.at++;
		const items: Item[] = [];
		for (;;) {
			const spaces = this.match(/ */y)?.[0] ?? '';
			if (this.skips(')')) return { items, parameters: this.parameters() };
			if (items.length > 0 && spaces === '') throw new NotStructured();
			items.push(this.item());
		}
	}

	private bareItem(): BareItem {
		switch (this.value[this.at]) {
			case '"':
				return { type: 'string', value: this.need(STRING)[1]!.replace(/\\([\\"])/g, '$1') };
			case ':':
				return { type: 'bytes', value: bytesOf(this.need(BYTES)[1]!) };
			case '?':
				return { type: 'boolean', value: this.need(BOOLEAN)[1] === '1' };
			case '@':
				return { type: 'date', value: Number(this.need(DATE)[1]) };
			case '%':
				return { type: 'displayString', value: displayedText(this.need(DISPLAY)[1]!) };
		}
		const number = this.match(NUMBER)?.[0];
		if (number !== undefined) return { type: number.includes('.') ? 'decimal' : 'integer', value: Number(number) };
		return { type: 'token', value: this.need(TOKEN)[0] };
	}

	private match(pattern: RegExp): RegExpExecArray | null {
		pattern.lastIndex = this.at;
		const found = pattern.exec(this.value);
		if (found !== null) this.at = pattern.lastIndex;
		return found;
	}

	private need(pattern: RegExp): RegExpExecArray {
		const found = this.match(pattern);
		if (found === null) throw new NotStructured();
		return found;
	}
}

/** Padding may be missing (§4.2.7); what else is not Base64 is refused, where Buffer would read on. */
function bytesOf(base64: string): Buffer {
	const bare = base64.replace(/={1,2}$/, '');
	const isPadded = base64 !== bare;
	if (bare.includes('=') || bare.length % 4 === 1 || (isPadded && base64.length % 4 !== 0)) throw new NotStructured();
	return Buffer.from(bare, 'base64');
}

function displayedText(escaped: string): string {
	const raw = Buffer.from(
		escaped.replace(/%([0-9a-f]{2})/g, (_match, hex: string) => String.fromCharCode(parseInt(hex, 16))),
		'latin1',
	);
	const text = raw.toString();
	if (!Buffer.from(text).equals(raw)) throw new NotStructured();
	return text;
}
