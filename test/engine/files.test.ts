import { createHash, createHmac, createPrivateKey, createPublicKey, randomBytes, verify } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { BinaryDataService } from 'n8n-core';
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';

import type { NodeSettings } from '../support/engine';
import { Container } from '../support/engine/container';
import {
	answer,
	hang,
	issueCertificate,
	Receiver,
	redirect,
	resetAfterBody,
	resetBeforeBody,
	type Behaviour,
	type ReceivedRequest,
} from '../support/receiver';
import { deliveryOf, dispatch } from './support/dispatch';
import { TestProxy } from './support/proxy';
import { fileFrom, fileIn, withFiles, type BinaryMode } from '../support/engine/files';

/** Body File and Multipart in n8n's engine. */

let receiver: Receiver;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

const MODES: BinaryMode[] = ['memory', 'filesystem', 'database'];
const toErrorOutput: NodeSettings = { onError: 'continueErrorOutput' };
const retrying: NodeSettings = { retryOnFail: true, maxTries: 3 };

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Sends each item's file to `/<n>`. */
const send = async (
	items: INodeExecutionData[],
	parameters: INodeParameters = {},
	settings: NodeSettings = {},
	more = {},
) =>
	await dispatch({
		items,
		settings,
		parameters: { url: `=${receiver.origin}/{{ $json.n }}`, body: 'file', ...parameters },
		...more,
	});

/** Rows of Body Parameters. */
const rows = (...given: INodeParameters[]): INodeParameters => ({
	body: 'multipart',
	multipartParameters: { parameters: given },
});
const textRow = (name: string, value: string) => ({ parameterType: 'formData', name, value });
const fileRow = (name: string, inputDataFieldName = 'data') => ({
	parameterType: 'formBinaryData',
	name,
	inputDataFieldName,
});

describe.each(MODES)('a file that n8n keeps in mode %s', (mode) => {
	it('is sent byte for byte, with its own type and its length', async () => {
		const bytes = randomBytes(300_001);
		const data = await fileIn(mode, bytes, { mimeType: 'image/webp' });
		const { status } = await send([withFiles({ n: 1 }, { data })]);
		expect(status).toBe('success');
		const [request] = receiver.requests;
		expect(request!.body.equals(bytes)).toBe(true);
		expect(request!.headers).toMatchObject({ 'content-type': 'image/webp', 'content-length': '300001' });
		expect(request!.headers['transfer-encoding']).toBeUndefined();
	});

	it('is opened for each attempt: the same bytes under the same ID, in the retry of the execution, too', async () => {
		const bytes = randomBytes(200_000);
		const data = await fileIn(mode, bytes);
		receiver.script('/1', resetBeforeBody(), answer(503), resetAfterBody(), answer(200));
		const options = { idempotencyHeader: 'Idempotency-Key' };
		const run = await send([withFiles({ n: 1 }, { data })], { options }, retrying);
		expect(run.status).toBe('error');
		const again = await run.retry();
		expect(again.status).toBe('success');
		const whole = receiver.requests.filter(({ behaviour }) => behaviour !== 'reset before body');
		expect(whole.map(({ body }) => sha(body))).toEqual([sha(bytes), sha(bytes), sha(bytes)]);
		expect(new Set(receiver.requests.map(({ headers }) => headers['idempotency-key']))).toHaveProperty('size', 1);
		expect(deliveryOf(again.output()[0]!.json)).toMatchObject({ attempts: 4, status: 'delivered' });
	});

	it('goes into a form with the same boundary in each attempt', async () => {
		const data = await fileIn(mode, randomBytes(100_000));
		receiver.script('/1', answer(503), answer(503), answer(503), answer(200));
		const parameters = rows(textRow('comment', '={{ $json.n }} star'), fileRow('photo'));
		const run = await send([withFiles({ n: 1 }, { data })], parameters, retrying);
		await run.retry();
		expect(receiver.requests).toHaveLength(4);
		expect(new Set(receiver.requests.map(({ headers }) => headers['content-type']))).toHaveProperty('size', 1);
		expect(new Set(receiver.requests.map(({ body }) => sha(body)))).toHaveProperty('size', 1);
	});
});

