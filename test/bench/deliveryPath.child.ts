/**
 * The delivery path alone, without n8n: from an item to its output item, over the package as built, beside a bare pool of
 * the same undici. Asked to `measure`, it gives the milliseconds of each round of both.
 */
import path from 'node:path';
import { performance } from 'node:perf_hooks';

import { Pool } from 'undici';

import type { ItemSettings } from '../../nodes/WebhookDispatch/operations/webhook/settings';
import { answerQuestions } from '../../tools/lib/channel';
import { root } from '../../tools/lib/paths';
import { inParallel } from '../soak/load';
import { item } from './reference-node/BenchReference.node';

interface Work {
	origin: string;
	items: number;
	runs: number;
	concurrency: number;
}

export type Times = Record<'ours' | 'beside', number[]>;

/** Rounds before any counts: the compiler has seen both by then. */
const WARM_UPS = 5;

// eslint-disable-next-line @typescript-eslint/no-require-imports -- as built, not the source
const built = <Module>(file: string) => require(path.join(root, 'dist', file)) as Module;
const { noAuthorization } = built<typeof import('../../lib/delivery/authorization')>('lib/delivery/authorization');
const { readPayloads } = built<typeof import('../../lib/delivery/carriedDelivery')>('lib/delivery/carriedDelivery');
const { DeliveryRun } = built<typeof import('../../lib/delivery/deliveryRun')>('lib/delivery/deliveryRun');
const { cancellableWait, pacer } = built<typeof import('../../lib/time/pace')>('lib/time/pace');
const { newDelivery } = built<typeof import('../../lib/delivery/transitions')>('lib/delivery/transitions');
const { leaseDispatcher } = built<typeof import('../../lib/http/dispatchers')>('lib/http/dispatchers');
const { Transport } = built<typeof import('../../lib/http/transport')>('lib/http/transport');
const { urlGuard } = built<typeof import('../../lib/http/urlGuard')>('lib/http/urlGuard');
const { invalidRequest } = built<typeof import('../../lib/result/requestFault')>('lib/result/requestFault');
const { ok } = built<typeof import('../../lib/result/result')>('lib/result/result');
const { requestBuilder } = built<typeof import('../../lib/request/requestBuilder')>('lib/request/requestBuilder');
const { deliveredOutput, outputItems, receipt } = built<typeof import('../../nodes/WebhookDispatch/n8n/outputItem')>(
	'nodes/WebhookDispatch/n8n/outputItem',
);
const { itemSettings, runSettings } = built<typeof import('../../nodes/WebhookDispatch/operations/webhook/settings')>(
	'nodes/WebhookDispatch/operations/webhook/settings',
);

async function measure({ origin, items: count, runs, concurrency }: Work): Promise<Times> {
	const items = Array.from({ length: count }, (_, index) => ({ json: item(index) }));
	const settings = runSettings({ concurrency });
	if (!settings.ok) throw new Error(settings.fault.message);
	const rules = settings.value;
	const lease = leaseDispatcher(
		{ connections: concurrency, connectTimeoutMs: 5000, allowUnauthorizedCerts: false },
		undefined,
	);
	const wait = cancellableWait(undefined);
	const url = `${origin}/hook`;
	const reader = {
		read: (name: string, _index: number, fallback?: unknown) => (name === 'url' ? url : fallback),
	};

	/** As `dispatch` does it, without n8n's context. */
	async function deliveryPath(): Promise<unknown[]> {
		const deliveries = items.map((_, index) => newDelivery([index]));
		const mark = 'webhookDispatch:bench/bench';
		const payloads = await readPayloads(items, mark);
		const run = new DeliveryRun<ItemSettings>({
			deliveries,
			payloads,
			rules,
			origin: { instanceId: 'bench', execution: '1', nodeId: 'bench', runIndex: 0 },
			isBroadcast: false,
			lastTry: true,
			stops: true,
			outputOf: deliveredOutput,
			plainOutputOf: (made) => receipt(made),
		});
		const prepared = await run.prepare(
			requestBuilder({
				reader,
				payloadsOf: payloads.of,
				isBroadcast: false,
				fileOf: () => invalidRequest('The benchmark has no files', 'Send something else.'),
				readSettings: (options) => itemSettings(options),
			}),
		);
		const tools = {
			transport: new Transport(lease.dispatcher, lease.connections),
			authorization: noAuthorization,
			guard: urlGuard(undefined, () => undefined),
			pace: pacer(0, 'run', wait),
		};
		await run.send(prepared, { toolsFor: () => ok(tools), wait });
		return await outputItems({ items, deliveries, payloads, mark, isBroadcast: false });
	}

	const pool = new Pool(origin, { connections: concurrency });
	const barePool = async (): Promise<unknown[]> =>
		await inParallel(count, concurrency, async (index) => {
			const { statusCode, body } = await pool.request({
				path: '/hook',
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify(items[index]?.json),
			});
			return { statusCode, response: await body.json() };
		});

	const times: Times = { ours: [], beside: [] };
	const works = { ours: deliveryPath, beside: barePool };
	const sides = ['ours', 'beside'] as const;
	for (let round = -WARM_UPS; round < runs; round++) {
		for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
			const start = performance.now();
			const answers = await works[side]();
			const time = performance.now() - start;
			if (answers.length !== count) throw new Error(`${side}: ${answers.length} answers to ${count} items`);
			if (round >= 0) times[side].push(time);
		}
	}
	lease.release();
	await pool.close();
	return times;
}

answerQuestions({ measure });
