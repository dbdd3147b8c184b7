/** The conditions in docs/recipes.md, *When 200 means no*, decide as the recipe says, over responses as they are documented. */
import { readFailsWhen } from '../../../lib/delivery/failsWhen';
import { judge } from '../../../lib/delivery/judge';
import { choicesOf, fieldsOf, nodeForm } from './forms';
import { read, tablesOf } from './markdown';

interface Shapes {
	/** What says no, and the words of it that the failure shows. */
	rejected: Array<[response: unknown, words: string]>;
	accepted: unknown[];
}

const marketo = (code: string, message: string) => ({
	requestId: 'e42b#14272d07d78',
	success: false,
	errors: [{ code, message }],
});

const SHAPES: Record<string, Shapes> = {
	'Slack Web API': {
		rejected: [
			[{ ok: false, error: 'channel_not_found' }, 'channel_not_found'],
			[{ ok: false, error: 'invalid_auth', warning: 'missing_charset' }, 'invalid_auth'],
		],
		accepted: [
			{ ok: true, channel: 'C123', ts: '1503435956.000247' },
			{ ok: true, warning: 'missing_charset' },
		],
	},
	GraphQL: {
		rejected: [
			[
				{ errors: [{ message: 'Cannot query field "nme".', locations: [{ line: 1, column: 3 }] }] },
				'Cannot query field "nme".',
			],
			[{ data: { open: null }, errors: [{ message: 'Not yours', path: ['open'] }] }, 'open: Not yours'],
		],
		accepted: [{ data: { open: { id: '1' } } }, { data: { open: null }, errors: [] }, { data: {}, errors: null }],
	},
	'JSON-RPC': {
		rejected: [
			[{ jsonrpc: '2.0', error: { code: -32601, message: 'Method not found' }, id: '1' }, 'Method not found'],
			[{ error: 'no such method', result: null, id: 1 }, 'no such method'],
		],
		accepted: [
			{ jsonrpc: '2.0', result: 19, id: 1 },
			{ error: null, result: 19, id: 1 },
		],
	},
	'Elasticsearch `_bulk`': {
		rejected: [
			[
				{
					took: 486,
					errors: true,
					items: [
						{ create: { _index: 'index1', _id: '7', result: 'created', status: 201 } },
						{
							update: {
								_index: 'index1',
								_id: '5',
								status: 404,
								error: { type: 'document_missing_exception', reason: '[5]: document missing', shard: '0' },
							},
						},
					],
				},
				'[5]: document missing',
			],
		],
		accepted: [{ took: 30, errors: false, items: [{ index: { _id: '1', status: 201 } }] }],
	},
	'Marketo, busy': {
		rejected: [[marketo('606', 'Max rate limit exceeded'), 'Max rate limit exceeded']],
		accepted: [marketo('601', 'Access token invalid'), { requestId: 'e42b', success: true, result: [] }],
	},
	Marketo: {
		rejected: [[marketo('601', 'Access token invalid'), 'Access token invalid']],
		accepted: [{ requestId: 'e42b', success: true, result: [{ id: 50, status: 'created' }] }],
	},
	'Lark, Feishu: custom bot': {
		rejected: [
			[{ code: 19021, data: {}, msg: 'sign match fail' }, 'sign match fail'],
			[{ code: '9499', msg: 'Bad Request', data: {} }, 'Bad Request'],
			['<html>maintenance</html>', 'maintenance'],
		],
		accepted: [
			{ code: 0, msg: 'success', data: {} },
			{ code: '0', msg: 'success' },
		],
	},
	'DingTalk: custom robot': {
		rejected: [[{ errcode: 310000, errmsg: 'keywords not in content' }, 'keywords not in content']],
		accepted: [{ errcode: 0, errmsg: 'ok' }],
	},
	'WeCom: group robot': {
		rejected: [[{ errcode: 93000, errmsg: 'invalid webhook url' }, 'invalid webhook url']],
		accepted: [{ errcode: 0, errmsg: 'ok' }],
	},
};

const table = tablesOf(read('docs/recipes.md')).find(({ heading }) => heading === 'When 200 means no');
const rows = table?.rows ?? [];
const conditions = fieldsOf(nodeForm).find(({ name }) => name === 'condition');
const plain = (cell = ''): string => cell.replaceAll('`', '');

/** A row of the table, as the form saves it. */
function ruleOf([, path, condition = '', value, tryAgain]: string[]) {
	const chosen = (conditions?.options ?? []).find(({ name }) => name === condition);
	if (chosen === undefined || !('value' in chosen)) throw new Error(`There is no condition ${condition}`);
	return { path: plain(path), condition: chosen.value, value: plain(value), tryAgain: tryAgain === 'on' };
}

function judged(response: unknown, ...given: string[][]) {
	const rules = readFailsWhen({ rules: given.map(ruleOf) });
	if (!rules.ok) throw new Error(rules.fault.message);
	const body = Buffer.from(typeof response === 'string' ? response : JSON.stringify(response));
	return judge(
		{ ok: true, statusCode: 200, headers: {}, body },
		new URL('https://api.example.com/'),
		{ successStatus: '2xx', retryStatuses: [], failsWhen: rules.value },
		{ secrets: [] },
	);
}

it('each row has responses to try, and each condition of the form a row', () => {
	expect(rows.map(([destination]) => destination)).toEqual(Object.keys(SHAPES));
	const told = new Set(rows.map(([, , condition]) => condition));
	expect([...told].sort()).toEqual(conditions === undefined ? [] : choicesOf(conditions).sort());
});

describe.each(rows.map((row): [string, string[]] => [row[0] ?? '', row]))('%s', (destination, row) => {
	const { rejected, accepted } = SHAPES[destination] ?? { rejected: [], accepted: [] };

	it.each(rejected)('rejects %j', (response, words) => {
		const judgement = judged(response, row);
		expect(judgement).toMatchObject({
			ok: false,
			fault: { code: 'REJECTED', statusCode: 200, retryable: row[4] === 'on' },
		});
		const message = judgement.ok ? '' : judgement.fault.message;
		expect(message.split(/\((?:[^()]*)\)/)[1]).toBe(`: ${words}`);
	});

	it.each(accepted.map((response) => [response]))('accepts %j', (response) => {
		expect(judged(response, row).ok).toBe(true);
	});

	it('names where that is documented', () => {
		expect(row[5]).toMatch(/^\[[^\]]+\]\(https:\/\/|^the same$/);
	});
});

it('Marketo in the order of the table: its limit is retried, nothing else is', () => {
	const both = rows.filter(([destination = '']) => destination.startsWith('Marketo'));
	const retryable = ['606', '601'].map((code) => {
		const judgement = judged(marketo(code, 'x'), ...both);
		return judgement.ok ? undefined : judgement.fault.retryable;
	});
	expect(retryable).toEqual([true, false]);
});