describe('the ID', () => {
	it.each<BinaryMode>(['memory', 'filesystem'])(
		'of a file in mode %s that has changed is another one',
		async (mode) => {
			const json = { n: 1 };
			const first = withFiles(json, { data: await fileIn(mode, Buffer.from('first')) });
			receiver.script('/1', answer(200), answer(200));
			receiver.script('/2', answer(400), answer(200));
			const other = withFiles({ n: 2 }, { data: await fileIn(mode, Buffer.from('other')) });
			const run = await send([first, other]);
			expect(run.status).toBe('error');
			const changed = withFiles(json, { data: await fileIn(mode, Buffer.from('second')) });
			const again = await run.retry({ items: [changed, other] });
			expect(again.status).toBe('success');
			expect(receiver.of('/1').map(({ body }) => body.toString())).toEqual(['first', 'second']);
		},
	);

	it.each<BinaryMode>(['memory', 'filesystem'])(
		'of the same file in mode %s, stored once more, is the same: it is not sent again',
		async (mode) => {
			const items = async () => [
				withFiles({ n: 1 }, { data: await fileIn(mode, Buffer.from('same')) }),
				withFiles({ n: 2 }, { data: await fileIn(mode, Buffer.from('other')) }),
			];
			receiver.script('/2', answer(400), answer(200));
			const run = await send(await items());
			const [one, two] = await items();
			const again = await run.retry({ items: [two!, one!] });
			expect(again.status).toBe('success');
			expect([receiver.of('/1').length, receiver.of('/2').length]).toEqual([1, 2]);
		},
	);
});

describe('signed by Standard Webhooks', () => {
	const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
	const seed = Buffer.alloc(32, 2);
	const signed = async (secrets: { secret: string; previousSecret?: string }, bytes: Buffer) =>
		await send(
			[withFiles({ n: 1 }, { data: await fileIn('filesystem', bytes) })],
			{ signing: 'standardWebhooks' },
			toErrorOutput,
			{
				credentials: { webhookDispatchSigningApi: { previousSecret: '', ...secrets } },
			},
		);

	it('by both secrets of a rotation, over the bytes that arrive', async () => {
		const key = createPrivateKey({
			key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
			format: 'der',
			type: 'pkcs8',
		});
		await signed({ secret, previousSecret: `whsk_${seed.toString('base64')}` }, randomBytes(200_000));
		const [{ headers, body }] = receiver.requests as [ReceivedRequest];
		const message = Buffer.concat([
			Buffer.from(`${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.`),
			body,
		]);
		const hmac = createHmac('sha256', Buffer.alloc(32, 1)).update(message).digest('base64');
		const [byHmac, byEd25519 = ''] = String(headers['webhook-signature']).split(' ');
		expect(byHmac).toBe(`v1,${hmac}`);
		expect(verify(null, message, createPublicKey(key), Buffer.from(byEd25519.slice('v1a,'.length), 'base64'))).toBe(
			true,
		);
	});

	it('by an Ed25519 key up to 16 MiB, as it has to be held for that', async () => {
		const run = await signed({ secret: `whsk_${seed.toString('base64')}` }, Buffer.alloc(16 * 1024 * 1024 + 1, 1));
		expect(receiver.requests).toHaveLength(0);
		expect(run.errorOutput[0]!.json.message).toContain('too large to be signed with an Ed25519 key');
		expect(deliveryOf(run.errorOutput[0]!.json)).toMatchObject({ code: 'INVALID_REQUEST', retryable: false });
	});

	it('that cannot be read while it is signed is the fault of its item', async () => {
		let opened = 0;
		const bytes = Buffer.from('signed');
		const data = await fileFrom(() => Readable.from([(opened += 1) === 1 ? bytes : Buffer.from('s')]));
		const run = await send([withFiles({ n: 1 }, { data })], { signing: 'standardWebhooks' }, toErrorOutput, {
			credentials: { webhookDispatchSigningApi: { secret, previousSecret: '' } },
		});
		expect(receiver.requests).toHaveLength(0);
		expect(run.errorOutput[0]!.json.message).toBe(
			'The file in "data" could not be read to its end: 1 of 6 bytes [item 0]',
		);
	});
});

