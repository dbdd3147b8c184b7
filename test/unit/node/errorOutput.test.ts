import type { IDataObject, IExecuteFunctions, INode, INodeExecutionData } from 'n8n-workflow';
import { markFailedItems } from '../../../nodes/WebhookDispatch/n8n/errorOutput';

const failure = (): INodeExecutionData => ({
	json: { error: 'no', message: 'why', details: { code: 'STATUS' } },
	pairedItem: { item: 0 },
});

/** What is in the workflow, and where the items came from (null: the execution began at this node). */
const mark = (item: INodeExecutionData, node: Partial<INode> = {}, source: object | null = { main: [] }) => {
	const context = {
		getNode: () => ({ name: 'Dispatch', type: 'x', onError: 'continueErrorOutput', ...node }),
		getExecuteData: () => ({ source }),
	};
	markFailedItems(context as unknown as IExecuteFunctions, [[item]]);
	return item;
};

/** How n8n 2.0 takes a failed item to the error output, and what it makes of its json in the end. */
const inOldEngine = (item: INodeExecutionData, input: IDataObject) => {
	const keys = Object.keys(item.json);
	const failed =
		Boolean(item.error) || (Boolean(item.json.error) && keys.length <= 2 && keys.every((key) => key !== 'details'));
	const moved = failed ? { ...item, json: { ...input, ...item.json } } : item;
	return { failed, json: moved.error === undefined ? moved.json : { error: moved.error.message } };
};

describe('a failed item', () => {
	it('would stay among the delivered ones on an older n8n', () => {
		expect(inOldEngine(failure(), { a: 1 }).failed).toBe(false);
	});

	it('is taken to the error output there with all its data', () => {
		expect(inOldEngine(mark(failure()), { a: 1 })).toEqual({ failed: true, json: { a: 1, ...failure().json } });
	});

	it('looks as before to whoever copies or stores it', () => {
		const item = mark(failure());
		expect(Object.keys(item)).toEqual(['json', 'pairedItem']);
		expect(JSON.parse(JSON.stringify(item))).toEqual(failure());
		expect({ ...item }).toStrictEqual(failure());
	});

	it.each<[string, INodeExecutionData, Partial<INode>, object | null]>([
		['n8n would replace its json: no error output', failure(), { onError: 'continueRegularOutput' }, {}],
		['n8n would replace its json: a tool of an agent', failure(), { rewireOutputLogTo: 'ai_tool' }, {}],
		['n8n would replace its json: the execution began here', failure(), {}, null],
		['n8n would replace its json: nothing it is paired with', { json: failure().json }, {}, {}],
		['it was delivered', { json: { delivery: {} }, pairedItem: { item: 0 } }, {}, {}],
		['it is an answer with more in it', { json: { error: 'x', code: 1 }, pairedItem: { item: 0 } }, {}, {}],
		['it is an answer without an error', { json: { error: null }, pairedItem: { item: 0 } }, {}, {}],
	])('is left alone where %s', (_why, item, node, source) => {
		expect('error' in mark(item, node, source)).toBe(false);
	});
});
