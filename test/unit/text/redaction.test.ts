import { cleanServerText, maskToLastFour, redact } from '../../../lib/text/redaction';
import { randomOf, seedFrom } from '../../support/random';
import { AWKWARD_SECRET } from '../../support/oauth2/credentials';

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('redact', () => {
	const forms: Array<[string, string]> = [
		['as it is', AWKWARD_SECRET],
		['base64', base64(AWKWARD_SECRET)],
		['base64url', Buffer.from(AWKWARD_SECRET).toString('base64url')],
		['percent-encoded', encodeURIComponent(AWKWARD_SECRET)],
		['percent-encoded in lower case', encodeURIComponent(AWKWARD_SECRET).replace(/%../g, (hex) => hex.toLowerCase())],
		['form-encoded', new URLSearchParams({ a: AWKWARD_SECRET }).toString().slice(2)],
		['percent-encoded base64', encodeURIComponent(base64(AWKWARD_SECRET))],
		['in JSON', JSON.stringify(AWKWARD_SECRET).slice(1, -1)],
		[
			'in HTML',
			AWKWARD_SECRET.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;').replace(/'/g, '&#39;'),
		],
	];

	it.each(forms)('takes a secret out %s', (_form, text) => {
		expect(redact(`before ${text} after`, [AWKWARD_SECRET])).toBe('before *** after');
	});

	it.each(['a', 'ab', 'abc', 'abcd'])('finds the secret in the base64 of %s:secret', (id) => {
		const header = base64(`${id}:${AWKWARD_SECRET}`);
		const cleaned = redact(header, [AWKWARD_SECRET]);
		expect(cleaned).toContain('***');
		// What is left holds no three bytes of the secret.
		const left = cleaned.split('***').join('');
		expect(left.length).toBeLessThan(base64(`${id}:`).length + 4);
	});

	it('takes out the longer of two secrets first', () => {
		expect(redact('key: secret-and-more', ['secret', 'secret-and-more'])).toBe('key: ***');
	});

	it('leaves text alone when there are only empty secrets', () => {
		expect(redact('nothing to hide', ['', ' '])).toBe('nothing to hide');
	});

	it('takes a secret with a lone surrogate', () => {
		expect(redact('a \ud800secret b', ['\ud800secret'])).toBe('a *** b');
	});
});

