/** What the pages say of CleverTap's rules and payloads (mission rows C1 to C6), compared with what the code and the workflows do. */
import { readRetrySchedule } from '../../../lib/delivery/retrySchedule';
import { profileOf } from '../../../lib/request/profiles';
import { OPTIONS } from '../../../nodes/WebhookDispatch/operations/webhook/optionTable';
import { codeOf, read, tablesOf } from './markdown';

const clevertap = read('docs/coming-from-clevertap.md');
const recipes = read('docs/recipes.md');
const partOf = (page: string, heading: string): string => page.split(`${heading}\n`)[1]?.split(/\n#{2,3} /)[0] ?? '';

/** A schedule as the options hold it, in seconds. */
const secondsOf = (schedule: string): number[] => {
	const delays = readRetrySchedule(schedule);
	if (!delays.ok) throw new Error(delays.fault.message);
	return delays.value.map((delay) => delay / 1000);
};
const schedulesIn = (text: string) =>
	codeOf(text.replace(/^```[\s\S]*?^```/gm, '')).filter((code) => /^\d+[smhd](, \d+[smhd])+$/.test(code));

describe('retry rules (C1, C2)', () => {
	const rules = partOf(recipes, '## The retry rules of CleverTap');

	it('are all three there, the third as a schedule', () => {
		const [table] = tablesOf(`## x\n${rules}`);
		expect(table?.rows.map(([rule]) => rule)).toEqual(['5 s, 2 retries', '3 s, 1 retry', '3 s, 3 retries, 15 s apart']);
		expect(OPTIONS.timeout.default).toBe(5000);
		const third = table?.rows[2]?.[1] ?? '';
		expect(third).toContain('Timeout `3000`');
		expect(schedulesIn(third).map(secondsOf)).toEqual([[15, 15, 15]]);
		expect(clevertap).toContain(`**Retry Schedule** \`${schedulesIn(third)[0]}\``);
	});

	it('200 alone is a choice', () => {
		expect(OPTIONS.successStatus.choices).toContain('200');
		expect(rules).toContain('option Success Status `200`');
	});
});

describe('payloads (C3, C4)', () => {
	it('systemProfileData has the names that the page lists', () => {
		const names = codeOf(/In `systemProfileData` CleverTap sends[^\n]*/.exec(clevertap)?.[0] ?? '').filter(
			(name) => !['systemProfileData', 'Subscribed', 'Unsubscribed'].includes(name),
		);
		expect(names).toHaveLength(12);
		const shouted = Object.fromEntries(names.map((name) => [name.toUpperCase(), name]));
		for (const style of ['lower', 'reference'] as const)
			expect(profileOf({ systemProfileData: shouted }, style)).toEqual({
				systemProfileData: Object.fromEntries(names.map((name) => [name, name])),
			});
	});

	it('payload is a main key, as the table says', () => {
		const keys = tablesOf(clevertap).find(({ header }) => header[0] === 'Key in `profiles`');
		const told = (keys?.rows ?? []).flatMap(([key = '']) => codeOf(key));
		expect(told).toContain('payload');
		for (const key of told) expect(Object.keys(profileOf({ [key]: {} }, 'lower'))).toEqual([key]);
	});
});

describe('the Zendesk sample (C5)', () => {
	const workflow = read('workflows/rating-to-zendesk.json');

	it.each([
		'requester_id',
		'requester',
		'name',
		'email',
		'phone',
		"type: 'task'",
		"priority: 'urgent'",
		"status: 'new'",
	])('the workflow sends %s', (part) => {
		const { nodes } = JSON.parse(workflow) as { nodes: Array<{ name: string; parameters: { jsonBody?: string } }> };
		expect(nodes.find(({ name }) => name === 'Open Ticket')?.parameters.jsonBody).toContain(part);
	});

	it('has a setting for each default, and says how to use an API token', () => {
		for (const name of ['defaultName', 'defaultEmail', 'defaultPhone', 'identityIsZendeskUserId'])
			expect(workflow).toContain(`"name": "${name}"`);
		expect(workflow).toContain('<email>/token');
		expect(clevertap).toContain('`identityIsZendeskUserId`');
	});
});

describe('throttling (C6)', () => {
	const throttling = partOf(recipes, '## A limit per five minutes');

	it('Rate Limit takes what the table says', () => {
		const [table] = tablesOf(`## x\n${throttling}`);
		const rates = (table?.rows ?? []).map(([messages = '', rate = '']) => {
			const [, written = '', divisor = '1'] = /^`(?:=\{\{ )?(\d+)(?: \/ (\d+) \}\})?`$/.exec(rate) ?? [];
			return [Number(messages.replace(',', '')), (Number(written) / Number(divisor)) * 300];
		});
		expect(rates.length).toBeGreaterThanOrEqual(3);
		for (const [messages, inFiveMinutes] of rates) expect(inFiveMinutes).toBeCloseTo(messages ?? NaN, 9);
		expect(OPTIONS.rateLimit.min).toBe(0);
		expect(OPTIONS.rateLimit).not.toHaveProperty('whole');
	});

	it('the schedule for three days ends within the third', () => {
		const [schedule = ''] = schedulesIn(throttling);
		const hours = secondsOf(schedule).reduce((sum, delay) => sum + delay, 0) / 3600;
		expect(hours).toBeGreaterThan(48);
		expect(hours).toBeLessThan(72);
	});
});

describe('fan-out', () => {
	const page = read('docs/fan-out.md');
	const file = read('workflows/events-to-subscribers.json');
	const { nodes } = JSON.parse(file) as {
		nodes: Array<{ name: string; parameters: { columns?: { column?: Array<{ name: string }> } } }>;
	};

	it('names every column of the table of endpoints', () => {
		const columns = nodes.find(({ name }) => name === 'Table of Endpoints')?.parameters.columns?.column ?? [];
		const [table] = tablesOf(page);
		expect((table?.rows ?? []).flatMap(([names = '']) => codeOf(names))).toEqual(columns.map(({ name }) => name));
	});

	it('has the schedule of the workflow, which is longer than the five days', () => {
		const [schedule = ''] = schedulesIn(page);
		expect(file).toContain(`"retrySchedule": "${schedule}"`);
		expect(secondsOf(schedule).reduce((sum, delay) => sum + delay, 0)).toBeGreaterThan(5 * 86_400);
		expect(file).toMatch(/"name": "daysUntilOff",\s*"value": 5,/);
	});

	it('names nodes that are there', () => {
		const names = new Set(nodes.map(({ name }) => name));
		for (const name of ['Create the Tables', 'Deliver', 'Tell Somebody', 'Webhook', 'Settings', 'Revive the Dead']) {
			expect(names).toContain(name);
			expect(page).toContain(`**${name}**`);
		}
	});
});
