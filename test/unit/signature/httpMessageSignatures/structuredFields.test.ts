import fc from 'fast-check';

import {
	parseDictionary,
	parseList,
	serializeDictionary,
	serializeMember,
	type BareItem,
	type Dictionary,
} from '../../../../lib/signature/httpMessageSignatures/structuredFields';
import { seedFrom } from '../../../support/random';

/** What no one here wrote. Its types are found through `exports` alone, which this project's TypeScript does not read. */
const { parseDictionary: referenceDictionary, serializeDictionary: written } = jest.requireActual<{
	parseDictionary(text: string): object;
	serializeDictionary(dictionary: object): string;
}>('structured-headers');

const seed = seedFrom('STRUCTURED_FIELDS_SEED');

/** RFC 9651's own examples, and the canonical form of each. */
it.each([
	['en="Applepie", da=:w4ZibGV0w6ZydGU=:', undefined],
	['a=?0, b, c; foo=bar', 'a=?0, b, c;foo=bar'],
	['rating=1.5, feelings=(joy sadness)', undefined],
	['a=(1 2), b=3, c=4;aa=bb, d=(5 6);valid', undefined],
	['a=1,b=2;x=1;y=2,   c=(a   b   c)', 'a=1, b=2;x=1;y=2, c=(a b c)'],
	['a=@1659578233, b=%"This is intended for display to %c3%bcsers."', undefined],
	['a="back\\\\slash and \\"quotes\\""', undefined],
	['a=2.0, b=-0.125, c=*token/x:y', undefined],
	['a=1, a=2', 'a=2'],
	['', undefined],
])('reads and writes the dictionary %s', (text, canonical = text) => {
	expect(serializeDictionary(parseDictionary(text)!)).toBe(canonical);
});

it.each([
	'a=',
	'a=1,',
	',a=1',
	'A=1',
	'a=(1',
	'a=(1"x")',
	'a="x',
	'a="é"',
	'a=:=:',
	'a=:YQ',
	'a=:Y Q:',
	'a=?2',
	'a=1.',
	'a=1.2345',
	'a=1234567890123456',
	'a=1;',
	'a=1;B=2',
	'a 1',
	'a=%"%C3"',
	'a=%"%ff"',
	'a=1 b=2',
	'a=(1 2))',
	'a=@1.5',
	'a=\t1',
	'a=:Y=Q=:',
])('does not read the dictionary %s', (text) => {
	expect(parseDictionary(text)).toBeUndefined();
});

it('reads lists', () => {
	expect(parseList('sugar, tea;q=1, (a b);x')!.map(serializeMember)).toEqual(['sugar', 'tea;q=1', '(a b);x']);
	expect(parseList('(a')).toBeUndefined();
});

/** Texts that are nearly, and often really, dictionaries. */
const text = fc.oneof(
	fc
		.array(
			fc.constantFrom(
				'a',
				'b1',
				'=',
				',',
				', ',
				';',
				'; ',
				'"x y"',
				'"\\""',
				':YWJj:',
				':YQ==:',
				'?1',
				'?0',
				'1',
				'-2.5',
				'(',
				')',
				' ',
				'tok/en',
				'*',
				'@17',
			),
			{ maxLength: 14 },
		)
		.map((parts) => parts.join('')),
	fc.string({ maxLength: 12 }),
);

/** What the reference reads, written again; undefined where it reads nothing. */
function reference<T>(read: () => T): T | undefined {
	try {
		return read();
	} catch {
		return undefined;
	}
}

it(`reads what structured-headers reads, and writes it as it does (STRUCTURED_FIELDS_SEED=${seed})`, () => {
	let read = 0;
	fc.assert(
		fc.property(text, (value) => {
			const mine = parseDictionary(value);
			const theirs = reference(() => referenceDictionary(value));
			expect(mine === undefined ? undefined : serializeDictionary(mine)).toBe(
				theirs === undefined ? undefined : written(theirs),
			);
			read += mine === undefined ? 0 : 1;
		}),
		{ seed, numRuns: 5000 },
	);
	expect(read).toBeGreaterThan(200);
});

const key = fc.stringMatching(/^[a-z*][a-z0-9_.*-]{0,6}$/);
const bare: fc.Arbitrary<BareItem> = fc.oneof(
	fc.integer().map((value) => ({ type: 'integer' as const, value })),
	fc.stringMatching(/^[\x20-\x7e]{0,12}$/).map((value) => ({ type: 'string' as const, value })),
	fc.stringMatching(/^[A-Za-z*][A-Za-z0-9:/]{0,8}$/).map((value) => ({ type: 'token' as const, value })),
	fc.uint8Array({ maxLength: 9 }).map((value) => ({ type: 'bytes' as const, value: Buffer.from(value) })),
	fc.boolean().map((value) => ({ type: 'boolean' as const, value })),
	fc.string({ unit: 'grapheme', maxLength: 6 }).map((value) => ({ type: 'displayString' as const, value })),
);
const parameters = fc.array(fc.tuple(key, bare), { maxLength: 3 }).map((pairs) => new Map(pairs));
const item = fc.record({ item: bare, parameters });
const member = fc.oneof(item, fc.record({ items: fc.array(item, { maxLength: 3 }), parameters }));

it(`reads again what it has written (STRUCTURED_FIELDS_SEED=${seed})`, () => {
	fc.assert(
		fc.property(
			fc.array(fc.tuple(key, member), { maxLength: 4 }).map((pairs): Dictionary => new Map(pairs)),
			(dictionary) => {
				expect(parseDictionary(serializeDictionary(dictionary))).toEqual(dictionary);
			},
		),
		{ seed, numRuns: 1000 },
	);
});
