import type { IContextObject, IDataObject } from 'n8n-workflow';
import { parse, stringify } from 'flatted';
import { openLedger, type Ledger } from '../../../lib/delivery/ledger';
import { newDelivery } from '../../../lib/delivery/transitions';

/** One each, or groups of a broadcast. */
const each = (items: IDataObject[], size = 1) =>
	Array.from({ length: Math.ceil(items.length / size) }, (_, group) =>
		items.slice(group * size, (group + 1) * size).map((_item, offset) => group * size + offset),
	);

/** An execution and its retries: the node's context goes through the database in between. */
class Executions {
	context: IContextObject = {};

	private executionId = 1;

	async open(items: IDataObject[], { runIndex = 0, size = 1 } = {}): Promise<Ledger> {
		const place = { context: this.context, executionId: String(this.executionId), runIndex };
		return await openLedger(place, each(items, size), (index) => items[index]!);
	}

	/** The retry of the execution: a new one, with what the database holds. */
	retry(): this {
		this.context = parse(stringify(this.context)) as IContextObject;
		this.executionId += 1;
		return this;
	}
}

const item = (name: string): IDataObject => ({ name });
const a = item('a');
const b = item('b');
const c = item('c');
const d = item('d');

/** Settles deliveries by item name, and writes the ledger. */
async function settle(
	opened: Ledger | Promise<Ledger>,
	items: IDataObject[],
	states: Record<string, 'delivered' | 'failed' | 'pending'>,
): Promise<void> {
	const ledger = await opened;
	ledger.deliveries.forEach((delivery, index) => {
		const name = delivery.itemIndexes.map((itemIndex) => String(items[itemIndex]?.name)).join('');
		const state = states[name] ?? 'pending';
		ledger.deliveries[index] = {
			...delivery,
			state,
			id: `id-${name}`,
			attempts: delivery.attempts + 1,
			...(state === 'delivered' && { output: { answered: name } }),
			...(state === 'failed' && {
				fault: { code: 'STATUS', message: '', description: '', retryable: false } as const,
			}),
		};
	});
	await ledger.save();
}

const shown = async (opened: Ledger | Promise<Ledger>) =>
	(await opened).deliveries.map(({ itemIndexes, state, id = 'new' }) => `${itemIndexes.join()}:${state}:${id}`);

describe('a new execution', () => {
	it('knows nothing: everything is pending, in its first try', async () => {
		const ledger = await new Executions().open([a, b]);
		expect(ledger.tryNumber).toBe(1);
		expect(await shown(ledger)).toEqual(['0:pending:new', '1:pending:new']);
	});

	it('writes nothing until it is told to', async () => {
		const executions = new Executions();
		executions.open([a]);
		expect(executions.context).toEqual({});
	});
});

describe('the next try of the engine', () => {
	it('knows all of the last one, failures included', async () => {
		const executions = new Executions();
		await settle(executions.open([a, b, c]), [a, b, c], { a: 'delivered', b: 'failed' });
		const next = await executions.open([a, b, c]);
		expect(next.tryNumber).toBe(2);
		expect(await shown(next)).toEqual(['0:delivered:id-a', '1:failed:id-b', '2:pending:id-c']);
		expect(next.deliveries[0]).toMatchObject({ attempts: 1, output: { answered: 'a' } });
		await next.save();
		expect((await executions.open([a, b, c])).tryNumber).toBe(3);
	});

	it('changes nothing in what was written before it writes itself', async () => {
		const executions = new Executions();
		await settle(executions.open([a]), [a], {});
		const { deliveries } = await executions.open([a]);
		deliveries[0] = { ...newDelivery([0]), state: 'delivered' };
		expect((await executions.open([a])).deliveries[0]!.state).toBe('pending');
	});

	it('does not look at what the items hold', async () => {
		const executions = new Executions();
		await settle(executions.open([a]), [a], { a: 'delivered' });
		expect(await shown(executions.open([{ name: 'changed in place' }]))).toEqual(['0:delivered:id-a']);
	});

	it('does not write down prints of the items as a part of the deliveries', async () => {
		const executions = new Executions();
		await settle(executions.open([a]), [a], {});
		expect((await executions.open([a])).deliveries[0]).not.toHaveProperty('fingerprint');
	});
});

