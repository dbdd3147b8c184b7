import type { INodeParameters } from 'n8n-workflow';
import { redirect, Receiver, type ReceivedRequest } from '../support/receiver';
import { bodies, dispatch, pairs } from './support/dispatch';

/** What leaves the node, to the byte. */

let receiver: Receiver;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

const one = [{ a: 1 }];
const sent = async (parameters: INodeParameters, items: Parameters<typeof dispatch>[0]['items'] = one) => {
	const run = await dispatch({ items, parameters: { url: receiver.url('/hook'), ...parameters } });
	expect(run.error).toBeUndefined();
	return receiver.requests;
};

describe('methods', () => {
	it.each(['POST', 'PUT', 'PATCH'])('%s carries the item', async (method) => {
		const [request] = await sent({ method });
		expect(request).toMatchObject({ method, url: '/hook' });
		expect(request?.body.toString()).toBe('{"a":1}');
		expect(request?.headers['content-length']).toBe('7');
	});

	it('DELETE has no body, as n8n stores a Body that is left as it was', async () => {
		const [request] = await sent({ method: 'DELETE' });
		expect(request).toMatchObject({ method: 'DELETE', url: '/hook', body: Buffer.alloc(0) });
		expect(request?.headers).not.toHaveProperty('content-type');
	});

	it.each([
		['inputItem', {}, '{"a":1}'],
		['json', { jsonBody: '{"x":1}' }, '{"x":1}'],
		['text', { textBody: '={{ $json.a }}' }, '1'],
		['form', { bodyParameters: pairs(['x', '1']) }, 'x=1'],
		['keyValues', { bodyParameters: pairs(['x', '1']) }, '{"x":"1"}'],
		['profiles', {}, '{"key_values":{},"profiles":{"profileData":{"a":1}}}'],
		['none', {}, ''],
		['={{ "inputItem" }}', {}, '{"a":1}'],
	])('DELETE carries the body that is selected: %s', async (body, parameters, text) => {
		const [request] = await sent({ method: 'DELETE', body, ...parameters });
		expect(request).toMatchObject({ method: 'DELETE' });
		expect(request?.body.toString()).toBe(text);
	});

	it('DELETE can be a broadcast', async () => {
		const [request] = await sent({ method: 'DELETE', body: 'profiles', recipients: 'broadcast' }, [
			{ email: 'a' },
			{ email: 'b' },
		]);
		expect(request?.body.toString()).toBe('{"key_values":{},"profiles":[{"email":"a"},{"email":"b"}]}');
	});

	it('a Method by expression keeps the Body that the form shows: the item unless another is selected', async () => {
		const items = ['POST', 'DELETE', 'delete', 'PUT'].map((m) => ({ m }));
		const parameters = { method: '={{ $json.m }}', options: { concurrency: 1 } };
		await sent(parameters, items);
		expect(bodies(receiver.requests)).toEqual(items.map((item) => JSON.stringify(item)));
		receiver.clear();
		await sent({ ...parameters, body: 'none' }, items);
		expect(bodies(receiver.requests)).toEqual(['', '', '', '']);
	});

	it.each(['HEAD', 'OPTIONS', 'TRACE'])('%s is refused, and told what to select', async (method) => {
		const run = await dispatch({
			items: one,
			parameters: { url: receiver.url(), method },
			settings: { onError: 'continueErrorOutput' },
		});
		expect(receiver.requests).toEqual([]);
		expect(run.errorOutput[0]?.json).toMatchObject({
			message: expect.stringMatching(/^The Method is not supported /) as string,
			details: {
				description: expect.stringMatching(/^Select POST, GET, PUT, PATCH or DELETE\./) as string,
				delivery: { code: 'INVALID_REQUEST', attempts: 0 },
			},
		});
	});

	it('GET has no body, whatever Body was before', async () => {
		const [request] = await sent({ method: 'GET', body: 'json', jsonBody: '{"x":1}' });
		expect(request).toMatchObject({ method: 'GET', body: Buffer.alloc(0) });
		expect(request?.headers).not.toHaveProperty('content-type');
		expect(request?.headers).not.toHaveProperty('content-length');
	});

	it('is POST with the item as JSON unless told otherwise', async () => {
		const [request] = await sent({});
		expect(request?.method).toBe('POST');
		expect(request?.headers).toMatchObject({
			'content-type': 'application/json',
			accept: expect.stringContaining('application/json') as string,
			'user-agent': expect.stringContaining('n8n-nodes-webhook-dispatch') as string,
		});
	});
});