describe('redirects', () => {
	it.each([307, 308])('%i takes the bytes along, opened once more', async (status) => {
		const bytes = randomBytes(150_000);
		receiver.script('/1', redirect('/moved', status));
		const data = await fileIn('filesystem', bytes);
		await send([withFiles({ n: 1 }, { data })], { options: { followRedirects: true } });
		const [moved] = receiver.of('/moved');
		expect([moved!.method, sha(moved!.body), moved!.headers['content-type']]).toEqual([
			'POST',
			sha(bytes),
			'image/png',
		]);
	});

	it('303 leaves them', async () => {
		receiver.script('/1', redirect('/seen', 303));
		const data = await fileIn('filesystem', Buffer.from('x'));
		await send([withFiles({ n: 1 }, { data })], { options: { followRedirects: true } });
		const [seen] = receiver.of('/seen');
		expect([seen!.method, seen!.body.length, seen!.headers['content-length']]).toEqual(['GET', 0, undefined]);
	});
});

describe('what flows on', () => {
	it('with Output Input Item the files, too, paired with their items', async () => {
		const items = await Promise.all(
			[0, 1, 2].map(async (n) => withFiles({ n }, { data: await fileIn('filesystem', Buffer.from(`file ${n}`)) })),
		);
		const run = await send(items, { options: { output: 'input' } });
		expect(run.output()).toEqual(
			items
				.map((item, index) => ({ ...item, pairedItem: { item: index }, index: expect.anything() as number }))
				.map(({ index, ...item }) => item),
		);
	});

	it('with a failed item its files, so that a later round sends them under the same ID', async () => {
		const bytes = Buffer.from('to be sent later');
		const data = await fileIn('filesystem', bytes);
		receiver.script('/1', answer(503), answer(200));
		const options = { idempotencyHeader: 'Idempotency-Key', retrySchedule: '1s' };
		const run = await send([withFiles({ n: 1 }, { data })], { options }, toErrorOutput);
		const [failed] = run.errorOutput;
		expect(failed).toMatchObject({ binary: { data }, pairedItem: { item: 0 } });
		const later = await send([{ json: failed!.json, binary: failed!.binary! }], { options }, toErrorOutput);
		expect(later.output()).toHaveLength(1);
		expect(receiver.requests.map(({ body }) => body.toString())).toEqual([bytes.toString(), bytes.toString()]);
		expect(new Set(receiver.requests.map(({ headers }) => headers['idempotency-key']))).toHaveProperty('size', 1);
	});
});

