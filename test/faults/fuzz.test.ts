import { closeIdleDispatchers } from '../../lib/http/dispatchers';
import { runWorkflow } from '../support/engine';
import { FaultTable } from '../support/faults/table';
import {
	dispatchTo,
	inputsOf,
	itemsOf,
	kept,
	keysOf,
	outcomesOf,
	TIMEOUT,
	type Counts,
} from '../support/faults/scenario';
import { randomOf, seedFrom } from '../support/random';
import { issueCertificate, receiversForTest } from '../support/receiver';
import { randomAnswer } from '../support/receiver/randomAnswer';
import { RawServer, type RawRequest } from '../support/receiver/rawServer';

/**
 * Random HTTP/1.1, byte by byte: a server that knows what it has written decides itself whether it acknowledged.
 * `FUZZ_SEED=123 npm run test:faults` repeats a run.
 */

const COUNT = 600;
const seed = seedFrom('FUZZ_SEED');
const table = new FaultTable(9, 'fuzz');
const startReceiver = receiversForTest();
let server: RawServer | undefined;

beforeAll(async () => {
	console.log(`FUZZ_SEED=${seed}`);
	// What is loaded with the first execution is not to count against a short timeout.
	const warmUp = await RawServer.start((key) => randomAnswer(randomOf(Number(key.slice(1))), 0));
	await runWorkflow({ items: itemsOf(100), node: dispatchTo(warmUp.origin, { onError: 'continueErrorOutput' }) });
	await warmUp.close();
});
afterEach(async () => {
	await server?.close();
	await closeIdleDispatchers();
});

/** Every third item goes to a destination that is well. */
const isHealthy = (item: number) => item % 3 === 0;

/** What an item's outcome should be; undefined where its last response can be read either way. */
function expected(requests: RawRequest[]): 'delivered' | 'failed' | undefined {
	if (requests.some(({ acknowledged, ambiguous }) => acknowledged && !ambiguous)) return 'delivered';
	return requests.at(-1)?.ambiguous ? undefined : 'failed';
}

/** As a person would want to read it: what an item met, in order. */
const story = (requests: RawRequest[]) =>
	requests.map(({ acknowledged, ambiguous, written }) => ({
		acknowledged,
		ambiguous,
		written: written.toString('latin1', 0, Math.min(written.length, 300)),
		bytes: written.length,
	}));

interface Round {
	name: string;
	options: Record<string, string | number | boolean>;
	tls?: boolean;
	/** Items; `COUNT` unless given. */
	count?: number;
	/** How often a response that is not whole ends by the sender's timeout; never unless given. */
	hangs?: number;
}

it.each<Round>([
	{ name: 'receipts', options: {} },
	{ name: 'some hang', options: { timeout: 2000 }, count: 150, hangs: 0.05 },
	{ name: 'input items, few connections', options: { output: 'input', concurrency: 5 }, count: 300 },
	{ name: 'responses', options: { output: 'response' } },
	{ name: 'redirects that are followed', options: { followRedirects: true } },
	{ name: 'TLS', options: { allowUnauthorizedCerts: true }, tls: true, count: 200 },
])(
	`random responses, $name: every item one outcome, none acknowledged twice (seed ${seed})`,
	async ({ name, options, tls, count = COUNT, hangs = 0 }) => {
		const round = [...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), seed);
		server = await RawServer.start(
			(key, nth) => randomAnswer(randomOf(round + Number(key.slice(1)) * 7919 + nth * 104729), hangs),
			tls ? issueCertificate() : undefined,
		);
		const healthy = await startReceiver();
		const url = `={{ $json.item % 3 === 0 ? '${healthy.origin}' : '${server.origin}' }}/{{ $json.item }}`;
		const run = await runWorkflow({
			items: itemsOf(count),
			node: dispatchTo('', {
				maxTries: 4,
				onError: 'continueErrorOutput',
				// Nothing is waited for longer than a moment, whatever a Retry-After says.
				parameters: {
					url,
					options: { timeout: TIMEOUT, maxRetryWait: 20, maxResponseSize: 30_000, concurrency: 100, ...options },
				},
			}),
		});
		expect([run.status, run.error]).toEqual(['success', undefined]);

		const keys = keysOf(count);
		const outcomes = new Map<number, Array<'delivered' | 'failed'>>();
		for (const [index, output] of [run.output(0), run.errorOutput].entries()) {
			for (const item of output.flatMap(inputsOf))
				outcomes.set(item, [...(outcomes.get(item) ?? []), index === 0 ? 'delivered' : 'failed']);
		}
		const wrong: unknown[] = [];
		const counts: Counts = {
			items: count,
			requests: server.requests.length + healthy.requests.length,
			delivered: 0,
			failed: 0,
			...kept,
		};
		for (const [item, key] of keys.entries()) {
			const got = outcomes.get(item) ?? [];
			const requests = server.of(key);
			const wanted = isHealthy(item) ? 'delivered' : expected(requests);
			const acknowledged = requests.findIndex((request) => request.acknowledged && !request.ambiguous);
			const failure = run.errorOutput.find((output) => inputsOf(output)[0] === item)?.json.details as
				{ delivery: { code: string; retryable: boolean } } | undefined;
			const isFinal = acknowledged === -1 || acknowledged === requests.length - 1;
			// Output: Response cannot give out a response that is not whole: then, and then alone, the item fails for good.
			const failsForItsResponse =
				options.output === 'response' && wanted === 'delivered' && failure?.delivery.retryable === false;
			const ids = new Set(requests.map(({ headers }) => headers['idempotency-key']));
			const isWhole = requests.every(
				({ method, body }) => method === 'GET' || body === JSON.stringify({ item, note: `item ${item}` }),
			);
			counts[got[0] === 'delivered' ? 'delivered' : 'failed'] += 1;
			if (got.length !== 1) counts.withoutOutcome += 1;
			if (!isFinal) counts.repeated += 1;
			if (ids.size > 1) counts.idsChanged += 1;
			if (got[0] === 'delivered' && wanted === 'failed') counts.untrue += 1;
			const isRight = got.length === 1 && (wanted === undefined || got[0] === wanted || failsForItsResponse);
			if (!isRight || !isFinal || ids.size > 1 || !isWhole)
				wrong.push({ item, got, wanted, failure: failure?.delivery, ids, story: story(requests) });
		}
		table.add('Random HTTP/1.1, byte by byte', counts);
		expect(wrong.slice(0, 5)).toEqual([]);
		expect(counts).toMatchObject(kept);
		expect(healthy.requests).toHaveLength(keys.filter((_, item) => isHealthy(item)).length);
		expect(outcomesOf(run)).toHaveLength(count);
	},
);