describe('URL and headers', () => {
	it('query parameters are added to the URL, which stays as it was written', async () => {
		const queryParameters = pairs(['b', 'ä &'], ['b', 2], ['', 'lost']);
		const [request] = await sent({ url: receiver.url('/p%20q?sig=a%20b&x'), queryParameters });
		expect(request?.url).toBe('/p%20q?sig=a%20b&x&b=%C3%A4%20%26&b=2');
	});

	it('headers are sent, and win over the node’s own', async () => {
		const headerParameters = pairs(
			['X-One', '1'],
			['Content-Type', 'application/vnd.api+json'],
			['user-agent', 'me'],
			['X-Latin', 'Grüße'],
		);
		const [request] = await sent({ headerParameters });
		expect(request?.headers).toMatchObject({
			'x-one': '1',
			'content-type': 'application/vnd.api+json',
			'user-agent': 'me',
			'x-latin': Buffer.from('Grüße', 'latin1').toString('latin1'),
		});
	});

	describe('header names go out as written, for receivers that compare them with case', () => {
		const namesOf = (request?: ReceivedRequest) =>
			(request?.rawHeaders ?? []).filter((_text, index) => index % 2 === 0);
		const headerParameters = pairs(
			['apiKey', 'k'],
			['SOAPAction', '"urn:a"'],
			['content-type', 'text/xml'],
			['x-lower', 'l'],
			['CONSTRUCTOR', 'c'],
		);
		const written = ['apiKey', 'SOAPAction', 'content-type', 'x-lower', 'CONSTRUCTOR'];

		it('header parameters, each once', async () => {
			const [request] = await sent({ headerParameters });
			const names = namesOf(request);
			expect(names).toEqual(expect.arrayContaining(written));
			expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
			expect(request?.headers).toMatchObject({ apikey: 'k', soapaction: '"urn:a"', 'content-type': 'text/xml' });
		});

		it('two spellings of one name are one header: the last', async () => {
			const [request] = await sent({ headerParameters: pairs(['apiKey', '1'], ['ApiKey', '2']) });
			expect(namesOf(request).filter((name) => /^apikey$/i.test(name))).toEqual(['ApiKey']);
			expect(request?.headers.apikey).toBe('2');
		});

		it('from expressions, each item its own', async () => {
			await sent({ headerParameters: pairs(['={{ $json.name }}', 'v']), options: { concurrency: 1 } }, [
				{ name: 'apiKey' },
				{ name: 'APIKEY' },
			]);
			expect(receiver.requests.map((request) => namesOf(request).filter((name) => /^apikey$/i.test(name)))).toEqual([
				['apiKey'],
				['APIKEY'],
			]);
		});

		it('the Idempotency Header, also over a header parameter of the name in another case', async () => {
			const options = { idempotencyHeader: 'X-MessageID', deliveryId: 'a1' };
			const [request] = await sent({ options, headerParameters: pairs(['x-messageid', 'mine']) });
			expect(namesOf(request).filter((name) => /^x-messageid$/i.test(name))).toEqual(['X-MessageID']);
			expect(request?.headers['x-messageid']).toBe('a1');
		});

		it.each([302, 307, 308])(
			'after a redirect (%i) within the origin; to another one only the ID goes on',
			async (status) => {
				const elsewhere = await Receiver.start();
				receiver.script('/hook', redirect('/next', status)).script('/next', redirect(elsewhere.url('/far'), status));
				await sent({ headerParameters, options: { followRedirects: true, idempotencyHeader: 'X-MessageID' } });
				await elsewhere.close();
				expect(namesOf(receiver.of('/next')[0])).toEqual(expect.arrayContaining([...written, 'X-MessageID']));
				const far = namesOf(elsewhere.requests[0]);
				expect(far).toContain('X-MessageID');
				expect(
					far.filter((name) => ['apikey', 'soapaction', 'x-lower', 'constructor'].includes(name.toLowerCase())),
				).toEqual([]);
			},
		);

		it('Host in any case is one Host', async () => {
			const [request] = await sent({ headerParameters: pairs(['HOST', 'virtual.example']) });
			expect(namesOf(request).filter((name) => /^host$/i.test(name))).toHaveLength(1);
			expect(request?.headers.host).toBe('virtual.example');
		});
	});

	it('no ID and no signature unless asked for', async () => {
		const [request] = await sent({});
		expect(
			Object.keys(request?.headers ?? {}).filter((name) => /webhook|idempotency|authorization/.test(name)),
		).toEqual([]);
	});
});