describe('what cannot be sent is the fault of its item, and the others are delivered', () => {
	const good = async (n: number) => withFiles({ n }, { data: await fileIn('filesystem', Buffer.from('good')) });

	const cases: Array<[string, () => Promise<INodeExecutionData>, INodeParameters, string]> = [
		['an item without files', async () => ({ json: { n: 1 } }), {}, 'The item has no file in "data"'],
		[
			'a name that the item does not have',
			async () => await good(1),
			{ inputDataFieldName: "={{ $json.n === 1 ? 'photo' : 'data' }}" },
			'The item has no file in "photo"',
		],
		[
			'a name of every object',
			async () => await good(1),
			{ inputDataFieldName: "={{ $json.n === 1 ? 'constructor' : 'data' }}" },
			'The item has no file in "constructor"',
		],
		[
			'no name',
			async () => await good(1),
			{ inputDataFieldName: "={{ $json.n === 1 ? '' : 'data' }}" },
			'Input Data Field Name is empty',
		],
		[
			'an empty file',
			async () => withFiles({ n: 1 }, { data: await fileIn('memory', Buffer.alloc(0)) }),
			{},
			'The file in "data" is empty',
		],
		[
			'an empty file on disk',
			async () => withFiles({ n: 1 }, { data: await fileIn('filesystem', Buffer.alloc(0)) }),
			{},
			'The file in "data" is empty',
		],
		[
			'a file that is gone',
			async () => {
				const data = await fileIn('filesystem', Buffer.from('soon gone'));
				const service = Container.get(BinaryDataService as never) as { getPath(id: string): string };
				await rm(service.getPath(data.id!));
				return withFiles({ n: 1 }, { data });
			},
			{},
			'The file in "data" no longer exists',
		],
		[
			'a content type that is none',
			async () =>
				withFiles({ n: 1 }, { data: await fileIn('memory', Buffer.from('x'), { mimeType: 'image/png\r\nX-Evil: 1' }) }),
			{},
			'The content type of the file in "data" is not valid',
		],
		[
			'an unknown type of a parameter',
			async () => await good(1),
			rows({ parameterType: "={{ $json.n === 1 ? 'file' : 'formData' }}", name: 'photo', value: 'x' }),
			'Type of the parameter "photo" in Body Parameters has a value that does not exist',
		],
		[
			'a file of a form that is not there',
			async () => await good(1),
			rows(textRow('comment', 'x'), fileRow('photo', "={{ $json.n === 1 ? 'other' : 'data' }}")),
			'The item has no file in "other" (parameter "photo")',
		],
		[
			'a file of a form without a name',
			async () => await good(1),
			rows(fileRow("={{ $json.n === 1 ? '' : 'photo' }}")),
			'A file in Body Parameters has no name',
		],
		[
			'a form of nothing',
			async () => await good(1),
			rows(textRow("={{ $json.n === 1 ? '' : 'a' }}", '1')),
			'Body Parameters has no named parameter',
		],
		[
			'a boundary of its own',
			async () => await good(1),
			{
				...rows(textRow('a', '1')),
				headerParameters: {
					parameters: [
						{ name: "={{ $json.n === 1 ? 'Content-Type' : 'X-Other' }}", value: 'multipart/form-data; boundary=x' },
					],
				},
			},
			'The Content-Type header contains a boundary',
		],
	];

	it.each(cases)('%s', async (_what, bad, parameters, message) => {
		const run = await send([await good(0), await bad(), await good(2)], parameters, { ...toErrorOutput, ...retrying });
		expect(receiver.requests.map(({ key }) => key).sort()).toEqual(['/0', '/2']);
		expect(run.output()).toHaveLength(2);
		expect(run.errorOutput.map(({ json }) => json.message)).toEqual([`${message} [item 1]`]);
		expect(deliveryOf(run.errorOutput[0]!.json)).toMatchObject({
			code: 'INVALID_REQUEST',
			retryable: false,
			attempts: 0,
		});
	});

	it('names the files that the item has', async () => {
		const item = withFiles(
			{ n: 1 },
			{ photo: await fileIn('memory', Buffer.from('x')), page: await fileIn('memory', Buffer.from('y')) },
		);
		const run = await send([item], {}, toErrorOutput);
		expect(run.errorOutput[0]!.json.details).toMatchObject({
			description: 'Fill in the name of one of its files in Input Data Field Name: "photo", "page".',
		});
	});
});

describe('a file that cannot be read to its end', () => {
	const bytes = randomBytes(500_000);
	/** Its bytes, whole the first time (its length and hash are found out), and then as said. */
	const wholeOnce = (then: (nth: number) => Readable) => {
		let opened = 0;
		return () => ((opened += 1) === 1 ? Readable.from([bytes]) : then(opened));
	};
	const breaks = (): Readable =>
		Readable.from(
			(function* () {
				yield bytes.subarray(0, 200_000);
				throw Object.assign(new Error('secret/path/of/the/file'), { code: 'EIO' });
			})(),
		);

	it.each<[string, () => Readable, string]>([
		['breaks off', breaks, 'The file in "data" could not be read (EIO)'],
		[
			'ends too early',
			() => Readable.from([bytes.subarray(0, 300_000)]),
			'could not be read to its end: 300000 of 500000 bytes',
		],
		['goes on', () => Readable.from([bytes, bytes]), 'became longer than its 500000 bytes while it was sent'],
	])('%s: a fault of its item and not of the destination, whose connections go on', async (_what, stream, message) => {
		const good = await Promise.all(
			[0, 2, 3, 4, 5].map(async (n) => withFiles({ n }, { data: await fileIn('filesystem', Buffer.from('good')) })),
		);
		const bad = withFiles({ n: 1 }, { data: await fileFrom(wholeOnce(stream)) });
		const run = await send([good[0]!, bad, ...good.slice(1)], { options: { concurrency: 1 } }, toErrorOutput);
		expect(run.output()).toHaveLength(5);
		const [failed] = run.errorOutput;
		expect(failed!.json.message).toContain(message);
		expect(JSON.stringify(failed)).not.toContain('secret/path');
		expect(deliveryOf(failed!.json)).toMatchObject({ code: 'INVALID_REQUEST', retryable: true });
		expect(receiver.acknowledged().get('/1')).toBeUndefined();
	});

	it('is sent whole by the next try', async () => {
		const data = await fileFrom(wholeOnce((nth) => (nth === 2 ? breaks() : Readable.from([bytes]))));
		const run = await send([withFiles({ n: 1 }, { data })], {}, retrying);
		expect(run.status).toBe('success');
		expect(receiver.requests.filter(({ outcome }) => outcome === 'acknowledged').map(({ body }) => sha(body))).toEqual([
			sha(bytes),
		]);
	});
});

