import { responseBody, responseHeaders } from '../../../lib/delivery/responseBody';

const read = (text: string | Buffer, contentType?: string, secrets?: string[]) =>
	responseBody(Buffer.from(text as string), contentType === undefined ? {} : { 'content-type': contentType }, secrets);

describe('a response', () => {
	it.each([
		['{"a":[1,"ä"]}', { a: [1, 'ä'] }],
		[' \n[1, 2]', [1, 2]],
		['\ufeff{"a":1}', { a: 1 }],
		['', ''],
		['ok', 'ok'],
		['00123', '00123'],
		['12345678901234567890', '12345678901234567890'],
		['true', 'true'],
		['null', 'null'],
		['"quoted"', '"quoted"'],
		['{"a": 1', '{"a": 1'],
		['{not json}', '{not json}'],
		['<html></html>', '<html></html>'],
		['Grüße 🎉', 'Grüße 🎉'],
	])('%p flows on as %p', (text, expected) => {
		expect(read(text)).toEqual(expected);
	});

	it('is parsed whatever its type says', () => {
		expect(read('{"a":1}', 'text/plain')).toEqual({ a: 1 });
	});

	it('keeps a field named __proto__ without becoming its child', () => {
		const answer = read('{"__proto__":{"admin":true}}');
		expect(JSON.stringify(answer)).toBe('{"__proto__":{"admin":true}}');
		expect((answer as { admin?: boolean }).admin).toBeUndefined();
	});

	it.each([
		['iso-8859-1', Buffer.from([0x47, 0xfc])],
		['"ISO-8859-1"', Buffer.from([0x47, 0xfc])],
		['utf-16le', Buffer.from('Gü', 'utf16le')],
		['UTF-8', Buffer.from('Gü')],
		['no-such-charset', Buffer.from('Gü')],
	])('is read in its charset %s', (charset, bytes) => {
		expect(read(bytes, `text/plain; charset=${charset}`)).toBe('Gü');
	});

	it('with bytes that are no UTF-8 does no harm', () => {
		expect(read(Buffer.from([0x61, 0xff]))).toBe('a\ufffd');
	});
});

describe('a response nested too deep for anything to handle', () => {
	const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

	it('stays text', () => {
		const deep = nested(200_000);
		expect(read(deep, undefined, ['secret-word'])).toBe(deep);
		expect(read(`{"a":"\\u0061","b":${deep}}`, undefined, ['secret-word'])).toHaveLength(400_019);
	});

	it('is distinguished from brackets inside of texts', () => {
		expect(read(JSON.stringify({ a: `\\"${'['.repeat(5000)}` }))).toEqual({ a: `\\"${'['.repeat(5000)}` });
		expect(Array.isArray(read(nested(500)))).toBe(true);
		expect(Array.isArray(read(`[${'[],'.repeat(5000)}{}]`))).toBe(true);
	});
});

describe('secrets that a destination sends back', () => {
	const secret = 'pä"ss\\w/rd+=';
	const all = (value: unknown) => JSON.stringify(value) + String(value);

	it('are redacted in text', () => {
		expect(read(`you sent ${secret}, twice: ${secret}`, undefined, [secret])).toBe('you sent ***, twice: ***');
	});

	it.each([
		['plain', JSON.stringify({ echo: { [`Basic ${secret}`]: [`a ${secret}`] } })],
		['with escaped slashes', JSON.stringify({ echo: secret }).replaceAll('/', '\\/')],
		[
			'with every character escaped',
			`{"echo":"${[...secret].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"}`,
		],
	])('are redacted in JSON, %s', (_name, text) => {
		const answer = read(text, undefined, ['other-secret', secret]);
		expect(all(answer)).not.toContain(secret);
		expect(all(answer)).not.toContain(JSON.stringify(secret).slice(1, -1));
		expect(JSON.stringify(answer)).toContain('***');
	});

	it.each([
		['Base64', Buffer.from(secret).toString('base64')],
		['Base64, in a longer text', Buffer.from(`Bearer ${secret}`).toString('base64').slice(8)],
		['Base64url', Buffer.from(secret).toString('base64url')],
		['percent-encoding', encodeURIComponent(secret)],
		['form encoding', new URLSearchParams({ v: secret }).toString().slice(2)],
	])('are redacted in %s', (_name, form) => {
		expect(all(read(`you sent ${form}!`, undefined, [secret]))).not.toContain(form.slice(2, -4));
		expect(all(read(JSON.stringify({ [form]: [form] }), undefined, [secret]))).not.toContain(form.slice(2, -4));
	});

	it('are redacted where they are numbers, and JSON stays JSON', () => {
		expect(read('{"a":[12345678,123456789.5],"n":7}', undefined, ['12345678'])).toEqual({ a: ['***', '***9.5'], n: 7 });
		expect(read('{"pin":12345,"id":123456,"n":[5]}', undefined, ['12345', '5'])).toEqual({
			pin: '***',
			id: 123456,
			n: [5],
		});
	});

	it('short ones are redacted where they are a whole value', () => {
		const answer = {
			password: 'abc12',
			user: 'abc123',
			more: ['abc12', ' abc12 '],
			form: 'a=1&password=abc12',
			abc12: true,
		};
		expect(read(JSON.stringify(answer), undefined, ['abc12'])).toEqual({
			password: '***',
			user: 'abc123',
			more: ['***', ' *** '],
			form: 'a=1&password=***',
			abc12: true,
		});
		expect(read('{"password":"\\u0061bc12"}', undefined, ['abc12'])).toEqual({ password: '***' });
		expect(read('abc12', undefined, ['abc12'])).toBe('***');
		expect(read('user=a&password=abc12', undefined, ['abc12'])).toBe('user=a&password=***');
		expect(responseHeaders({ 'x-echo': 'abc12', 'set-cookie': ['a=abc12; Path=/', 'abc123'] }, ['abc12'])).toEqual({
			'x-echo': '***',
			'set-cookie': ['a=***; Path=/', 'abc123'],
		});
	});

	it('short ones leave words, names and texts as they are', () => {
		const answer = { email: 'a@email.example', message: 'This email is taken', true: true, n: 1234 };
		expect(read(JSON.stringify(answer), undefined, ['email', 'true'])).toEqual(answer);
	});

	it('leave the rest as it is', () => {
		expect(read('{"a":"token-1234","b":[1,null,true,"x"]}', undefined, ['token-1234'])).toEqual({
			a: '***',
			b: [1, null, true, 'x'],
		});
	});
});
