import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	INodeCredentialsDetails,
	INodeParameters,
} from 'n8n-workflow';

import type { NodeSettings } from '../support/engine';
import { TestCredentialsHelper, type CredentialData } from '../support/engine/credentialsHelper';
import { answer, Receiver, redirect, type ReceivedRequest } from '../support/receiver';
import { deliveryOf, dispatch, pairs } from './support/dispatch';

/** Authentication *n8n Credential*: n8n's own credential types, as its HTTP Request node sends them. */

let receiver: Receiver;
let other: Receiver;
let endpoint: Receiver;
beforeAll(async () => {
	[receiver, other, endpoint] = await Promise.all([
		Receiver.start(),
		Receiver.start({ host: '127.0.0.2' }),
		Receiver.start(),
	]);
});
afterAll(async () => await Promise.all([receiver, other, endpoint].map((one) => one.close())));
beforeEach(() => {
	for (const one of [receiver, other, endpoint]) one.clear();
});

const toErrorOutput = { onError: 'continueErrorOutput' } as const;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const SECRET = 's3cret of-this test&1';

interface Sending {
	items?: IDataObject[];
	parameters?: INodeParameters;
	settings?: NodeSettings;
	credentialsHelper?: TestCredentialsHelper;
	url?: string;
}

const send = async (type: string, data: IDataObject, { items, parameters, settings = {}, ...more }: Sending = {}) => {
	const { url = receiver.url('/hook?mine=%2f'), credentialsHelper } = more;
	return await dispatch({
		items: items ?? [{ n: 0 }],
		credentials: { [type]: data } as CredentialData,
		parameters: { authentication: 'n8nCredential', n8nCredentialType: type, url, ...parameters },
		settings,
		...(credentialsHelper && { credentialsHelper }),
	});
};

interface Row {
	type: string;
	data: IDataObject;
	/** The same, with a secret by item. */
	byItem: IDataObject;
	/** What carries a secret in a request. */
	shown: (request: ReceivedRequest) => string | undefined;
	/** How it carries this one. */
	as: (secret: string) => string;
}

const queryOf = (name: string) => (request: ReceivedRequest) =>
	new URL(request.url, 'http://x').searchParams.get(name) ?? undefined;
const headerOf =
	(name: string) =>
	({ headers }: ReceivedRequest) =>
		headers[name] as string | undefined;
const same = (secret: string) => secret;
const PW = '={{ $json.pw }}';
const rows: Row[] = [
	{
		type: 'httpHeaderAuth',
		data: { name: 'X-Api-Key', value: SECRET },
		byItem: { name: 'X-Api-Key', value: PW },
		shown: headerOf('x-api-key'),
		as: same,
	},
	{
		type: 'httpBearerAuth',
		data: { token: SECRET },
		byItem: { token: PW },
		shown: headerOf('authorization'),
		as: (secret) => `Bearer ${secret}`,
	},
	{
		type: 'httpQueryAuth',
		data: { name: 'api key', value: SECRET },
		byItem: { name: 'api key', value: PW },
		shown: queryOf('api key'),
		as: same,
	},
	{
		type: 'httpCustomAuth',
		data: { json: JSON.stringify({ headers: { 'X-Account': 'acme' }, qs: { key: SECRET } }) },
		byItem: { json: '={{ JSON.stringify({ headers: { "X-Account": "acme" }, qs: { key: $json.pw } }) }}' },
		shown: (request) => `${headerOf('x-account')(request)}:${queryOf('key')(request)}`,
		as: (secret) => `acme:${secret}`,
	},
	{
		type: 'httpBasicAuth',
		data: { user: 'jürgen', password: SECRET },
		byItem: { user: 'jürgen', password: PW },
		shown: headerOf('authorization'),
		as: (secret) => `Basic ${base64(`jürgen:${secret}`)}`,
	},
	{
		type: 'zendeskApi',
		data: { subdomain: 'acme', email: 'a@acme.example', apiToken: SECRET },
		byItem: { subdomain: 'acme', email: 'a@acme.example', apiToken: PW },
		shown: headerOf('authorization'),
		as: (secret) => `Basic ${base64(`a@acme.example/token:${secret}`)}`,
	},
];
const hidden = ({ url, rawHeaders, headers }: ReceivedRequest) =>
	![...new URL(url, 'http://x').searchParams.values(), ...rawHeaders].includes(SECRET) && !headers.authorization;