describe('the destination', () => {
	it('may respond before it has read the file', async () => {
		const early: Behaviour = {
			name: 'answers at once',
			beforeBody: true,
			act: (response) => response.writeHead(413, { connection: 'close' }).end('too much'),
		};
		receiver.choose(() => early);
		const data = await fileIn('filesystem', randomBytes(8_000_000));
		const run = await send([withFiles({ n: 1 }, { data })], {}, toErrorOutput);
		expect(deliveryOf(run.errorOutput[0]!.json)).toMatchObject({ statusCode: 413, code: 'STATUS' });
	});

	it('that never responds runs into the timeout', async () => {
		receiver.choose(() => hang());
		const data = await fileIn('filesystem', randomBytes(500_000));
		const run = await send([withFiles({ n: 1 }, { data })], { options: { timeout: 300 } }, toErrorOutput);
		expect(deliveryOf(run.errorOutput[0]!.json)).toMatchObject({ code: 'TIMEOUT' });
	});

	it.each(['http', 'https'])('is reached through a proxy over %s', async (scheme) => {
		const proxy = await TestProxy.start();
		const tls = await Receiver.start({ tls: issueCertificate() });
		const bytes = randomBytes(400_000);
		const behind = scheme === 'http' ? receiver : tls;
		behind.script('/1', answer(503), answer(200));
		const data = await fileIn('filesystem', bytes);
		const options = { proxy: `http://${proxy.address}`, allowUnauthorizedCerts: true };
		const { status } = await send([withFiles({ n: 1 }, { data })], { url: behind.url('/1'), options }, retrying);
		expect(status).toBe('success');
		expect(behind.requests.map(({ body }) => sha(body))).toEqual([sha(bytes), sha(bytes)]);
		expect(behind.requests[0]?.headers['content-length']).toBe('400000');
		expect(proxy.passages.length).toBeGreaterThan(0);
		await Promise.all([proxy.close(), tls.close()]);
	});

	it('gets many files over few connections, each response to the file it is for', async () => {
		const items = await Promise.all(
			Array.from({ length: 60 }, async (_, n) =>
				withFiles(
					{ n },
					{ data: await fileIn(MODES[n % 3]!, Buffer.concat([Buffer.from(`${n}:`), randomBytes(n * 3_000)])) },
				),
			),
		);
		const before = receiver.connections;
		receiver.choose((key) => answer(Number(key.slice(1)) % 7 === 0 ? 422 : 200, { key }));
		const run = await send(items, { options: { output: 'response', concurrency: 10 } }, toErrorOutput);
		expect(run.output().map(({ json }) => json.key)).toEqual(
			items.map(({ json }) => `/${String(json.n)}`).filter((_, n) => n % 7 !== 0),
		);
		expect(run.errorOutput).toHaveLength(9);
		for (const { key, body } of receiver.requests)
			expect(body.toString('latin1').startsWith(`${key.slice(1)}:`)).toBe(true);
		expect(receiver.connections - before).toBeLessThanOrEqual(10);
	});
});

it('GET sends no file, and a hint says so', async () => {
	const data = await fileIn('memory', Buffer.from('x'));
	const run = await send([withFiles({ n: 1 }, { data })], { method: "={{ 'GET' }}" });
	expect(receiver.requests.map(({ method, body }) => [method, body.length])).toEqual([['GET', 0]]);
	expect(run.hints.map(({ message }) => message).join()).toContain('GET request was sent without a body');
});

it('a file of another node, by an expression', async () => {
	const data = await fileIn('filesystem', Buffer.from('by expression'), { mimeType: 'text/csv' });
	await send([withFiles({ n: 1 }, { data })], { inputDataFieldName: '={{ $binary.data }}' });
	expect(receiver.requests.map(({ body, headers }) => [body.toString(), headers['content-type']])).toEqual([
		['by expression', 'text/csv'],
	]);
});
