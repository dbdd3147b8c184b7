import { runWorkflow } from '../support/engine';
import { StaleServer } from '../support/receiver/staleServer';

/** As many items as JavaScript takes no function's arguments for: 125,000 overflow the stack where they are spread. */

const COUNT = 130_000;
let server: StaleServer;

beforeAll(async () => (server = await StaleServer.start({ kind: 'idle', idleMs: 60_000 })));
afterAll(async () => await server.close());

it(`${COUNT.toLocaleString('en-US')} items are sent, each once, and each has its outcome`, async () => {
	const run = await runWorkflow({
		items: Array.from({ length: COUNT }, (_, item) => ({ item })),
		node: { parameters: { url: `${server.origin}/hook`, body: 'none', options: { timeout: 60_000 } } },
	});
	expect([run.status, run.error?.message]).toEqual(['success', undefined]);
	expect(run.output(0)).toHaveLength(COUNT);
	expect(run.output(0).every(({ pairedItem }, index) => (pairedItem as { item: number }).item === index)).toBe(true);
	const { requests } = await server.account();
	expect(requests).toHaveLength(COUNT);
}, 300_000);
