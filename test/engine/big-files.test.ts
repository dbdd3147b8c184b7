import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { startChild, type Child } from '../../tools/lib/process';
import type { Asked, Told } from './support/bigFile.child';

/** A file of 200 MB from n8n's file system, in a separate process whose memory is watched: nobody holds all of it. */

const MB = 1_000_000;
const SIZE = 200 * MB;
/** What is in progress, and what the garbage collector has not seen to yet: some 35 MB of buffers, on a busy machine 85. */
const MOST_BUFFERS = 130 * MB;
const MOST_RSS = 160 * MB;

/** What has arrived, hashed as it came in. */
interface Arrived {
	length: number;
	sha256: string;
	/** By the secret, over `<id>.<time>.` and the body. */
	hmac: string;
	headers: IncomingHttpHeaders;
}

const KEY = Buffer.alloc(32, 7);
const credentials = { webhookDispatchSigningApi: { secret: `whsec_${KEY.toString('base64')}`, previousSecret: '' } };

let child: Child;
let server: Server;
let url: string;
let arrived: Arrived[];
/** Statuses to respond with, one after another; 200 in the end. */
let statuses: number[];

beforeAll(async () => {
	child = startChild(path.join(__dirname, 'support', 'bigFile.child.ts'));
	server = createServer((request, response) => {
		const { headers } = request;
		const sha = createHash('sha256');
		const hmac = createHmac('sha256', KEY).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.`);
		let length = 0;
		request.on('data', (chunk: Buffer) => {
			sha.update(chunk);
			hmac.update(chunk);
			length += chunk.length;
		});
		request.on('end', () => {
			arrived.push({ length, headers, sha256: sha.digest('hex'), hmac: hmac.digest('base64') });
			response.writeHead(length < SIZE ? 200 : (statuses.shift() ?? 200)).end();
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(async () => {
	await child.stop();
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
	arrived = [];
	statuses = [];
});

const send = async (parameters: object, given: Asked['credentials'] = {}): Promise<Told> =>
	await child.ask<Told>('send', { size: SIZE, parameters: { url, ...parameters }, credentials: given });

it.each<[string, object]>([
	['as the body', { body: 'file' }],
	[
		'in a form',
		{
			body: 'multipart',
			multipartParameters: {
				parameters: [
					{ parameterType: 'formData', name: 'title', value: 'A film' },
					{ parameterType: 'formBinaryData', name: 'film', inputDataFieldName: 'data' },
				],
			},
		},
	],
])('%s, signed, and sent twice: in each attempt the same bytes', async (_how, parameters) => {
	statuses = [503];
	const told = await send({ ...parameters, signing: 'standardWebhooks' }, credentials);
	console.log(`MB beside the rest: ${(told.buffers / MB).toFixed(1)} in buffers, ${(told.rss / MB).toFixed(1)} of rss`);
	expect(told).toMatchObject({ status: 'success' });
	const [, ...both] = arrived;
	expect(both).toHaveLength(2);
	for (const { length, headers, hmac } of both) {
		expect(length).toBeGreaterThanOrEqual(SIZE);
		expect(headers['content-length']).toBe(String(length));
		expect(headers['webhook-signature']).toBe(`v1,${hmac}`);
	}
	expect(both[1]!.sha256).toBe(both[0]!.sha256);
	expect(both[1]!.headers['content-type']).toBe(both[0]!.headers['content-type']);
	expect(told.buffers).toBeLessThan(MOST_BUFFERS);
	expect(told.rss).toBeLessThan(MOST_RSS);
});
