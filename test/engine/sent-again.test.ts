import { agentWith, failingBehind, loopOf } from '../support/engine';
import { answer, Receiver } from '../support/receiver';
import { bodies, dispatch } from './support/dispatch';

/** What a person or an agent starts again is sent again; what the engine resumes is not. */

let receiver: Receiver;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

const items = [{ n: 0 }, { n: 1 }, { n: 0 }];
const parameters = () => ({ url: receiver.url('/'), options: { idempotencyHeader: 'Idempotency-Key' } });
const ids = () => new Set(receiver.requests.map(({ headers }) => headers['idempotency-key']));

it.each(['manual', 'webhook', 'trigger'] as const)('every execution (%s)', async (mode) => {
	await dispatch({ items, mode, parameters: parameters() });
	await dispatch({ items, mode, parameters: parameters() });
	expect([receiver.requests.length, ids().size]).toEqual([6, 6]);
});

it('every Execute Step, also after one that failed', async () => {
	receiver.script('/', answer(200), answer(400), answer(200));
	const run = await dispatch({ items, parameters: { ...parameters(), options: { concurrency: 1 } } });
	expect([run.status, receiver.requests.length]).toEqual(['error', 2]);
	const step = await run.executeStep();
	expect([step.status, receiver.requests.length]).toEqual(['success', 5]);
	expect((await step.executeStep()).output()).toHaveLength(3);
	expect(receiver.requests).toHaveLength(8);
});

it('every run of a loop, with equal items', async () => {
	const run = await dispatch({ items, shape: loopOf(1), parameters: parameters() });
	expect(run.tasks()).toHaveLength(3);
	expect(run.reached('Done')).toHaveLength(3);
	expect([receiver.requests.length, ids().size]).toEqual([3, 3]);
});

it('a loop whose second run fails is retried there, and sends nothing twice', async () => {
	receiver.script('/', answer(200), answer(400));
	const run = await dispatch({ items, shape: loopOf(1), parameters: parameters() });
	expect([run.status, receiver.requests.length]).toEqual(['error', 2]);
	const again = await run.retry();
	expect([again.status, receiver.requests.length]).toEqual(['success', 4]);
	expect(again.reached('Done')).toHaveLength(3);
	expect(bodies(receiver.requests)).toEqual(['{"n":0}', '{"n":1}', '{"n":1}', '{"n":0}']);
});

it.each(['engine', 'agent'] as const)('every call as a tool (by the %s), with equal input', async (by) => {
	await dispatch({
		items: [{}],
		shape: agentWith(by, 3, {}),
		parameters: { ...parameters(), body: 'text', textBody: 'same' },
	});
	expect(bodies(receiver.requests)).toEqual(['same', 'same', 'same']);
	expect(ids().size).toBe(3);
});

it.each([
	['engine', 3],
	['agent', 1],
] as const)(
	'a call as a tool (by the %s) is made %i times where Retry On Fail is on and the destination is down',
	async (by, times) => {
		receiver.choose(() => answer(503));
		const settings = { retryOnFail: true };
		const run = await dispatch({ items: [{}], shape: agentWith(by, 1, {}), parameters: parameters(), settings });
		expect([run.status, receiver.requests.length, ids().size]).toEqual(['success', times, 1]);
	},
);

it('but not by the retry of an execution that failed behind the node', async () => {
	const run = await dispatch({ items, shape: failingBehind(1), parameters: parameters() });
	expect([run.status, receiver.requests.length]).toEqual(['error', 3]);
	expect((await run.retry()).status).toBe('success');
	expect(receiver.requests).toHaveLength(3);
});

it('and what is remembered goes when everything has flowed on', async () => {
	receiver.script('/', answer(503));
	const run = await dispatch({ items, parameters: parameters(), settings: { retryOnFail: true } });
	expect(run.status).toBe('success');
	expect(JSON.stringify(run.context ?? {})).not.toMatch(/delivered|response/);
});