describe.each(rows)('$type', ({ type, data, byItem, shown, as }) => {
	it('authenticates every delivery, read once for all of them', async () => {
		const run = await send(type, data, { items: [{ n: 0 }, { n: 1 }, { n: 2 }] });
		expect(run.output().map(({ json }) => deliveryOf(json).status)).toEqual(Array(3).fill('delivered'));
		expect(receiver.requests.map(shown)).toEqual(Array(3).fill(as(SECRET)));
		for (const { url } of receiver.requests) expect(url).toMatch(/^\/hook\?mine=%2f(&|$)/);
		expect(run.decryptions(type)).toBe(1);
	});

	it('by an expression over the item: to each its own', async () => {
		const items = Array.from({ length: 6 }, (_, n) => ({ n, pw: `secret-of-${n % 3}` }));
		const url = `=${receiver.origin}/{{ $json.n }}`;
		const run = await send(type, byItem, { items, url, parameters: { body: 'none' } });
		expect(run.error?.message).toBeUndefined();
		expect(receiver.requests).toHaveLength(6);
		for (const request of receiver.requests) {
			expect(shown(request)).toBe(as(`secret-of-${Number(request.key.slice(1)) % 3}`));
		}
	});

	it('keeps to the domains that the credential allows', async () => {
		const limited = { ...data, allowedHttpRequestDomains: 'domains', allowedDomains: '127.0.0.1' };
		const run = await send(type, limited, {
			items: [{ host: receiver.origin }, { host: other.origin }],
			url: '={{ $json.host }}/hook',
			settings: toErrorOutput,
		});
		expect([receiver.requests.length, other.requests.length]).toEqual([1, 0]);
		expect(run.errorOutput.map(({ json }) => deliveryOf(json).code)).toEqual(['BLOCKED']);
	});

	it('is in no response and no message, however the destination repeats it', async () => {
		receiver.choose((_key, nth) => ({
			name: 'echo',
			act: (response, request) => {
				const { url, headers } = request;
				const said = { url, headers, decoded: decodeURIComponent(url), secret: SECRET, error: { message: SECRET } };
				const echo = { 'x-echo': Buffer.from(SECRET).toString('base64'), 'x-url': url };
				answer(nth === 0 ? 200 : 400, said, echo).act(response, request);
			},
		}));
		const run = await send(type, data, {
			items: [{ n: 0 }, { n: 1 }],
			settings: toErrorOutput,
			parameters: { options: { output: 'response', concurrency: 1 } },
		});
		expect([run.output().length, run.errorOutput.length]).toEqual([1, 1]);
		const shownText = JSON.stringify([run.output(), run.errorOutput, run.hints]);
		for (const form of [SECRET, encodeURIComponent(SECRET), base64(SECRET), as(SECRET)]) {
			expect(shownText).not.toContain(form);
		}
		expect(shownText).toContain('***');
	});

	it('is sent along within the origin, and not to another one', async () => {
		const options = { followRedirects: true };
		receiver.script('/hook', redirect('/end', 307));
		await send(type, data, { parameters: { options } });
		const [first, second] = receiver.requests as [ReceivedRequest, ReceivedRequest];
		expect(shown(first)).toBe(as(SECRET));
		expect(second.headers.authorization).toBe(first.headers.authorization);
		receiver.clear();
		// As a server does that sends everything on to another host.
		receiver.choose(() => ({
			name: 'moved',
			act: (response, request) => {
				const moved = new URL(request.url, other.origin);
				moved.searchParams.append('and', 'mine');
				response.writeHead(307, { location: moved.href }).end();
			},
		}));
		const run = await send(type, data, { parameters: { options } });
		expect(run.error?.message).toBeUndefined();
		expect(other.requests).toHaveLength(1);
		expect(other.requests.every(hidden)).toBe(true);
		expect(other.requests[0]?.url).toMatch(/[?&]and=mine$/);
	});

	it('is no part of the delivery’s ID: it stays when the secret is replaced', async () => {
		const options = { idempotencyHeader: 'Idempotency-Key', concurrency: 1 };
		receiver.choose((_key, nth) => answer(nth === 0 ? 503 : 200));
		const credentials = { [type]: structuredClone(data) } as CredentialData;
		const helper = new TestCredentialsHelper(credentials, []);
		const run = await send(type, {}, { parameters: { options }, credentialsHelper: helper });
		credentials[type] = JSON.parse(
			JSON.stringify(data).replace(SECRET, 'another-secret'),
		) as ICredentialDataDecryptedObject;
		expect((await run.retry()).status).toBe('success');
		expect(receiver.requests.map(shown)).toEqual([as(SECRET), as('another-secret')]);
		expect(new Set(receiver.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
	});
});

it.each([
	['httpHeaderAuth', { name: 'x-API-key', value: 'mine' }, 'x-api-key', 'mine'],
	['httpBearerAuth', { token: 'mine' }, 'authorization', 'Bearer mine'],
	['httpCustomAuth', { json: '{"headers":{"Content-Type":"text/x"}}' }, 'content-type', 'text/x'],
])('%s wins over a header of the same name', async (type, data, name, value) => {
	const headerParameters = pairs(['X-Api-Key', 'theirs'], ['Authorization', 'theirs'], ['Content-Type', 'theirs/x']);
	await send(type, data, { parameters: { headerParameters } });
	const [request] = receiver.requests;
	expect(request?.headers[name]).toBe(value);
	expect(request?.rawHeaders.filter((text) => text.toLowerCase() === name)).toHaveLength(1);
});

it('httpQueryAuth wins over a query parameter of the same name', async () => {
	const queryParameters = pairs(['key', 'theirs'], ['a', '1']);
	await send('httpQueryAuth', { name: 'key', value: 'mine' }, { parameters: { queryParameters } });
	expect(receiver.requests.map(({ url }) => url)).toEqual(['/hook?mine=%2f&a=1&key=mine']);
});

describe('what cannot be used', () => {
	it.each<[string, IDataObject, RegExp]>([
		['httpHeaderAuth', { name: '', value: SECRET }, /^The Header Auth credential has no Name/],
		['httpHeaderAuth', { name: 'X Key', value: SECRET }, /^Name in the Header Auth credential is not a header name/],
		['httpBearerAuth', { token: `${SECRET}\n` }, /^Bearer Token in the Bearer Auth credential has line breaks/],
		['httpQueryAuth', { name: 'a', value: `${SECRET}\0` }, /^Value in the Query Auth credential .*control char/],
		['httpCustomAuth', { json: `{"${SECRET}` }, /^JSON in the Custom Auth credential is not a JSON object/],
		['httpCustomAuth', { json: `{"body":{"a":"${SECRET}"}}` }, /^"body" in JSON of the Custom Auth .*not supported/],
		['httpBasicAuth', { user: 'u', password: `${SECRET}\n` }, /^Password in the Basic Auth credential/],
		['zendeskApi', { email: '', apiToken: SECRET }, /^The Zendesk API credential has no Email/],
		['oAuth2Api', { grantType: 'authorizationCode' }, /^The OAuth2 API credential is not connected/],
		['zendeskOAuth2Api', { grantType: 'authorizationCode' }, /^The Zendesk OAuth2 API credential is not connected/],
		['oAuth2Api', { oauthTokenData: { access_token: `${SECRET}\n` } }, /^The access token in the OAuth2 API/],
	])('%s (row %#) fails each item, and sends nothing', async (type, data, message) => {
		const run = await send(type, data, { items: [{ n: 0 }, { n: 1 }], settings: toErrorOutput });
		expect(receiver.requests).toHaveLength(0);
		expect(run.errorOutput).toHaveLength(2);
		for (const { json } of run.errorOutput) expect(json.message).toMatch(message);
		expect(JSON.stringify(run.errorOutput.map(({ json }) => json))).not.toContain(SECRET);
	});

	it('of one item is that item’s fault; the others are delivered', async () => {
		const items = [{ pw: 'a-secret' }, { pw: '' }, { pw: 'b-secret' }];
		const run = await send('httpHeaderAuth', { name: 'X-Key', value: PW }, { items, settings: toErrorOutput });
		expect(receiver.requests.map(({ headers }) => headers['x-key']).sort()).toEqual(['a-secret', 'b-secret']);
		expect(run.errorOutput.map(({ json }) => [json.message, deliveryOf(json).code])).toEqual([
			['The Header Auth credential has no Value [item 1]', 'INVALID_REQUEST'],
		]);
	});

	it.each([
		['another type of n8n', 'githubApi', 'Credential Type has a value that does not exist'],
		['a name of every object', 'constructor', 'Credential Type has a value that does not exist'],
		['an expression', '={{ $json.type }}', 'Credential Type is set by an expression'],
	])('%s is refused', async (_what, type, message) => {
		const run = await send(
			'httpHeaderAuth',
			{ name: 'X-Key', value: SECRET },
			{
				parameters: { n8nCredentialType: type },
			},
		);
		expect(run.error?.message).toContain(message);
		expect(receiver.requests).toHaveLength(0);
	});

	it('a type that this n8n lacks is refused, by its name', async () => {
		const data = { token: SECRET };
		const helper = new TestCredentialsHelper({ httpBearerAuth: data }, []);
		helper.getCredentialsProperties = (type) => {
			throw new Error(`Unrecognized credential type: ${type}`);
		};
		const run = await send('httpBearerAuth', data, { credentialsHelper: helper });
		expect(run.error?.message).toContain('This n8n has no credential type Bearer Auth');
		expect(receiver.requests).toHaveLength(0);
	});
});

describe('short secrets', () => {
	it.each<[string, IDataObject]>([
		['httpHeaderAuth', { name: 'X-Pin', value: 'ab12' }],
		['httpQueryAuth', { name: 'pin', value: 'ab12' }],
		['httpCustomAuth', { json: '{"qs":{"pin":"ab12"}}' }],
	])('of %s are taken out where they stand alone', async (type, data) => {
		receiver.choose(() => answer(200, { pin: 'ab12', word: 'xab12y' }));
		const run = await send(type, data, { parameters: { options: { output: 'response' } } });
		expect(run.output()[0]?.json).toMatchObject({ pin: '***', word: 'xab12y' });
	});
});

it('query authentication is not signed, and not shown in the receipt', async () => {
	const secret = `whsec_${base64('k'.repeat(32))}`;
	const run = await dispatch({
		items: [{ n: 0 }],
		credentials: {
			httpQueryAuth: { name: 'key', value: SECRET },
			webhookDispatchSigningApi: { secret },
		} as CredentialData,
		parameters: {
			authentication: 'n8nCredential',
			n8nCredentialType: 'httpQueryAuth',
			signing: 'standardWebhooks',
			url: receiver.url('/hook'),
		},
	});
	expect(receiver.requests[0]?.headers['webhook-signature']).toMatch(/^v1,/);
	expect(JSON.stringify(run.output())).not.toContain(encodeURIComponent(SECRET));
});

describe.each(['oAuth2Api', 'zendeskOAuth2Api'])('%s', (type) => {
	/** The credential as n8n has it stored, and how often n8n wrote a token to it. */
	function stored(data: IDataObject = {}) {
		const credentials = {
			[type]: {
				grantType: 'authorizationCode',
				clientId: 'id',
				clientSecret: 'the client secret',
				accessTokenUrl: endpoint.url('/token'),
				authentication: 'body',
				oauthTokenData: { access_token: 'token-0', refresh_token: 'refresh-0', token_type: 'bearer' },
				...data,
			},
		} as CredentialData;
		let writes = 0;
		const helper = new TestCredentialsHelper(credentials, []);
		helper.updateCredentialsOauthTokenData = async (
			_reference?: INodeCredentialsDetails,
			_type?: string,
			changed?: ICredentialDataDecryptedObject,
		) => {
			writes += 1;
			credentials[type] = { ...credentials[type], oauthTokenData: changed?.oauthTokenData } as never;
		};
		const use = async (sending: Sending = {}) => await send(type, {}, { credentialsHelper: helper, ...sending });
		return { credentials, use, writes: () => writes };
	}
	const tokens = () => receiver.requests.map(({ headers }) => headers.authorization);
	const takes = (token: string, status = 401) =>
		receiver.choose(() => ({
			name: 'protected',
			act: (response, request) =>
				answer(request.headers.authorization === `Bearer ${token}` ? 200 : status).act(response, request),
		}));
	const gives = (token: string) =>
		endpoint.choose(() => answer(200, { access_token: token, token_type: 'Bearer', expires_in: 3600 }));
	const forms = () => endpoint.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body.toString())));

	it('sends the token that n8n has, without asking for another', async () => {
		const { use } = stored();
		expect((await use({ items: [{ n: 0 }, { n: 1 }] })).status).toBe('success');
		expect(tokens()).toEqual(['Bearer token-0', 'Bearer token-0']);
		expect(endpoint.requests).toHaveLength(0);
	});

	it('200 items whose token has expired: one refresh, stored in the credential, and all are delivered once', async () => {
		const { use, credentials, writes } = stored();
		takes('token-1');
		gives('token-1');
		const run = await use({ items: Array.from({ length: 200 }, (_, n) => ({ n })) });
		expect(run.error?.message).toBeUndefined();
		expect(run.output()).toHaveLength(200);
		expect(forms()).toMatchObject([{ grant_type: 'refresh_token', refresh_token: 'refresh-0' }]);
		expect(writes()).toBe(1);
		expect(credentials[type]?.oauthTokenData).toMatchObject({ access_token: 'token-1', refresh_token: 'refresh-0' });
		expect([...receiver.acknowledged().values()]).toEqual([200]);
		receiver.requests.length = 0;
		await use();
		expect(tokens()).toEqual(['Bearer token-1']);
	});

	it('by item, with the same token in each: one refresh still', async () => {
		const { use } = stored({ scope: '=scope-{{ $json.n % 5 }}' });
		takes('token-1');
		gives('token-1');
		const run = await use({ items: Array.from({ length: 50 }, (_, n) => ({ n })) });
		expect([run.output().length, endpoint.requests.length]).toEqual([50, 1]);
	});

	it('by item: n8n asks with that item’s values', async () => {
		const { use } = stored({ clientId: '=client-of-{{ $json.customer }}' });
		takes('token-1');
		gives('token-1');
		receiver.choose(() => answer(200));
		receiver.script('/ben', answer(401));
		const items = [{ customer: 'ada' }, { customer: 'ben' }];
		await use({ items, url: `=${receiver.origin}/{{ $json.customer }}` });
		expect(forms()).toMatchObject([{ client_id: 'client-of-ben' }]);
	});

	it('takes the token that another execution has stored meanwhile', async () => {
		const { use, credentials } = stored();
		receiver.choose(() => ({
			name: 'renewed elsewhere',
			act: (response, request) => {
				const before = request.headers.authorization === 'Bearer token-0';
				if (before) credentials[type] = { ...credentials[type], oauthTokenData: { access_token: 'token-9' } } as never;
				answer(before ? 401 : 200).act(response, request);
			},
		}));
		expect((await use()).status).toBe('success');
		expect([tokens(), endpoint.requests.length]).toEqual([['Bearer token-0', 'Bearer token-9'], 0]);
	});

	it('fetches the first token of the client credentials grant', async () => {
		const { use, writes } = stored({ grantType: 'clientCredentials', oauthTokenData: undefined as never });
		gives('token-1');
		const run = await use({ items: [{ n: 0 }, { n: 1 }, { n: 2 }] });
		expect(run.error?.description).toBeUndefined();
		expect(tokens()).toEqual(Array(3).fill('Bearer token-1'));
		expect(forms()).toMatchObject([{ grant_type: 'client_credentials' }]);
		expect(writes()).toBe(1);
	});

	it('a destination that takes no token costs one refresh, and its 401 is the fault', async () => {
		const { use } = stored();
		gives('token-1');
		receiver.choose(() => answer(401));
		const run = await use({ items: Array.from({ length: 10 }, (_, n) => ({ n })), settings: toErrorOutput });
		expect(endpoint.requests).toHaveLength(1);
		expect(run.errorOutput).toHaveLength(10);
		for (const { json } of run.errorOutput) expect(deliveryOf(json)).toMatchObject({ code: 'STATUS', statusCode: 401 });
	});

	it('expires by what the credential says', async () => {
		const { use } = stored({ tokenExpiredStatusCode: 403 });
		takes('token-1', 403);
		gives('token-1');
		expect((await use()).status).toBe('success');
		receiver.clear();
		takes('token-2', 401);
		expect((await use()).status).toBe('error');
		expect(endpoint.requests).toHaveLength(1);
	});

	it.each<[string, IDataObject, number, IDataObject, boolean, RegExp]>([
		['is revoked', {}, 400, { error: 'invalid_grant' }, false, /needs to be reconnected|is invalid, expired, revoked/],
		['is refused', {}, 401, { error: 'invalid_client', error_description: 'refresh-0' }, false, /Client auth/i],
		['is refused in other words', {}, 400, { error: 'odd', error_description: 'no refresh-0' }, false, /no \*\*\*/],
		['cannot be reached for now', {}, 503, { busy: true }, true, /503/],
		[
			'was never there',
			{ oauthTokenData: { access_token: 'token-0' } },
			200,
			{},
			false,
			/no refresh token|refreshToken is required/,
		],
	])(
		'a refresh token that %s: every item’s fault, asked for once',
		async (_what, data, status, body, retryable, words) => {
			const { use } = stored(data);
			receiver.choose(() => answer(401));
			endpoint.choose(() => answer(status, body));
			const run = await use({ items: [{ n: 0 }, { n: 1 }, { n: 2 }], settings: toErrorOutput });
			expect(run.errorOutput).toHaveLength(3);
			for (const { json } of run.errorOutput) {
				expect(json.message).toMatch(words);
				expect(deliveryOf(json)).toMatchObject({ code: 'TOKEN', retryable });
			}
			expect(endpoint.requests.length).toBeLessThanOrEqual(1);
			const shownText = JSON.stringify(run.errorOutput.map(({ json }) => json));
			for (const secret of ['token-0', 'refresh-0', 'the client secret']) expect(shownText).not.toContain(secret);
		},
	);

	it('goes to no other origin', async () => {
		const { use } = stored();
		receiver.script('/hook', redirect(other.url('/end'), 307));
		await use({ parameters: { options: { followRedirects: true } } });
		expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
	});

	it('keeps to the domains that the credential allows, and is in no response', async () => {
		const limited = stored({ allowedHttpRequestDomains: 'domains', allowedDomains: 'api.example.com' });
		const blocked = await limited.use({ settings: toErrorOutput });
		expect(blocked.errorOutput.map(({ json }) => deliveryOf(json).code)).toEqual(['BLOCKED']);
		expect(receiver.requests).toHaveLength(0);
		const { use } = stored();
		receiver.choose(() => answer(200, { token: 'token-0' }));
		const run = await use({ parameters: { options: { output: 'response' } } });
		expect(run.output()[0]?.json).toMatchObject({ token: '***' });
	});
});
