import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { readSelectedFields } from '../../../lib/request/selectedFields';

const item: IDataObject = {
	email: 'ada@example.com',
	profile: { name: 'Ada', address: { city: 'London', postcode: 'N1' } },
	tags: ['a', 'b'],
	'dotted.name': 1,
	none: null,
	'two words': 2,
};

function selected(fields: string, json = item): string {
	const read = readSelectedFields(fields);
	if (!read.ok) throw new Error(read.fault.message);
	return JSON.stringify(read.value(json));
}

it.each<[fields: string, body: unknown]>([
	['email', { email: 'ada@example.com' }],
	['email, profile.name as name', { email: 'ada@example.com', name: 'Ada' }],
	['profile.name', { profile: { name: 'Ada' } }],
	['profile.address.city, profile.name', { profile: { address: { city: 'London' }, name: 'Ada' } }],
	['profile.address.city as where.city, email as who', { where: { city: 'London' }, who: 'ada@example.com' }],
	['tags.0 as first, tags', { first: 'a', tags: ['a', 'b'] }],
	['dotted.name as n', { n: 1 }],
	['none', { none: null }],
	['two words as two', { two: 2 }],
	['missing, profile.missing as x, email', { email: 'ada@example.com' }],
	['email.length, tags.length', {}],
	['\n email ,\n,tags as labels\n', { email: 'ada@example.com', labels: ['a', 'b'] }],
	['email AS mail', { mail: 'ada@example.com' }],
	['*', item],
	[
		'*, email as mail',
		{ profile: item.profile, tags: ['a', 'b'], 'dotted.name': 1, none: null, 'two words': 2, mail: 'ada@example.com' },
	],
	[
		'profile.name as name, *',
		{
			name: 'Ada',
			email: 'ada@example.com',
			profile: { address: { city: 'London', postcode: 'N1' } },
			tags: ['a', 'b'],
			'dotted.name': 1,
			none: null,
			'two words': 2,
		},
	],
])('%s', (fields, body) => {
	expect(selected(fields)).toBe(JSON.stringify(body));
});

it('changes nothing in the item', () => {
	const before = JSON.stringify(item);
	selected('profile.name as name, profile.address.city as profile.town, *');
	expect(JSON.stringify(item)).toBe(before);
});

it('finds own fields only, and writes such names as fields', () => {
	expect(selected('constructor, toString as x, __proto__ as y', { a: 1 })).toBe('{}');
	const polluted = JSON.parse('{ "__proto__": { "z": 1 }, "a": 2 }') as IDataObject;
	expect(selected('__proto__.z as __proto__, a', polluted)).toBe('{"__proto__":1,"a":2}');
	expect(({} as { z?: unknown }).z).toBeUndefined();
});

it.each<[fields: unknown, message: string]>([
	['', 'Fields is empty'],
	[undefined, 'Fields is empty'],
	[' , ', 'Fields is empty'],
	['a.', 'Fields cannot be read at "a."'],
	['.a', 'Fields cannot be read at ".a"'],
	['a as', 'Fields cannot be read at "a as"'],
	['a as b as c', 'Fields cannot be read at "a as b as c"'],
	['a.*', 'Fields cannot be read at "a.*"'],
	['* as x', 'Fields cannot be read at "* as x"'],
	['*, *', 'Fields has * more than once'],
	[{ a: 1 }, 'Fields is not a list of field names'],
	[['a', 1], 'Fields is not a list of field names'],
	['a, b as a', 'Fields gives two fields the name "a"'],
	[Array.from({ length: 501 }, (_, index) => `f${index}`).join(), 'Fields has more than 500 entries'],
])('%p is refused: %s', (fields, message) => {
	const read = readSelectedFields(fields);
	expect(read.ok ? 'it was read' : read.fault.message).toBe(message);
	expect(read.ok ? '' : read.fault.description).not.toBe('');
});

it('of any item each selected name has its value, and * loses nothing', () => {
	const name = fc.stringMatching(/^[a-zA-Z_][\w-]{0,7}$/).filter((text) => !/^as$/i.test(text));
	fc.assert(
		fc.property(fc.dictionary(name, fc.jsonValue(), { minKeys: 1 }), fc.nat(), (json, pick) => {
			const keys = Object.keys(json);
			const key = keys[pick % keys.length] ?? '';
			const own = json as IDataObject;
			expect(JSON.parse(selected(`${key} as renamed_field, *`, own))).toEqual(
				JSON.parse(
					JSON.stringify({
						...Object.fromEntries(Object.entries(own).filter(([other]) => other !== key)),
						renamed_field: own[key],
					}),
				),
			);
		}),
		{ numRuns: 500 },
	);
});