describe('bodies', () => {
	const bodyOf = async (parameters: INodeParameters, items?: Parameters<typeof sent>[1]) => {
		const [request] = await sent(parameters, items);
		return [request?.headers['content-type'], request?.body.toString('utf8')];
	};

	it('the input item as it is', async () => {
		const item = { z: 'ä 🎉 "quoted"', n: 1.5, nested: { list: [null, true] }, empty: '' };
		expect(await bodyOf({ body: 'inputItem' }, [item])).toEqual(['application/json', JSON.stringify(item)]);
	});

	it('key-value pairs, with the types that expressions give', async () => {
		const bodyParameters = pairs(
			['name', '={{ $json.a }}'],
			['text', 'x'],
			['list', '={{ [1, 2] }}'],
			['', 'lost'],
			['text', 'y'],
		);
		expect(await bodyOf({ body: 'keyValues', bodyParameters })).toEqual([
			'application/json',
			'{"name":1,"text":"y","list":[1,2]}',
		]);
	});

	it('no pairs, an empty object', async () => {
		expect(await bodyOf({ body: 'keyValues' })).toEqual(['application/json', '{}']);
	});

	it('JSON as it was written', async () => {
		const jsonBody = '{ "long": 12345678901234567890,\n  "a": 1.0 }';
		expect(await bodyOf({ body: 'json', jsonBody })).toEqual(['application/json', jsonBody]);
	});

	it('JSON from an expression that gives an object: quotes in the values are taken care of', async () => {
		const parameters = { body: 'json', jsonBody: '={{ { name: $json.name } }}' };
		expect(await bodyOf(parameters, [{ name: 'say "hi"\n' }])).toEqual([
			'application/json',
			'{"name":"say \\"hi\\"\\n"}',
		]);
	});

	it('JSON with expressions inside of the text', async () => {
		expect(await bodyOf({ body: 'json', jsonBody: '={"n": {{ $json.a }}}' })).toEqual(['application/json', '{"n": 1}']);
	});

	it('a form', async () => {
		const bodyParameters = pairs(['a', 'ä &'], ['b', '={{ $json.a }}'], ['a', '2']);
		expect(await bodyOf({ body: 'form', bodyParameters })).toEqual([
			'application/x-www-form-urlencoded',
			'a=%C3%A4+%26&b=1&a=2',
		]);
	});

	it('plain text', async () => {
		expect(await bodyOf({ body: 'text', textBody: '=Grüße {{ $json.a }}\r\n🎉' })).toEqual([
			'text/plain; charset=utf-8',
			'Grüße 1\r\n🎉',
		]);
	});

	it('none', async () => {
		const [request] = await sent({ body: 'none' });
		expect(request?.body).toHaveLength(0);
		expect(request?.headers).not.toHaveProperty('content-type');
	});
});

