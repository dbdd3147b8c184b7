import { withCredentialQuery, withoutCredentialQuery } from '../../../lib/http/credentialQuery';

describe('withCredentialQuery', () => {
	it.each([
		['https://a.example/p', 'https://a.example/p?key=v'],
		['https://a.example/p?', 'https://a.example/p?key=v'],
		["https://a.example/p?b=%2f&a='x'&&sig=A%2b+/=", 'https://a.example/p?b=%2f&a=%27x%27&&sig=A%2b+/=&key=v'],
		['https://a.example/p?key=mine&a=1', 'https://a.example/p?a=1&key=v'],
		['https://a.example/p?a=1&k%65y=mine&key&Key=kept', 'https://a.example/p?a=1&Key=kept&key=v'],
	])('%s', (before, after) => {
		const url = new URL(before);
		expect(withCredentialQuery(url, [['key', 'v']]).href).toBe(after);
		expect(url.href).toBe(new URL(before).href);
	});

	it('encodes as the HTTP Request node does', () => {
		const { search } = withCredentialQuery(new URL('https://a.example/'), [
			['a b', "ü&=+ '()*!"],
			['two', 'x'],
		]);
		expect(search).toBe('?a%20b=%C3%BC%26%3D%2B%20%27%28%29%2A%21&two=x');
	});
});

describe('withoutCredentialQuery', () => {
	it.each([
		['?key=se%20cret&a=1', '?a=1'],
		['?a=1&key=se+cret', '?a=1'],
		['?a=%2f&key=another&cursor=se+cret', '?a=%2f&key=another&cursor=se+cret'],
		['?key=se+cret', ''],
		['', ''],
	])('%s', (before, after) => {
		const url = withoutCredentialQuery(new URL(`https://b.example/${before}`), [['key', 'se cret']]);
		expect(url.search).toBe(after);
	});
});
