import { destinationUrl } from '../../../lib/request/destinationUrl';
import { asText, type Pair } from '../../../lib/text/asText';

const hrefOf = (text: unknown, query?: Pair[]) => {
	const result = destinationUrl(text, query);
	return result.ok ? result.value.href : result.fault.message;
};

describe('a Destination URL', () => {
	it.each([
		['https://api.example.com/events', 'https://api.example.com/events'],
		['  https://api.example.com/events \n', 'https://api.example.com/events'],
		['http://127.0.0.1:8080', 'http://127.0.0.1:8080/'],
		['https://api.example.com/a?b=c#d', 'https://api.example.com/a?b=c'],
		['https://api.example.com/ä b', 'https://api.example.com/%C3%A4%20b'],
		['https://bücher.example/', 'https://xn--bcher-kva.example/'],
		['HTTPS://API.EXAMPLE.COM/Path', 'https://api.example.com/Path'],
		[`https://api.example.com/${'x'.repeat(4096)}`, `https://api.example.com/${'x'.repeat(4096)}`],
	])('%p is sent to %p', (text, href) => {
		expect(hrefOf(text)).toBe(href);
	});

	it('beyond ASCII is one however often it is read', () => {
		const read = () => hrefOf('https://bücher.example/');
		expect(new Set(Array.from({ length: 20_000 }, read))).toEqual(new Set(['https://xn--bcher-kva.example/']));
	});

	it.each([
		['', 'The Destination URL is empty'],
		['   ', 'The Destination URL is empty'],
		[undefined, 'The Destination URL is empty'],
		[null, 'The Destination URL is empty'],
		['api.example.com/events', 'The Destination URL is not a URL'],
		['/events', 'The Destination URL is not a URL'],
		['https://', 'The Destination URL is not a URL'],
		['http://exa mple.com/', 'The Destination URL is not a URL'],
		['http://example.com:99999/', 'The Destination URL is not a URL'],
		['ftp://example.com/', 'The Destination URL has the scheme "ftp:"'],
		['file:///etc/passwd', 'The Destination URL has the scheme "file:"'],
		['javascript:alert(1)', 'The Destination URL has the scheme "javascript:"'],
		['https://user:hunter2secret@example.com/', 'The Destination URL contains a user name or password'],
		['https://user@example.com/', 'The Destination URL contains a user name or password'],
	])('%p is refused: %s', (text, message) => {
		expect(destinationUrl(text)).toEqual({
			ok: false,
			fault: { code: 'INVALID_URL', message, description: expect.stringMatching(/./) as string },
		});
	});

	it('says in no fault what the URL was', () => {
		for (const text of ['nourl?token=hunter2secret', 'x://a/?token=hunter2secret', 'https://u:hunter2secret@h/']) {
			expect(JSON.stringify(destinationUrl(text))).not.toContain('hunter2secret');
		}
	});

	it('says of something that is no text that it is no URL', () => {
		expect(hrefOf(5)).toBe('The Destination URL is not a URL');
		expect(hrefOf({ href: 'https://example.com/' })).toBe('The Destination URL is not a URL');
	});
});

describe('query parameters', () => {
	const url = 'https://api.example.com/e';

	it('are appended in order, repeated ones too, those without a name left out', () => {
		const query = [
			{ name: 'b', value: '1' },
			{ name: 'a', value: 'ä &=+/?' },
			{ name: '', value: 'lost' },
			{ name: 'b', value: '2' },
		];
		expect(hrefOf(url, query)).toBe(`${url}?b=1&a=%C3%A4%20%26%3D%2B%2F%3F&b=2`);
	});

	it('leave what the URL already has as it was written', () => {
		const signed = `${url}?sig=a%20b%2Bc+d&flag&list=1,2&empty=`;
		expect(hrefOf(signed, [{ name: 'n', value: 'v' }])).toBe(`${signed}&n=v`);
	});

	it.each([
		[5, '5'],
		[true, 'true'],
		[null, ''],
		[undefined, ''],
		[NaN, 'NaN'],
		[1e21, '1e%2B21'],
		[{ a: [1] }, '%7B%22a%22%3A%5B1%5D%7D'],
		['🎉', '%F0%9F%8E%89'],
		['\ud800', '%EF%BF%BD'],
		['a\r\nHost: evil', 'a%0D%0AHost%3A%20evil'],
		['a b', 'a%20b'],
		[' ', '%20'],
		['a+b', 'a%2Bb'],
		['a%20b', 'a%2520b'],
		['-._~', '-._~'],
		["!'()*", '%21%27%28%29%2A'],
		['[a]#;,', '%5Ba%5D%23%3B%2C'],
		['', ''],
		['a\udc00b', 'a%EF%BF%BDb'],
		['\u00a0', '%C2%A0'],
	])('%p travels as %p', (value, text) => {
		expect(hrefOf(url, [{ name: 'q', value }])).toBe(`${url}?q=${text}`);
	});

	it('have names that are written in the same way', () => {
		const query = ['a b', 'a+b', 'filter[name]', 'ä', '\ud800', 'é'.normalize('NFD')].map((name) => ({
			name,
			value: '',
		}));
		expect(hrefOf(url, query)).toBe(`${url}?a%20b=&a%2Bb=&filter%5Bname%5D=&%C3%A4=&%EF%BF%BD=&e%CC%81=`);
	});

	it('are read by receivers as they were given', () => {
		const query = ["a b+c&d=e%20f'()*!~", 'ä 🎉', '', '\r\n\t'].map((value, index) => ({
			name: `${value} ${index}`,
			value,
		}));
		const read = [...new URL(hrefOf(url, query)).searchParams].map(([name, value]) => ({ name, value }));
		expect(read).toEqual(query);
	});

	it('keep names that would be a prototype', () => {
		const query = ['__proto__', 'constructor'].map((name) => ({ name, value: 'x' }));
		expect(hrefOf(url, query)).toBe(`${url}?__proto__=x&constructor=x`);
	});

	it('stand 4 KB of name and value', () => {
		const long = 'n'.repeat(4096);
		expect(hrefOf(url, [{ name: long, value: long }])).toBe(`${url}?${long}=${long}`);
	});
});

describe('asText', () => {
	it.each([
		['text', 'text'],
		['', ''],
		[undefined, ''],
		[null, ''],
		[0, '0'],
		[-0, '0'],
		[false, 'false'],
		[NaN, 'NaN'],
		[12345678901234567890n, '12345678901234567890'],
		[['a', 1], '["a",1]'],
		[{ a: null }, '{"a":null}'],
	])('%p is %p', (value, text) => {
		expect(asText(value)).toBe(text);
	});
});
