import { inParallel } from '../../soak/load';
import type { GetContext } from '../support/context';
import { settled, startedBy, statusCounts } from '../support/executions';
import { commentIn, commentOf } from '../support/ratings';
import { answerCounts } from '../support/sender';

const COUNT = 2_000;
const AT_A_TIME = 20;

/** The `jti` of a client assertion (RFC 7519 section 4.1.7). */
const jtiOf = (assertion: string): unknown =>
	(JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString()) as { jti?: unknown }).jti;

/** The rating automation at work, over both workers. */
export function load(context: GetContext): void {
	it(`${COUNT} ratings through the webhook process, over both workers: each one ticket, one token request a process`, async () => {
		const { cluster, ratings, table } = context();
		const before = cluster.workers.map(startedBy);
		const start = Date.now();
		const answers = await inParallel(COUNT, AT_A_TIME, (number) => ratings.submit('the load', number));
		const seconds = (Date.now() - start) / 1000;

		expect(answerCounts(answers)).toEqual({ 201: COUNT });
		const { requests, tickets } = await ratings.desk();
		const wanted = Array.from({ length: COUNT }, (_, number) => commentOf('the load', number)).sort();
		expect(requests.map(commentIn).sort()).toEqual(wanted);
		expect(requests.filter(({ status }) => status !== 201)).toEqual([]);
		expect(tickets).toHaveLength(COUNT);
		// Every delivery has its own ID, across workers.
		expect(new Set(requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(COUNT);

		const shares = cluster.workers.map((worker, index) => startedBy(worker) - before[index]!);
		expect(Math.min(...shares)).toBeGreaterThan(COUNT / 10);
		const tokenRequests = ratings.authorizationServer.requests();
		expect(tokenRequests.every(({ status }) => status === 200)).toBe(true);
		expect(tokenRequests).toHaveLength(cluster.workers.length);
		const jtis = tokenRequests.map(({ parameters }) =>
			jtiOf(parameters.find(([name]) => name === 'client_assertion')?.[1] ?? ''),
		);
		expect(new Set(jtis).size).toBe(tokenRequests.length);
		const statuses = statusCounts(await settled(cluster, ratings.workflowId));
		expect(Object.keys(statuses)).toEqual(['success']);
		table.say(
			`Without any disturbance: ${COUNT} ratings in ${seconds.toFixed(0)} s (${(COUNT / seconds).toFixed(0)} a second, ${AT_A_TIME} at a time), ` +
				`${shares.join(' and ')} of them by the two workers; ${COUNT} tickets, none twice, ${tokenRequests.length} token requests, each \`jti\` once.`,
		);
	}, 600_000);
}
