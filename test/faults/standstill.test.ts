import { runWorkflow } from '../support/engine';
import { FaultTable } from '../support/faults/table';
import { account, dispatchTo, itemsOf, kept, keysOf, SHORT_TIMEOUT } from '../support/faults/scenario';
import { answer, receiversForTest } from '../support/receiver';

/**
 * n8n runs all of an instance's nodes on one thread: any of them can hold it up for seconds. A response that came in
 * meanwhile is there when it goes on, and must be read before the time that has passed is held against it.
 */

const COUNT = 6;
const keys = keysOf(COUNT);
const startReceiver = receiversForTest();
const table = new FaultTable(7, 'standstill');

const standStill = (milliseconds: number) => {
	const until = performance.now() + milliseconds;
	while (performance.now() < until);
};

it('responses that arrived while the process stood still count', async () => {
	const receiver = await startReceiver();
	let answered = 0;
	const counting = {
		name: 'answers, then holds the process up',
		act: (...[response, request]: Parameters<ReturnType<typeof answer>['act']>) => {
			response.on('finish', () => {
				answered += 1;
				if (answered === COUNT) standStill(SHORT_TIMEOUT + 100);
			});
			answer().act(response, request);
		},
	};
	receiver.choose((_key, nth) => (nth === 0 ? counting : undefined));
	const node = dispatchTo(receiver.origin, { parameters: { options: { timeout: SHORT_TIMEOUT } } });
	const run = await runWorkflow({ items: itemsOf(COUNT), node });
	const counts = account(run, [receiver], keys);
	table.add('Process held up while responses arrive', counts);
	expect(counts).toMatchObject({ ...kept, delivered: COUNT, requests: COUNT });
});
