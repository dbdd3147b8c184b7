import { fixedN8nCredentials } from '../../../lib/delivery/n8nCredential';

type Type = keyof typeof fixedN8nCredentials;

const custom = (value: unknown) => ({ json: JSON.stringify(value) });
const base64 = (text: string) => Buffer.from(text).toString('base64');

it.each<[string, Type, object, object]>([
	[
		'Header',
		'httpHeaderAuth',
		{ name: 'X-Api-Key', value: 's3cret-key' },
		{ headers: { 'x-api-key': 's3cret-key' }, headerNames: { 'x-api-key': 'X-Api-Key' }, secrets: ['s3cret-key'] },
	],
	[
		'Header, with a scheme',
		'httpHeaderAuth',
		{ name: 'Authorization', value: 'Token token=abc' },
		{ headers: { authorization: 'Token token=abc' }, secrets: ['Token token=abc', 'token=abc'] },
	],
	[
		'Header, with Basic written by hand',
		'httpHeaderAuth',
		{ name: 'Authorization', value: `Basic ${base64('u:hunter2')}` },
		{ secrets: [`Basic ${base64('u:hunter2')}`, base64('u:hunter2'), 'hunter2'] },
	],
	['Header, a number', 'httpHeaderAuth', { name: 'x', value: 7 }, { headers: { x: '7' }, secrets: ['7'] }],
	[
		'Bearer',
		'httpBearerAuth',
		{ token: 'abc' },
		{ headers: { authorization: 'Bearer abc' }, headerNames: { authorization: 'Authorization' }, secrets: ['abc'] },
	],
	[
		'Query',
		'httpQueryAuth',
		{ name: 'api key', value: 'ü&' },
		{ headers: {}, query: [['api key', 'ü&']], secrets: ['ü&'] },
	],
	[
		'Basic (RFC 7617)',
		'httpBasicAuth',
		{ user: 'test', password: '123\u00A3' },
		{ headers: { authorization: 'Basic dGVzdDoxMjPCow==' }, secrets: ['dGVzdDoxMjPCow==', '123\u00A3'] },
	],
	['Basic, the key as user', 'httpBasicAuth', { user: 'sk_1', password: '' }, { secrets: [base64('sk_1:'), 'sk_1'] }],
	['Basic, and any character', 'httpBasicAuth', { user: 'k', password: 'X' }, { secrets: [base64('k:X'), 'k', 'X'] }],
	[
		'Zendesk',
		'zendeskApi',
		{ subdomain: 'acme', email: 'a@b.example', apiToken: 'tok' },
		{
			headers: { authorization: `Basic ${base64('a@b.example/token:tok')}` },
			secrets: [base64('a@b.example/token:tok'), 'tok'],
		},
	],
	[
		'Custom',
		'httpCustomAuth',
		custom({
			headers: { 'X-A': 'secret-a', 'X-Version': 2, 'X-Debug': true, 'X-Account': 123456 },
			qs: { key: 'secret-b', page: 1 },
			body: {},
		}),
		{
			headers: { 'x-a': 'secret-a', 'x-version': '2', 'x-debug': 'true', 'x-account': '123456' },
			headerNames: expect.objectContaining({ 'x-a': 'X-A' }) as unknown,
			query: [
				['key', 'secret-b'],
				['page', '1'],
			],
			secrets: ['secret-a', '123456', 'secret-b'],
		},
	],
	[
		'Custom, headers alone',
		'httpCustomAuth',
		custom({ headers: { 'X-A': 'Bearer abc' }, qs: null }),
		{ headers: { 'x-a': 'Bearer abc' }, secrets: ['Bearer abc', 'abc'] },
	],
	['Custom, as an object', 'httpCustomAuth', { json: { qs: { k: 'v' } } }, { query: [['k', 'v']], secrets: ['v'] }],
])('%s', (_title, type, data, authorized) => {
	const read = fixedN8nCredentials[type](data as Record<string, unknown>);
	expect(read).toMatchObject({ ok: true, value: authorized });
	if (read.ok && !('query' in authorized)) expect(read.value).not.toHaveProperty('query');
});

