import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { runWorkflow } from '../support/engine';
import { fileFrom, fileIn, withFiles, type BinaryMode } from '../support/engine/files';
import { account, dispatchTo, isFaulty, kept, keysOf, SHORT_TIMEOUT } from '../support/faults/scenario';
import { FaultTable } from '../support/faults/table';
import { randomOf, seedFrom } from '../support/random';
import {
	answer,
	busy,
	commitThenHang,
	hang,
	Receiver,
	resetAfterBody,
	resetBeforeBody,
	truncated,
	type ReceivedRequest,
} from '../support/receiver';

/** Files through faults: whatever happens to an attempt, the next one sends the same bytes, with the same boundary. */

const SEED = seedFrom('FILES_SEED');
const COUNT = 24;
const MODES: BinaryMode[] = ['memory', 'filesystem', 'database'];
const table = new FaultTable(12, 'files');
let receiver: Receiver;
beforeAll(async () => {
	console.log(`FILES_SEED=${SEED}`);
	receiver = await Receiver.start();
});
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

/** Every second item sends a form, each other the file alone. */
const parameters: INodeParameters = {
	body: "={{ $json.item % 2 === 0 ? 'file' : 'multipart' }}",
	inputDataFieldName: 'data',
	multipartParameters: {
		parameters: [
			{ parameterType: 'formData', name: 'note', value: '={{ $json.note }}' },
			{ parameterType: 'formBinaryData', name: 'photo', inputDataFieldName: 'data' },
		],
	},
};

const items = async (): Promise<INodeExecutionData[]> => {
	const random = randomOf(SEED);
	return await Promise.all(
		Array.from({ length: COUNT }, async (_, item) => {
			const bytes = randomBytes(random.whole(1, 300_000));
			return withFiles({ item, note: `note of ${item}` }, { data: await fileIn(random.pick(MODES), bytes) });
		}),
	);
};

/** What a request is, in short: the connection may have been cut before its body. */
const printOf = ({ headers, body }: ReceivedRequest) => [
	headers['content-type'],
	headers['content-length'],
	body.length === 0 ? '' : createHash('sha256').update(body).digest('hex'),
];

function expectSameBytes(): void {
	for (const key of keysOf(COUNT)) {
		const [types, lengths, prints] = [0, 1, 2].map(
			(column) => new Set(receiver.of(key).map((request) => printOf(request)[column])),
		);
		prints?.delete('');
		expect([key, types?.size, lengths?.size, prints?.size]).toEqual([key, 1, 1, 1]);
	}
}

it('random faults: each attempt has the same bytes and the same boundary', async () => {
	const random = randomOf(SEED + 1);
	const faults = [
		resetBeforeBody,
		resetAfterBody,
		hang,
		commitThenHang,
		() => truncated(503),
		() => busy(503),
		() => answer(500),
	];
	for (const key of keysOf(COUNT)) {
		receiver.script(key, ...Array.from({ length: random.whole(0, 3) }, () => random.pick(faults)()));
	}
	const options = { timeout: SHORT_TIMEOUT };
	const node = dispatchTo(receiver.origin, { maxTries: 2, parameters: { ...parameters, options } });
	let run = await runWorkflow({ items: await items(), node });
	let executions = 1;
	for (; run.status === 'error' && executions < 4; executions += 1) run = await run.retry();
	const counts = account(run, [receiver], keysOf(COUNT));
	table.add('Files through random faults', counts, executions);
	expect(counts).toMatchObject({ ...kept, delivered: COUNT, failed: 0 });
	expectSameBytes();
}, 120_000);

it('a storage that breaks off costs its items an attempt, and the others nothing', async () => {
	const breaking = (await items()).map(async (item) => {
		if (!isFaulty(`/${String(item.json.item)}`)) return item;
		const bytes = randomBytes(100_000);
		let opened = 0;
		const open = () =>
			(opened += 1) === 2
				? Readable.from(
						(function* () {
							yield bytes.subarray(0, 50_000);
							throw Object.assign(new Error('storage'), { code: 'EIO' });
						})(),
					)
				: Readable.from([bytes]);
		return withFiles(item.json, { data: await fileFrom(open) });
	});
	const run = await runWorkflow({
		items: await Promise.all(breaking),
		node: dispatchTo(receiver.origin, { parameters }),
	});
	const counts = account(run, [receiver], keysOf(COUNT));
	table.add('A storage that breaks off while a file is sent', counts);
	expect(counts).toMatchObject({ ...kept, delivered: COUNT, failed: 0 });
	for (const { key, outcome } of receiver.requests)
		if (!isFaulty(key)) expect([key, outcome]).toEqual([key, 'acknowledged']);
});