describe('the retry of a failed execution', () => {
	const after = async (states: Parameters<typeof settle>[2], items = [a, b, c]) => {
		const executions = new Executions();
		await settle(executions.open(items), items, states);
		return executions.retry();
	};
	const states = { a: 'delivered', b: 'failed' } as const;

	it('begins with the first try; delivered stays delivered, given up is retried under its ID', async () => {
		const ledger = await (await after(states)).open([a, b, c]);
		expect(ledger.tryNumber).toBe(1);
		expect(await shown(ledger)).toEqual(['0:delivered:id-a', '1:pending:id-b', '2:pending:id-c']);
		expect(ledger.deliveries.map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
		expect(ledger.deliveries[0]?.output).toEqual({ answered: 'a' });
	});

	it.each<[string, IDataObject[], string[]]>([
		['reordered', [c, b, a], ['0:pending:id-c', '1:pending:id-b', '2:delivered:id-a']],
		['one taken away', [b, c], ['0:pending:id-b', '1:pending:id-c']],
		['the delivered one left alone', [a], ['0:delivered:id-a']],
		['one put in front', [d, a, b, c], ['0:pending:new', '1:delivered:id-a', '2:pending:id-b', '3:pending:id-c']],
		['one put behind', [a, b, c, d], ['0:delivered:id-a', '1:pending:id-b', '2:pending:id-c', '3:pending:new']],
		['one changed', [{ name: 'a2' }, b, c], ['0:pending:new', '1:pending:id-b', '2:pending:id-c']],
		['all others', [d], ['0:pending:new']],
		['one twice where it was once', [a, a], ['0:delivered:id-a', '1:pending:new']],
		[
			'a key more',
			[{ name: 'a', x: undefined as never }, b, c],
			['0:delivered:id-a', '1:pending:id-b', '2:pending:id-c'],
		],
	])('%s: what is known is found by content, in doubt it is new', async (_name, items, expected) => {
		expect(await shown((await after(states)).open(items))).toEqual(expected);
	});

	it('equal items are distinguished by their place first', async () => {
		const executions = new Executions();
		const ledger = await executions.open([a, a, a]);
		ledger.deliveries.forEach((delivery, index) => {
			const state = index === 1 ? 'delivered' : 'pending';
			ledger.deliveries[index] = { ...delivery, id: String(index), state };
		});
		await ledger.save();
		executions.retry();
		expect(await shown(executions.open([a, a, a]))).toEqual(['0:pending:0', '1:delivered:1', '2:pending:2']);
		expect(await shown(executions.open([b, a, a, a]))).toEqual([
			'0:pending:new',
			'1:delivered:1',
			'2:pending:2',
			'3:pending:0',
		]);
		const lines = await shown(executions.open([a, a, a, a]));
		expect(lines.filter((line) => line.includes('delivered'))).toHaveLength(1);
	});

	it('no delivered one is forgotten among many equal ones', async () => {
		const executions = new Executions();
		const items = Array.from({ length: 50 }, () => a);
		const ledger = await executions.open(items);
		ledger.deliveries.forEach((delivery, index) => {
			ledger.deliveries[index] = { ...delivery, state: index % 3 ? 'delivered' : 'pending' };
		});
		await ledger.save();
		const delivered = async (count: number) => {
			const { deliveries } = await executions.open(Array.from({ length: count }, () => a));
			return deliveries.filter(({ state }) => state === 'delivered').length;
		};
		executions.retry();
		expect([await delivered(50), await delivered(60), await delivered(49)]).toEqual([33, 33, 32]);
	});

	it('an acknowledged one whose response could not be used stays as it is', async () => {
		const executions = new Executions();
		const ledger = await executions.open([a]);
		Object.assign(ledger.deliveries[0]!, {
			state: 'failed',
			fault: { code: 'RESPONSE_TOO_LARGE', acknowledged: true },
		});
		await ledger.save();
		expect((await executions.retry().open([a])).deliveries[0]!.state).toBe('failed');
	});

	it('of several retries the last one’s knowledge counts', async () => {
		const executions = await after(states);
		await settle(executions.open([a, b, c]), [a, b, c], { a: 'delivered', b: 'delivered' });
		expect(await shown(executions.retry().open([c, b, a]))).toEqual([
			'0:pending:id-c',
			'1:delivered:id-b',
			'2:delivered:id-a',
		]);
	});

	it('an item that cannot be written as JSON does not get in the way of the others', async () => {
		const circle: IDataObject = {};
		circle.self = circle;
		const executions = new Executions();
		const items = [a, circle, { n: 1n as never }];
		await settle(executions.open(items), items, { a: 'delivered' });
		executions.retry();
		expect((await shown(executions.open(items)))[0]).toBe('0:delivered:id-a');
	});
});

describe('a broadcast', () => {
	it('is found by the content of all its items, in their order', async () => {
		const executions = new Executions();
		const items = [a, b, c];
		await settle(executions.open(items, { size: 2 }), items, { ab: 'delivered' });
		executions.retry();
		expect(await shown(executions.open(items, { size: 2 }))).toEqual(['0,1:delivered:id-ab', '2:pending:id-c']);
		expect(await shown(executions.open([c, a, b], { size: 2 }))).toEqual(['0,1:pending:new', '2:pending:new']);
		expect(await shown(executions.open([b, a, c], { size: 2 }))).toEqual(['0,1:pending:new', '2:pending:id-c']);
	});

	it('groups are distinguished from items that only look alike when joined', async () => {
		const executions = new Executions();
		const items = [{ name: 'x' }, { name: 'y' }];
		await settle(executions.open(items, { size: 2 }), items, { xy: 'delivered' });
		expect(await shown(executions.retry().open([{ name: 'x"}\n{"name":"y' }]))).toEqual(['0:pending:new']);
	});

	it('of another size in the same execution is matched by content, too', async () => {
		const executions = new Executions();
		const items = [a, b];
		await settle(executions.open(items, { size: 2 }), items, { ab: 'delivered' });
		expect(await shown(executions.open(items))).toEqual(['0:pending:new', '1:pending:new']);
	});
});

describe('the runs of a loop', () => {
	it('are apart from each other, with equal items too', async () => {
		const executions = new Executions();
		await settle(executions.open([a], { runIndex: 0 }), [a], { a: 'delivered' });
		expect(await shown(executions.open([a], { runIndex: 1 }))).toEqual(['0:pending:new']);
		await settle(executions.open([a], { runIndex: 1 }), [a], {});
		executions.retry();
		expect(await shown(executions.open([a], { runIndex: 0 }))).toEqual(['0:delivered:id-a']);
		expect(await shown(executions.open([a], { runIndex: 1 }))).toEqual(['0:pending:id-a']);
	});
});

describe('when everything has flowed on', () => {
	it('the run is forgotten, and the others are not', async () => {
		const executions = new Executions();
		await settle(executions.open([a], { runIndex: 0 }), [a], { a: 'delivered' });
		await settle(executions.open([b], { runIndex: 1 }), [b], { b: 'delivered' });
		(await executions.open([a], { runIndex: 0 })).clear();
		expect(await shown(executions.open([a], { runIndex: 0 }))).toEqual(['0:pending:new']);
		expect(await shown(executions.open([b], { runIndex: 1 }))).toEqual(['0:delivered:id-b']);
	});

	it('nothing of the items or responses stays in the context', async () => {
		const executions = new Executions();
		await settle(executions.open([a]), [a], { a: 'delivered' });
		(await executions.open([a])).clear();
		expect(JSON.stringify(executions.context)).not.toContain('answered');
	});
});

it('without a context nothing is kept', async () => {
	const place = { context: undefined, executionId: '1', runIndex: 0 };
	const open = () => openLedger(place, [[0]], () => a);
	await settle(open(), [a], { a: 'delivered' });
	expect(await shown(open())).toEqual(['0:pending:new']);
	(await open()).clear();
});

it('the context is kept apart from what others keep there', async () => {
	const executions = new Executions();
	executions.context.theirs = { keep: true };
	await settle(executions.open([a]), [a], {});
	(await executions.open([a])).clear();
	expect(executions.context.theirs).toEqual({ keep: true });
});

describe('writing', () => {
	afterEach(() => jest.restoreAllMocks());

	it('in one go is the same as in slices, and is there at once', async () => {
		const inSlices = new Executions();
		await settle(inSlices.open([a, b]), [a, b], { a: 'delivered' });
		const inOneGo = new Executions();
		const ledger = await inOneGo.open([a, b]);
		Object.assign(ledger.deliveries, (await inSlices.open([a, b])).deliveries);
		ledger.saveNow();
		expect(inOneGo.context).toEqual(inSlices.context);
		expect(await shown(inOneGo.retry().open([b, a]))).toEqual(['0:pending:id-b', '1:delivered:id-a']);
	});

	it('in one go has no context to write to where nothing is remembered', async () => {
		const ledger = await openLedger({ context: undefined, executionId: '1', runIndex: 0 }, [[0]], () => a);
		expect(() => ledger.saveNow()).not.toThrow();
	});

	/** How often the event loop turned meanwhile, where each look at the clock is 30 ms later. */
	const turnsDuring = async (work: () => Promise<unknown>) => {
		let time = 0;
		jest.spyOn(performance, 'now').mockImplementation(() => (time += 30));
		let turns = 0;
		let isDone = false;
		const count = () => {
			if (isDone) return;
			turns++;
			setImmediate(count);
		};
		setImmediate(count);
		await work();
		isDone = true;
		jest.restoreAllMocks();
		return turns;
	};

	it('and comparing items in a retry leave the event loop free, and read each item once', async () => {
		const items = Array.from({ length: 20 }, (_, index) => item(String(index)));
		const executions = new Executions();
		const ledger = await executions.open(items);
		expect(await turnsDuring(() => ledger.save())).toBeGreaterThanOrEqual(20);
		executions.retry();
		const shifted = [d, ...items];
		const read: number[] = [];
		const place = { context: executions.context, executionId: 'another', runIndex: 0 };
		const openAgain = () =>
			openLedger(place, each(shifted), (index) => {
				read.push(index);
				return shifted[index]!;
			});
		let again: Ledger | undefined;
		expect(await turnsDuring(async () => (again = await openAgain()))).toBeGreaterThanOrEqual(20);
		await again?.save();
		expect(read).toEqual(shifted.map((_, index) => index));
	});
});