describe('profiles', () => {
	const items = [
		{ Email: 'ada@example.com', identity: 'u1', since: '1970-01-01T00:01:00.000Z', vip: true },
		{ email: 'bob@example.com', push_token: 't' },
		{ phone: '+4930' },
	];
	const keyValues = pairs(['season', 'winter'], ['until', '1970-01-01T01:00:00Z']);
	const campaign = '{"targetId":1234,"key_values":{"season":"winter","until":"$D_3600"},"profiles":';
	const profiles = [
		'{"identity":"u1","email":"ada@example.com","profileData":{"since":"$D_60","vip":true}}',
		'{"email":"bob@example.com","push_token":"t"}',
		'{"phone":"+4930"}',
	];
	const parameters = { body: 'profiles', targetId: '1234', keyValues };

	it('a single recipient: one request for each, profiles is one object', async () => {
		await sent({ ...parameters, options: { concurrency: 1 } }, items);
		expect(bodies(receiver.requests)).toEqual(profiles.map((profile) => `${campaign}${profile}}`));
	});

	it('a broadcast: all in one request, profiles is an array; one output item paired with all', async () => {
		const run = await dispatch({ items, parameters: { url: receiver.url(), ...parameters, recipients: 'broadcast' } });
		expect(bodies(receiver.requests)).toEqual([`${campaign}[${profiles.join(',')}]}`]);
		expect(run.output().map(({ pairedItem }) => pairedItem)).toEqual([[{ item: 0 }, { item: 1 }, { item: 2 }]]);
	});

	it('a broadcast in batches: each one paired with its own items', async () => {
		const options = { batchSize: 2, concurrency: 1 };
		const run = await dispatch({
			items,
			parameters: { url: receiver.url(), ...parameters, recipients: 'broadcast', options },
		});
		expect(bodies(receiver.requests)).toEqual([
			`${campaign}[${profiles[0]},${profiles[1]}]}`,
			`${campaign}[${profiles[2]}]}`,
		]);
		expect(run.output().map(({ pairedItem }) => pairedItem)).toEqual([[{ item: 0 }, { item: 1 }], { item: 2 }]);
	});

	describe('a broadcast is decided once a run, from the first item: nobody is left out of it', () => {
		const batches = { body: 'profiles', recipients: 'broadcast', url: '', options: { batchSize: 2, concurrency: 1 } };
		const mails = ['a', 'b', 'c', 'd', 'e'];
		const inBatches = ['a,b', 'c,d', 'e'].map((batch) => batch.split(','));
		/** Each item says by `other` what the field would be for it. */
		const others = (first: string, ...rest: string[]) =>
			mails.map((email, index) => ({ email, other: rest[index - 1] ?? first }));
		const recipientsOf = () =>
			receiver.requests.map(({ body }) => {
				const { profiles } = JSON.parse(body.toString()) as { profiles: Array<{ email: string }> };
				return profiles.map(({ email }) => email);
			});
		const deliver = async (parameters: INodeParameters, items: ReturnType<typeof others>) =>
			await dispatch({
				items,
				parameters: { ...batches, url: receiver.url(), ...parameters },
				settings: { onError: 'continueErrorOutput' },
			});

		it.each<[string, INodeParameters, ReturnType<typeof others>]>([
			[
				'Recipients',
				{ recipients: '={{ $json.other }}' },
				others('broadcast', 'single', 'single', 'broadcast', 'single'),
			],
			['Recipients without a value', { recipients: '={{ $json.other }}' }, others('broadcast', '', 'nonsense', '', '')],
			['Body', { body: '={{ $json.other }}' }, others('profiles', 'inputItem', 'none', 'profiles', 'json')],
			['Method', { method: '={{ $json.other }}' }, others('POST', 'PUT', 'PUT', 'GET', 'DELETE')],
		])('%s by an expression', async (_name, parameters, items) => {
			const run = await deliver(parameters, items);
			expect(recipientsOf()).toEqual(inBatches);
			expect(run.output().map(({ pairedItem }) => pairedItem)).toEqual([
				[{ item: 0 }, { item: 1 }],
				[{ item: 2 }, { item: 3 }],
				{ item: 4 },
			]);
			expect(run.errorOutput).toEqual([]);
		});

		it('a group whose Method is GET is refused: it would carry nobody', async () => {
			const run = await deliver({ method: '={{ $json.other }}' }, others('POST', 'POST', 'GET', 'POST', 'PUT'));
			expect(recipientsOf()).toEqual([['a', 'b'], ['e']]);
			expect(run.errorOutput).toHaveLength(1);
			expect(run.errorOutput[0]).toMatchObject({
				json: {
					message: 'A broadcast needs a body, which GET does not send [items 2-3]',
					details: { delivery: { code: 'INVALID_REQUEST', attempts: 0 } },
				},
				pairedItem: [{ item: 2 }, { item: 3 }],
			});
		});

		it('a first item that says Single makes each item its own request, with one object in profiles', async () => {
			const run = await deliver(
				{ recipients: '={{ $json.other }}' },
				others('single', 'broadcast', 'broadcast', 'single', 'broadcast'),
			);
			expect(bodies(receiver.requests)).toEqual(
				mails.map((email) => expect.stringContaining(`"profiles":{"email":"${email}",`) as string),
			);
			expect(run.output().map(({ pairedItem }) => pairedItem)).toEqual(mails.map((_mail, item) => ({ item })));
		});
	});

	it('a broadcast takes campaign and URL from the first item of each request', async () => {
		const recipients = { recipients: 'broadcast', options: { batchSize: 2, concurrency: 1 } };
		const url = `=${receiver.origin}/{{ $json.n }}`;
		await sent({ ...parameters, ...recipients, url, targetId: '={{ $json.n }}' }, [{ n: 1 }, { n: 2 }, { n: 3 }]);
		expect(
			receiver.requests.map((request) => [
				request.url,
				(JSON.parse(request.body.toString()) as { targetId: number }).targetId,
			]),
		).toEqual([
			['/1', 1],
			['/3', 3],
		]);
	});

	it('in the letter case of the test payload', async () => {
		await sent({ ...parameters, options: { keyStyle: 'reference' } }, [items[0]!]);
		expect(bodies(receiver.requests)[0]).toContain(
			'"profiles":{"Identity":"u1","Email":"ada@example.com","profileData"',
		);
	});
});

