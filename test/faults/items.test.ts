import { runWorkflow, type NodeSettings } from '../support/engine';
import { FaultTable } from '../support/faults/table';
import { account, dispatchTo, itemsOf, kept, keysOf } from '../support/faults/scenario';
import { Receiver } from '../support/receiver';

/** What is wrong with an item, its credential or its fields is that item's fault, and costs the others nothing. */

const COUNT = 12;
const table = new FaultTable(11, 'items');
let receiver: Receiver;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

const errorOutput = { onError: 'continueErrorOutput' } as const;
const bodiesAt = () => Object.fromEntries(receiver.requests.map(({ key, body }) => [key, body.toString()]));

describe('A credential of n8n that cannot be used for one item', () => {
	const name = 'A credential of n8n that cannot be used for one item';
	const keys = keysOf(COUNT);
	/** Item 5 has no key. */
	const items = itemsOf(COUNT).map((item) => (item.item === 5 ? item : { ...item, key: `key-${item.item}` }));
	const request = (settings: NodeSettings = {}) => ({
		items,
		node: dispatchTo(receiver.origin, {
			...settings,
			parameters: { authentication: 'n8nCredential', n8nCredentialType: 'httpHeaderAuth', ...settings.parameters },
		}),
		credentials: { httpHeaderAuth: { name: 'X-Api-Key', value: '={{ $json.key }}' } },
	});
	const sentKeys = () => receiver.requests.map(({ key, headers }) => [key, headers['x-api-key']]).sort();
	const others = keys.filter((key) => key !== '/5').map((key) => [key, `key-${key.slice(1)}`]);

	it('fails that item, with the name of the field; each other goes out with its own', async () => {
		const run = await runWorkflow(request(errorOutput));
		const counts = account(run, [receiver], keys);
		table.add(name, counts);
		expect(counts).toMatchObject({ ...kept, delivered: COUNT - 1, failed: 1, requests: COUNT - 1 });
		expect(run.errorOutput[0]?.json.message).toBe('The Header Auth credential has no Value [item 5]');
		expect(run.errorOutput[0]?.json.details).toMatchObject({ delivery: { attempts: 0, retryable: false } });
		expect(sentKeys()).toEqual(others.sort());
	});

	it('stops the execution; put right, it is sent by the retry of the execution, alone', async () => {
		const first = await runWorkflow(request());
		expect(first.status).toBe('error');
		expect(receiver.requests).toHaveLength(COUNT - 1);
		const run = await first.retry({ items: items.map((item) => ({ ...item, key: `key-${item.item}` })) });
		const counts = account(run, [receiver], keys);
		table.add(name, counts, 2);
		expect(counts).toMatchObject({ ...kept, delivered: COUNT, failed: 0, requests: COUNT });
		expect(sentKeys()).toEqual([...others, ['/5', 'key-5']].sort());
	});
});

/** Paths as an expression may give them, and the body they make of the item; without one the item fails. */
const PATHS: Array<[fields: string, body?: string]> = [
	['__proto__', '{}'],
	['__proto__.polluted as polluted', '{}'],
	['constructor.prototype as a', '{}'],
	['note as __proto__', '{"__proto__":"note"}'],
	['note as __proto__.polluted', '{"__proto__":{"polluted":"note"}}'],
	['note as constructor.prototype.polluted', '{"constructor":{"prototype":{"polluted":"note"}}}'],
	['note.length as a', '{}'],
	['list.0 as a, list.length as b, list.-1 as c', '{"a":1}'],
	[`${'a.'.repeat(2000)}a`, '{}'],
	[`note as ${'a.'.repeat(200)}a`, `${'{"a":'.repeat(201)}"note"${'}'.repeat(201)}`],
	['note..x'],
	['.note'],
	['*, *'],
	['note as'],
	['note as a, list as a'],
	['note.* as a'],
	[''],
	[Array.from({ length: 501 }, (_, index) => `f${index}`).join()],
	['note\u0000 as a b'],
];

it('Selected Fields with hostile paths: each makes its own body or fails its own item', async () => {
	const keys = keysOf(PATHS.length);
	const parameters = { body: 'selectedFields', fields: '={{ $json.fields }}' };
	const run = await runWorkflow({
		items: PATHS.map(([fields], item) => ({ item, fields, note: 'note', list: [1, 2] })),
		node: dispatchTo(receiver.origin, { ...errorOutput, parameters }),
	});
	const counts = account(run, [receiver], keys);
	table.add('Selected Fields with hostile paths', counts);
	const readable = PATHS.flatMap(([, body], item) => (body === undefined ? [] : [item]));
	expect(counts).toMatchObject({
		...kept,
		delivered: readable.length,
		failed: PATHS.length - readable.length,
		requests: readable.length,
	});
	expect(bodiesAt()).toEqual(Object.fromEntries(readable.map((item) => [`/${item}`, PATHS[item]?.[1]])));
	for (const { json } of run.errorOutput) {
		expect(json.message).toMatch(new RegExp(`^Fields .* \\[item ${String(json.item)}\\]$`));
		expect(json.details).toMatchObject({ delivery: { code: 'INVALID_REQUEST', attempts: 0, retryable: false } });
	}
	expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});
