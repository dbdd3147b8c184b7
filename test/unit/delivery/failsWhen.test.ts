import { inWords, readFailsWhen, rejectedBy, type RejectionRule } from '../../../lib/delivery/failsWhen';
import { judge } from '../../../lib/delivery/judge';

const rule = (path: string, condition: string, value = '', tryAgain = false) => ({ path, condition, value, tryAgain });
function read(...rows: unknown[]): readonly RejectionRule[] {
	const rules = readFailsWhen({ rules: rows });
	if (!rules.ok) throw new Error(rules.fault.message);
	return rules.value;
}
const says = (response: unknown, ...rows: unknown[]) => rejectedBy(response, read(...rows)) !== undefined;

it.each([undefined, null, '', {}])('%p is no condition', (given) => {
	expect(readFailsWhen(given)).toEqual({ ok: true, value: [] });
});

/** Responses as they are documented, and the condition for each. */
it.each<[what: string, row: object, rejected: unknown, accepted: unknown]>([
	['Slack', rule('ok', 'equals', 'false'), { ok: false, error: 'channel_not_found' }, { ok: true, ts: '1.2' }],
	['Slack, whatever else it says', rule('ok', 'notEquals', 'true'), 'invalid_token', { ok: true }],
	[
		'GraphQL',
		rule('errors', 'notEmpty'),
		{ data: null, errors: [{ message: 'No such field' }] },
		{ data: {}, errors: [] },
	],
	['JSON-RPC 2.0', rule('error', 'exists'), { jsonrpc: '2.0', error: { code: -32601 } }, { jsonrpc: '2.0', result: 1 }],
	['JSON-RPC 1.0', rule('error', 'exists'), { error: 'no', result: null }, { error: null, result: 1 }],
	['Elasticsearch _bulk', rule('errors', 'notEmpty'), { took: 3, errors: true, items: [] }, { took: 3, errors: false }],
	['{ code: 0 }', rule('code', 'notEquals', '0'), { code: 99991663, msg: 'token invalid' }, { code: 0, msg: 'ok' }],
	['{ errcode: 0 }', rule('errcode', 'notEquals', '0'), { errcode: 40013, errmsg: 'invalid appid' }, { errcode: 0 }],
	['a count of failures', rule('result.failed', 'notEmpty'), { result: { failed: 2 } }, { result: { failed: 0 } }],
	['an entry of a list', rule('0.status', 'equals', 'error'), [{ status: 'error' }], [{ status: 'success' }]],
	['text', rule('', 'notEquals', 'ok'), 'no_service', 'ok'],
])('%s', (_what, row, rejected, accepted) => {
	expect([says(rejected, row), says(accepted, row)]).toEqual([true, false]);
});

it.each([[[]], [{}], [''], [' '], [null], [false], [0], [undefined]])('%p is empty', (value) => {
	expect(says({ value }, rule('value', 'notEmpty'))).toBe(false);
});

it('the first condition that holds decides, whether to retry, too', () => {
	const rules = read(rule('ok', 'equals', 'false', true), rule('error', 'exists'));
	expect(rejectedBy({ ok: false, error: 'x' }, rules)?.tryAgain).toBe(true);
	expect(rejectedBy({ ok: true, error: 'x' }, rules)?.tryAgain).toBe(false);
	expect(rejectedBy({ ok: true }, rules)).toBeUndefined();
});

it('values are compared as text: an expression may give any type', () => {
	expect(says({ ok: false }, { path: 'ok', condition: 'equals', value: false })).toBe(true);
	expect(says({ code: 0 }, { path: 'code', condition: 'notEquals', value: 0 })).toBe(false);
});

it('own fields alone count', () => {
	expect(says({}, rule('constructor', 'exists'), rule('__proto__.toString', 'exists'))).toBe(false);
});

it.each<[given: unknown, message: string]>([
	['text', 'is not a list of conditions'],
	[{ rules: 'x' }, 'is not a list of conditions'],
	[{ rules: [rule('a', 'matches')] }, 'has a condition that does not exist'],
	[{ rules: [rule('', 'exists')] }, 'has no path'],
	[{ rules: [rule('a..b', 'exists')] }, 'has a path with an empty name'],
	[{ rules: [null] }, 'has no path'],
	[{ rules: [{ condition: 'notEmpty' }] }, 'has an expression for a path that gives no value'],
	[{ rules: [{ path: 'ok', condition: 'equals' }] }, 'has an expression for a value that gives none'],
	[{ rules: [{ path: 'ok', condition: 'notEquals', value: null }] }, 'has an expression for a value that gives none'],
])('%j is refused', (given, what) => {
	const rules = readFailsWhen(given);
	expect(rules.ok ? '' : rules.fault.message).toBe(`Fails When in the options ${what}`);
});

it.each<[row: object, words: string]>([
	[rule('ok', 'equals', 'false'), 'ok is false'],
	[rule('code', 'notEquals', '0'), 'code is not 0'],
	[rule('errors', 'notEmpty'), 'errors is not empty'],
	[rule('error', 'exists'), 'error is there'],
	[rule('', 'equals'), 'the response is empty'],
])('%j in words', (row, words) => {
	expect(read(row).map(inWords)).toEqual([words]);
});

describe('a rejected delivery', () => {
	const url = new URL('https://slack.example/api/chat.postMessage?token=hunter2secret');
	const judged = (body: string, ...rows: unknown[]) =>
		judge(
			{ ok: true, statusCode: 200, headers: {}, body: Buffer.from(body) },
			url,
			{ successStatus: '2xx', retryStatuses: [], failsWhen: read(...rows) },
			{ secrets: ['hunter2secret'] },
		);

	it('reports the condition and the destination’s own words, without secrets; it is not acknowledged', () => {
		expect(judged('{"ok":false,"error":"channel_not_found hunter2secret"}', rule('ok', 'equals', 'false'))).toEqual({
			ok: false,
			fault: {
				code: 'REJECTED',
				statusCode: 200,
				retryable: false,
				message: 'slack.example responded with 200 and rejected the delivery (ok is false): channel_not_found ***',
				description: expect.stringContaining('Fails When') as string,
				response: { ok: false, error: 'channel_not_found ***' },
			},
		});
	});

	it('is retried when its condition says so', () => {
		expect(judged('{"ok":false}', rule('ok', 'equals', 'false', true))).toMatchObject({ fault: { retryable: true } });
	});

	it('has a status of success before: a refusal is one as ever', () => {
		const refused = judge(
			{ ok: true, statusCode: 422, headers: {}, body: Buffer.from('{"ok":false}') },
			url,
			{ successStatus: '2xx', retryStatuses: [], failsWhen: read(rule('ok', 'equals', 'false')) },
			{ secrets: [] },
		);
		expect(refused).toMatchObject({ fault: { code: 'STATUS' } });
	});
});