const MARK = 'hunter2';
it.each<[Type, object, RegExp]>([
	['httpHeaderAuth', { value: MARK }, /^The Header Auth credential has no Name$/],
	['httpHeaderAuth', { name: MARK, value: '' }, /^The Header Auth credential has no Value$/],
	['httpHeaderAuth', { name: `${MARK} x`, value: 'v' }, /^Name in the Header Auth credential is not a header name$/],
	['httpHeaderAuth', { name: 'Content-Length', value: MARK }, /^Name in the Header Auth credential is not a header/],
	['httpHeaderAuth', { name: 'x', value: `${MARK}\n` }, /^Value in the Header Auth credential has line breaks/],
	['httpHeaderAuth', { name: 'x', value: `${MARK}🎉` }, /^Value in the Header Auth credential .* beyond Latin-1$/],
	['httpHeaderAuth', { name: 'x', value: { MARK } }, /^The Header Auth credential has no Value$/],
	['httpBearerAuth', {}, /^The Bearer Auth credential has no Bearer Token$/],
	['httpBearerAuth', { token: `${MARK}\r\nX: y` }, /^Bearer Token in the Bearer Auth credential has line breaks/],
	['httpQueryAuth', { value: MARK }, /^The Query Auth credential has no Name$/],
	['httpQueryAuth', { name: 'key', value: '' }, /^The Query Auth credential has no Value$/],
	['httpQueryAuth', { name: `${MARK}\n`, value: 'v' }, /^Name in the Query Auth credential .*control characters$/],
	['httpQueryAuth', { name: 'key', value: `${MARK}\0` }, /^Value in the Query Auth credential .*control characters$/],
	['httpBasicAuth', { user: '', password: '' }, /^The Basic Auth credential has no User and no Password$/],
	['httpBasicAuth', { user: `${MARK}\n`, password: '' }, /^User in the Basic Auth credential/],
	['httpBasicAuth', { user: 'u', password: `${MARK}\n` }, /^Password in the Basic Auth credential/],
	['zendeskApi', { apiToken: MARK }, /^The Zendesk API credential has no Email$/],
	['zendeskApi', { email: 'a@b' }, /^The Zendesk API credential has no API Token$/],
	['zendeskApi', { email: `${MARK}\n`, apiToken: 'a' }, /^Email in the Zendesk API credential/],
	['zendeskApi', { email: 'a', apiToken: `${MARK}\n` }, /^API Token in the Zendesk API credential/],
	['httpCustomAuth', { json: `{${MARK}` }, /^JSON in the Custom Auth credential is not a JSON object$/],
	['httpCustomAuth', { json: '' }, /^JSON in the Custom Auth credential is not a JSON object$/],
	['httpCustomAuth', {}, /^JSON in the Custom Auth credential is not a JSON object$/],
	['httpCustomAuth', { json: '[]' }, /^JSON in the Custom Auth credential is not a JSON object$/],
	['httpCustomAuth', custom({ other: MARK }), /^The Custom Auth credential has no "headers" or "qs" in JSON$/],
	['httpCustomAuth', custom({ headers: MARK }), /^"headers" in JSON of the Custom Auth credential is not an object$/],
	['httpCustomAuth', custom({ qs: [MARK] }), /^"qs" in JSON of the Custom Auth credential is not an object$/],
	['httpCustomAuth', custom({ qs: { a: [MARK] } }), /^Entry 1 of "qs" in JSON of .* is not a string$/],
	['httpCustomAuth', custom({ headers: { a: 'b', c: null } }), /^Entry 2 of "headers" in JSON of .* is not a string$/],
	['httpCustomAuth', custom({ headers: { [`${MARK}:`]: 'a' } }), /^The name of entry 1 of "headers" .* header name$/],
	['httpCustomAuth', custom({ headers: { a: `${MARK}\n` } }), /^Entry 1 of "headers" in JSON in the .* line breaks/],
	['httpCustomAuth', custom({ qs: { a: `${MARK}\t` } }), /^Entry 1 of "qs" in JSON in the .* control characters$/],
	['httpCustomAuth', custom({ qs: { '': MARK } }), /^Entry 1 of "qs" in JSON in the Custom Auth credential is empty/],
	['httpCustomAuth', custom({ headers: { a: 'b' }, body: { a: MARK } }), /^"body" in JSON of .* is not supported$/],
	['httpCustomAuth', custom({ headers: { a: 'b' }, body: [MARK] }), /^"body" in JSON of .* is not supported$/],
])('%s (row %#) says what is wrong, and shows no value', (type, data, message) => {
	const read = fixedN8nCredentials[type](data as Record<string, unknown>);
	expect(read).toMatchObject({
		ok: false,
		fault: { code: 'INVALID_REQUEST', message: expect.stringMatching(message) },
	});
	expect(JSON.stringify(read)).not.toContain(MARK);
});

it('a header may be called __proto__', () => {
	const read = fixedN8nCredentials.httpCustomAuth({ json: '{"headers":{"__proto__":"a"}}' });
	expect(read.ok && Object.entries(read.value.headers)).toEqual([['__proto__', 'a']]);
});
