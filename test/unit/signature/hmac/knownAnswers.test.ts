import { custom, delivery, headerRows, sign, signed, streamed, verified } from './credential';

/** Signatures that were published: by the services, and by the RFCs for the algorithms. */

/** Twilio: docs, "Webhooks security"; the second from the tests of its libraries (`twilio-python`, parameters given twice). */
const call = (number: string) => ({
	CallSid: 'CA1234567890ABCDE',
	Caller: number,
	Digits: '1234',
	From: number,
	To: '+18005551212',
});
const form = (fields: Record<string, string> | string[][]) => new URLSearchParams(fields).toString();
const formHeaders = { 'content-type': 'application/x-www-form-urlencoded' };

it('GitHub: docs, "Validating webhook deliveries", "Testing the webhook payload validation"', async () => {
	const data = { scheme: 'hmac', preset: 'github', secret: "It's a Secret to Everybody" };
	expect(await signed(data, { body: 'Hello, World!' })).toEqual({
		'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
		'x-github-delivery': 'msg_1',
	});
});

it('Slack: docs, "Verifying requests from Slack"', async () => {
	const data = { scheme: 'hmac', preset: 'slack', secret: '8f742231b10e8888abcd99yyyzzz85a5' };
	const body =
		'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
	expect(await signed(data, { body, timestampSeconds: 1531420618 })).toEqual({
		'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
		'x-slack-request-timestamp': '1531420618',
	});
});

it.each([
	['https://example.com/myapp.php?foo=1&bar=2', form(call('+14158675310')), 'L/OH5YylLD5NRKLltdqwSvS0BnU='],
	['https://mycompany.com/myapp.php?foo=1&bar=2', form(call('+14158675309')), 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
	[
		'https://mycompany.com/myapp.php?foo=1&bar=2',
		form([
			['Sid', 'CA123'],
			['SidAccount', 'AC123'],
			['Digits', '5678'],
			['Digits', '1234'],
			['Digits', '1234'],
		]),
		'IK+Dwps556ElfBT0I3Rgjkr1wJU=',
	],
])('Twilio signs a form: %s %s', async (url, body, signature) => {
	const data = { scheme: 'hmac', preset: 'twilio', secret: '12345' };
	const made = await sign(data, { url: new URL(url), body, headers: formHeaders });
	expect(made).toEqual({ ok: true, value: expect.objectContaining({ headers: { 'x-twilio-signature': signature } }) });
	expect(made).not.toHaveProperty('value.url');
});

it('Twilio: the SHA-256 of a body that is no form, from the tests of its libraries', async () => {
	const made = await sign(
		{ scheme: 'hmac', preset: 'twilio', secret: '12345' },
		{ url: new URL('https://mycompany.com/myapp.php?foo=1'), body: '{"property": "value", "boolean": true}' },
	);
	expect(made.ok && made.value.url?.href).toBe(
		'https://mycompany.com/myapp.php?foo=1&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620',
	);
});

/** RFC 4231 and RFC 2202, test case 2: the same key and data for all. */
const rfc = {
	sha1: 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79',
	sha256: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
	sha384: 'af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649',
	sha512:
		'164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
};
const secrets = [
	['text', 'Jefe'],
	['hex', '4a656665'],
	['hex', ' 4A656665\n'],
	['base64', 'SmVmZQ=='],
	['base64', ' SmVmZQ==\n'],
] as const;
const cases = Object.entries(rfc).flatMap(([hashAlgorithm, hex]) =>
	(['hex', 'base64', 'base64url'] as const).flatMap((signatureEncoding) =>
		secrets.map(([secretEncoding, secret]) => ({ hashAlgorithm, signatureEncoding, secretEncoding, secret, hex })),
	),
);

it.each(cases)(
	'RFC 4231 and 2202: $hashAlgorithm as $signatureEncoding, the secret as $secretEncoding',
	async ({ hex, signatureEncoding, ...given }) => {
		const data = custom({ ...given, signatureEncoding, signedContent: '{body}', signatureFormat: '{signature}' });
		const body = 'what do ya want for nothing?';
		const headers = await signed(data, { body });
		expect(headers['x-signature']).toBe(Buffer.from(hex, 'hex').toString(signatureEncoding));
		expect(await verified(data, { headers, body: Buffer.from(body) })).toBe('genuine');
		expect(await verified(data, { headers, body: Buffer.from(`${body} `) })).toBe('NO_MATCH');
	},
);

it('each placeholder represents its part, in what is signed and in further headers', async () => {
	const all = ['id', 'timestamp', 'timestampMs', 'method', 'url', 'path', 'query', 'bodySha256'];
	const signatureHeaders = headerRows(...all.map((name): [string, string] => [`X-${name}`, `<{${name}}>`]));
	const parts = {
		id: 'msg_1',
		timestamp: '1767323045',
		timestampMs: '1767323045000',
		method: 'POST',
		url: 'https://hooks.example.com/in/%C3%BC?a=b%20c&d=1&d=2',
		path: '/in/%C3%BC',
		query: 'a=b%20c&d=1&d=2',
		// printf '{"name":"Zoë"}' | sha256sum
		bodySha256: '6bd0ee7972d372ec1f8a3cc44302e5449751305d73c2b69b5a79c62f88a4ca77',
	};
	const template = all.map((name) => `${name}={${name}}`).join('|');
	const headers = await signed(custom({ signatureHeaders, signedContent: `${template}|{body}` }));
	const written = all.map((name) => headers[`x-${name.toLowerCase()}`]);
	expect(written).toEqual(Object.values(parts).map((part) => `<${part}>`));
	const literal = all.map((name) => `${name}=${parts[name as keyof typeof parts]}`).join('|');
	const same = await signed(custom({ signatureHeaders: headerRows(), signedContent: '{body}' }), {
		body: `${literal}|${delivery.body as string}`,
	});
	expect(headers['x-signature']).toBe(same['x-signature']);
});

it.each([
	['sha256={signature}', /^sha256=[0-9a-f]{64}$/],
	['{signature}', /^[0-9a-f]{64}$/],
	['t={timestamp},v1={signature}', /^t=1767323045,v1=[0-9a-f]{64}$/],
	['id="{id}";ts={timestampMs};sig="{signature}"', /^id="msg_1";ts=1767323045000;sig="[0-9a-f]{64}"$/],
	['HMAC-SHA256 {signature}', /^HMAC-SHA256 [0-9a-f]{64}$/],
])('a value is written like %s, and read again', async (signatureFormat, pattern) => {
	const data = custom({ signatureFormat });
	const headers = await signed(data);
	expect(headers['x-signature']).toMatch(pattern);
	expect(await verified(data, { headers })).toBe('genuine');
});

it.each([1, 7, 1000])('a stream in pieces of %d bytes is signed like its bytes', async (size) => {
	const bytes = Buffer.from('{"grüße":"☃"}\n'.repeat(20));
	for (const preset of ['github', 'stripe', 'slack', 'shopify', 'twilio', 'custom']) {
		const data = custom({ preset, signedContent: '{timestamp}.{body}.{bodySha256}' });
		expect(await sign(data, { body: streamed(bytes, size) })).toEqual(await sign(data, { body: bytes }));
		expect(await sign(data, { body: bytes.toString() })).toEqual(await sign(data, { body: bytes }));
	}
});
