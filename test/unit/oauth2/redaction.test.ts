import { cleanServerText, maskToLastFour, redact } from '../../../credentials/oauth2/redaction';
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
		['in HTML', AWKWARD_SECRET.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;').replace(/'/g, '&#39;')],
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

	it('stands a secret with a lone surrogate', () => {
		expect(redact('a \ud800secret b', ['\ud800secret'])).toBe('a *** b');
	});
});

describe('cleanServerText', () => {
	it('leaves no markup, which n8n would show as such', () => {
		expect(cleanServerText('<a href="https://evil.example">Sign in</a> a < b', [])).toBe('‹a href="https://evil.example"›Sign in‹/a› a ‹ b');
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