describe('expressions', () => {
	it('are evaluated for each item: URL, query, header, body, ID', async () => {
		const items = [{ n: 'a' }, { n: 'b' }];
		await sent(
			{
				url: `=${receiver.origin}/{{ $json.n }}`,
				queryParameters: pairs(['q', '={{ $json.n }}']),
				headerParameters: pairs(['X-N', '={{ $json.n }}']),
				body: 'text',
				textBody: '={{ $json.n }}{{ $itemIndex }}',
				options: { deliveryId: '=id-{{ $json.n }}', idempotencyHeader: 'Idempotency-Key', concurrency: 1 },
			},
			items,
		);
		expect(
			receiver.requests.map(({ url, headers, body }) => [
				url,
				headers['x-n'],
				headers['idempotency-key'],
				body.toString(),
			]),
		).toEqual([
			['/a?q=a', 'a', 'id-a', 'a0'],
			['/b?q=b', 'b', 'id-b', 'b1'],
		]);
	});

	it('may choose method and kind of body for each item', async () => {
		const items = [
			{ m: 'PUT', b: 'none' },
			{ m: 'DELETE', b: 'inputItem' },
		];
		await sent({ method: '={{ $json.m }}', body: '={{ $json.b }}', options: { concurrency: 1 } }, items);
		expect(receiver.requests.map(({ method, body }) => [method, body.length > 0])).toEqual([
			['PUT', false],
			['DELETE', true],
		]);
	});

	it('one value for all is one value for all', async () => {
		const items = Array.from({ length: 30 }, (_, n) => ({ n }));
		await sent({ headerParameters: pairs(['X-Same', 'x']), queryParameters: pairs(['q', '1']) }, items);
		expect(new Set(receiver.requests.map(({ url, headers }) => `${url} ${String(headers['x-same'])}`))).toEqual(
			new Set(['/hook?q=1 x']),
		);
		expect(new Set(bodies(receiver.requests)).size).toBe(30);
	});
});

it('every item is one request, each once', async () => {
	const items = Array.from({ length: 300 }, (_, n) => ({ n }));
	const run = await dispatch({ items, parameters: { url: receiver.url() } });
	expect(new Set(bodies(receiver.requests))).toEqual(new Set(items.map((item) => JSON.stringify(item))));
	expect(receiver.requests).toHaveLength(300);
	expect(run.output().map(({ pairedItem }) => pairedItem)).toEqual(items.map((_, item) => ({ item })));
});

it('no items, no request', async () => {
	const run = await dispatch({ items: [], parameters: { url: receiver.url() } });
	expect([run.status, receiver.requests.length]).toEqual(['success', 0]);
});