describe('a short secret', () => {
	const url = 'https://user:abc12@example.com/abc12.html';

	it.each([
		['abc12', 'abc12', '***'],
		['abc12', ' abc12\n', ' ***\n'],
		['abc12', '{"password":"abc12"}', '{"password":"***"}'],
		['abc12', "got 'abc12'.", "got '***'."],
		['abc12', 'got “abc12”', 'got “***”'],
		['abc12', 'user=a&password=abc12', 'user=a&password=***'],
		['abc12', 'password=abc12&user=a', 'password=***&user=a'],
		['abc12', 'Password: abc12\r\nUser: a', 'Password: ***\r\nUser: a'],
		['abc12', 'Wrong password: abc12.', 'Wrong password: ***.'],
		['abc12', '<p>abc12</p>', '<p>***</p>'],
		['abc12', 'bad login a/abc12 (password abc12)', 'bad login a/abc12 (password ***)'],
		['abc12', 'we got abc12 from you', 'we got *** from you'],
		['abc12', url, 'https://user:***@example.com/abc12.html'],
		['test', 'test', '***'],
		['test', '"test"', '"***"'],
		['test', 'password: test', 'password: ***'],
		['test', 'The password is test, which is wrong', 'The password is ***, which is wrong'],
		['test', 'The PASSWORD test is wrong', 'The PASSWORD *** is wrong'],
		['12345', 'pin=12345', 'pin=***'],
		['a', '{"password":"a"}', '{"password":"***"}'],
		['p+w', 'password=p%2Bw&x', 'password=***&x'],
		['p"w', '{"password":"p\\"w"}', '{"password":"***"}'],
		['p<w', '<b>p&lt;w</b>', '<b>***</b>'],
		['$&$1', 'password=$&$1', 'password=***'],
		['a-b.', 'password=a-b.', 'password=***'],
		['äö', 'Passwort: äö', 'Passwort: ***'],
		['🎉', '"🎉"', '"***"'],
		['abcd', Buffer.from('abcd').toString('base64'), '***'],
	])('%s is taken out of %s, where it is a value', (secret, text, cleaned) => {
		expect(redact(text, [secret])).toBe(cleaned);
		expect(redact(text, ['long-secret-value', secret, ''])).toBe(cleaned);
	});

	it.each([
		['abc12', 'abc123 xabc12 abc12-3 3-abc12 abc12_x abc12.example.com me.abc12 a@abc12'],
		['test', 'this is a test message, the latest test'],
		['test', 'https://test.example.com/test/path?test=1'],
		['test', 'Test TEST "Test" contest=tested'],
		['12345', 'order 12345 of 2024, id 123456'],
		['a', 'a cat and a dog, "an a"'],
		['abc12', ''],
		['***', '***'],
	])('%s stays in %s', (secret, text) => {
		expect(redact(text, [secret])).toBe(text);
	});

	it('is short up to five characters', () => {
		expect([redact('xabcdefx', ['abcdef']), redact('xabcdex', ['abcde'])]).toEqual(['x***x', 'xabcdex']);
	});

	it('is in no message', () => {
		expect(cleanServerText('Login refused.\nPassword: abc12 ', ['abc12'])).toBe('Login refused. Password: ***');
	});

	it('whatever it is made of, does no harm', () => {
		const seed = seedFrom('REDACTION_SEED');
		const { whole, pick } = randomOf(seed);
		const character = () =>
			pick([
				'a',
				'1',
				' ',
				'\\',
				'-',
				'/',
				'^',
				'$',
				'*',
				'(',
				')',
				'[',
				']',
				'{',
				'}',
				'|',
				'?',
				'.',
				'"',
				'\ud83c',
				'\n',
				'ä',
			]);
		for (let round = 0; round < 3000; round++) {
			const secret = Array.from({ length: whole(1, 5) }, character).join('');
			const text = Array.from({ length: whole(0, 12) }, () => pick([secret, character(), '=', ':', '&'])).join('');
			expect([seed, secret, redact(secret, [secret]).includes('***') || secret.trim() === '']).toEqual([
				seed,
				secret,
				true,
			]);
			expect(typeof redact(text, [secret])).toBe('string');
		}
	});

	it('is found in a long text as fast as in a short one', () => {
		const text = `${'a=  a : a '.repeat(50_000)}${' '.repeat(200_000)}a`;
		expect(redact(text, ['a']).length).toBeGreaterThan(0);
		expect(redact(`${'password '.repeat(50_000)}test`, ['test'])).toMatch(/password \*\*\*$/);
	});
});

describe('cleanServerText', () => {
	it('leaves no markup, which n8n would show as such', () => {
		expect(cleanServerText('<a href="https://evil.example">Sign in</a> a < b', [])).toBe(
			'‹a href="https://evil.example"›Sign in‹/a› a ‹ b',
		);
	});

	it('makes one line of control characters, line breaks and invisible characters', () => {
		expect(cleanServerText('a\r\n\tb\u0000c\u001b[31md\u200be\u202ef\u2028g', [])).toBe('a b c [31md e f g');
	});

	it('finds a secret that the server broke into lines', () => {
		expect(cleanServerText('the secret\r\n is: one\n\ntwo three.', ['one two three'])).toBe('the secret is: ***.');
	});

	it('finds a secret with a line break in it', () => {
		expect(cleanServerText('got one two.', ['one\ntwo'])).toBe('got ***.');
	});

	it('cuts by characters, after the secrets are out', () => {
		expect(cleanServerText('x'.repeat(300), [], 10)).toBe(`${'x'.repeat(9)}…`);
		expect(cleanServerText('😀'.repeat(10), [], 10)).toBe('😀'.repeat(10));
		expect(cleanServerText(`${'x'.repeat(7)}secret-value`, ['secret-value'], 10)).toBe('xxxxxxx***');
	});
});

describe('maskToLastFour', () => {
	it('shows the last four characters', () => {
		expect(maskToLastFour('abcdefghijklmnop')).toBe('****mnop');
	});

	it('shows nothing of a token that is short', () => {
		expect(maskToLastFour('abcdefghijk')).toBe('****');
	});
});
