import { formBody, jsonBody, jsonFieldBody, keyValueObject, textBody, type Body } from '../../../lib/request/body';
import type { RequestFault } from '../../../lib/result/requestFault';
import type { Result } from '../../../lib/result/result';

const textOf = (result: Result<Body, RequestFault>) => (result.ok ? result.value.text : result.fault.message);
const pairs = (...given: Array<[string, unknown]>) => given.map(([name, value]) => ({ name, value }));

describe('a JSON body', () => {
	it('is JSON.stringify, and says that it is JSON', () => {
		expect(jsonBody({ b: 1, a: [null, 'ä'] })).toEqual({
			ok: true,
			value: { text: '{"b":1,"a":[null,"ä"]}', contentType: 'application/json' },
		});
	});

	it.each([
		[{ a: NaN, b: Infinity }, '{"a":null,"b":null}'],
		[{ a: '\ud800' }, '{"a":"\\ud800"}'],
		[{ a: '🎉' }, '{"a":"🎉"}'],
		[{ a: undefined }, '{}'],
		[JSON.parse('{"__proto__":{"x":1},"constructor":2}'), '{"__proto__":{"x":1},"constructor":2}'],
		[{ a: new Date(0) }, '{"a":"1970-01-01T00:00:00.000Z"}'],
		[{ a: 1e21 }, '{"a":1e+21}'],
	])('%p is %s', (value, text) => {
		expect(textOf(jsonBody(value))).toBe(text);
	});

	it('that cannot be made is a fault of the item, not an exception', () => {
		const circle: Record<string, unknown> = {};
		circle.self = circle;
		for (const value of [{ n: 1n }, circle]) {
			const result = jsonBody(value);
			expect(result).toMatchObject({ ok: false, fault: { code: 'INVALID_REQUEST' } });
			expect(textOf(result)).toBe('The body cannot be written as JSON');
		}
	});
});

describe('the JSON of a field', () => {
	const read = (value: unknown) => textOf(jsonFieldBody(value, 'JSON'));

	it.each(['{"a": 1}', ' [1, 2]\n', '"text"', '12345678901234567890', '{"a":1e400}', '{"a":1,"a":2}', 'null'])(
		'%p is sent as it was written',
		(text) => {
			expect(read(text)).toBe(text);
		},
	);

	it('may be an object, as an expression gives it', () => {
		expect(read({ name: 'a "b"' })).toBe('{"name":"a \\"b\\""}');
		expect(read([1, true])).toBe('[1,true]');
		expect(read(5)).toBe('5');
		expect(read(false)).toBe('false');
	});

	it.each([undefined, null, () => 1])('%p is empty', (value) => {
		expect(read(value)).toBe('JSON is empty');
	});

	it('names the field', () => {
		expect(textOf(jsonFieldBody('{', 'Additional Claims'))).toMatch(/^Additional Claims is not valid JSON: /);
	});

	it.each([
		['', 'it is empty'],
		[' \n ', 'it is empty'],
		['{"a": 1,}', 'at line 1, column 9'],
		['{\n  "a": 1\n  "b": 2\n}', 'at line 3, column 3'],
		["{'a': 1}", 'at line 1, column 2'],
		['{"a": "x\ny"}', 'at line 1, column 9'],
		['{"a": 1', 'it ends too early, at line 1, column 8'],
		['{"a":\n', 'it ends too early, at line 2, column 1'],
		['{"a": "b', 'it ends too early, at line 1, column 9'],
		['{} x', 'at line 1, column 4'],
		['{"a": undefined}', 'at line 1, column 7'],
		['{"name": "say "hi""}', 'at line 1, column 16'],
		['[object Object]', 'at line 1, column 2'],
		['hunter', 'at line 1, column 1'],
		['{"a": 1}}', 'at line 1, column 9'],
		['[1, tru e]', 'at line 1, column 8'],
		['{"a": "\\x"}', 'at line 1, column 9'],
		['[1, -]', 'at line 1, column 6'],
		['[1, -', 'it ends too early, at line 1, column 6'],
		['tr', 'it ends too early, at line 1, column 3'],
		[`[${'1,'.repeat(50_000)}x]`, 'at line 1, column 100002'],
	])('%p: %s', (text, where) => {
		expect(read(text)).toBe(`JSON is not valid JSON: ${where}`);
	});

	it('says how to turn {{ }} on in a field that is on Fixed', () => {
		const descriptionOf = (text: string) =>
			(jsonFieldBody(text, 'JSON') as { fault: { description: string } }).fault.description;
		expect(descriptionOf('{{ { "name": $json.name } }}')).toContain('select Expression above the field');
		expect(descriptionOf('{"name": x}')).toContain('build an object in one expression');
	});

	it('never repeats the text, which may hold secrets', () => {
		for (const text of ['{"token": hunter2secret}', 'hunter2secret', '{"hunter2secret', '{"a": "hunter2secret"'])
			expect(JSON.stringify(jsonFieldBody(text, 'JSON'))).not.toContain('hunter2secret');
	});
});

describe('key-value pairs', () => {
	it('are one object: order kept, the last of a name counts, values keep their type', () => {
		const object = keyValueObject(pairs(['b', 1], ['a', 'x'], ['', 'lost'], ['c', { d: [true] }], ['b', null]));
		expect(JSON.stringify(object)).toBe('{"b":null,"a":"x","c":{"d":[true]}}');
	});

	it('may be named like a prototype', () => {
		expect(JSON.stringify(keyValueObject(pairs(['__proto__', 'a'], ['constructor', 'b'])))).toBe(
			'{"__proto__":"a","constructor":"b"}',
		);
	});

	it('stand 4 KB names', () => {
		const name = 'ü'.repeat(2048);
		expect(JSON.stringify(keyValueObject(pairs([name, 1])))).toBe(`{"${name}":1}`);
	});
});

describe('a form', () => {
	it('is urlencoded, in order, with repeated names', () => {
		expect(formBody(pairs(['a', '1 2'], ['b', 'ä&=+'], ['', 'lost'], ['a', '3']))).toEqual({
			ok: true,
			value: { text: 'a=1+2&b=%C3%A4%26%3D%2B&a=3', contentType: 'application/x-www-form-urlencoded' },
		});
	});

	it.each([
		[null, ''],
		[0, '0'],
		[{ a: 1 }, '%7B%22a%22%3A1%7D'],
		['\r\n', '%0D%0A'],
		['🎉\ud800', '%F0%9F%8E%89%EF%BF%BD'],
	])('%p travels as %s', (value, text) => {
		expect(textOf(formBody(pairs(['k', value])))).toBe(`k=${text}`);
	});

	it('of nothing is empty', () => {
		expect(textOf(formBody([]))).toBe('');
	});
});

describe('plain text', () => {
	it.each([
		['a\r\nb "ä" 🎉', 'a\r\nb "ä" 🎉'],
		['', ''],
		[undefined, ''],
		[5, '5'],
		[{ a: 1 }, '{"a":1}'],
	])('%p is %p', (value, text) => {
		expect(textBody(value)).toEqual({ ok: true, value: { text, contentType: 'text/plain; charset=utf-8' } });
	});
});
