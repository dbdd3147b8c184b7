import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { heldBy, withLock } from '../../../tools/lib/lock';
import { unflatten } from '../../../tools/n8n/rest/unflatten';
import { isInstalled } from '../../../tools/setup/dependencies';

describe('whether the dependencies are installed', () => {
	const wanted = {
		packages: {
			'': {},
			'node_modules/a': { version: '1.0.0' },
			'node_modules/b': { version: '2.0.0', optional: true },
		},
	};
	it.each([
		[
			'everything is there',
			{ packages: { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0' } } },
			true,
		],
		['an optional one is missing', { packages: { 'node_modules/a': { version: '1.0.0' } } }, true],
		['one is missing', { packages: { 'node_modules/b': { version: '2.0.0' } } }, false],
		['one has another version', { packages: { 'node_modules/a': { version: '1.0.1' } } }, false],
		['the installation was interrupted', undefined, false],
	])('%s', (_what, installed, answer) => {
		expect(isInstalled(wanted, installed)).toBe(answer);
	});
});

describe('the lock', () => {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lock-'));
	const file = path.join(folder, 'lock');
	afterAll(() => fs.rmSync(folder, { recursive: true }));

	it('lets one in at a time', async () => {
		const order: string[] = [];
		const work = (name: string) =>
			withLock(file, async () => {
				order.push(`${name} in`);
				await new Promise((resolve) => setImmediate(resolve));
				order.push(`${name} out`);
			});
		await Promise.all([work('a'), work('b')]);
		expect(order.map((step) => step.split(' ')[1])).toEqual(['in', 'out', 'in', 'out']);
		expect(fs.existsSync(file)).toBe(false);
	});

	it('takes over what a dead process has left', async () => {
		fs.writeFileSync(file, '999999999');
		expect(heldBy(file)).toBeUndefined();
		await expect(withLock(file, () => heldBy(file))).resolves.toBe(process.pid);
	});

	it('takes over from a process that shows no sign of life, whoever has its ID now', async () => {
		fs.writeFileSync(file, String(process.ppid));
		expect(heldBy(file)).toBe(process.ppid);
		fs.utimesSync(file, new Date(0), new Date(0));
		await expect(withLock(file, () => 'in')).resolves.toBe('in');
	});
});

it('reads what n8n stores executions in, with values that refer to each other', () => {
	const read = unflatten(
		'[{"name":"1","again":"2","list":"3","n":5,"none":null},"a \\"quoted\\" word",{"name":"1"},["2","1",true]]',
	);
	expect(read).toEqual({
		name: 'a "quoted" word',
		again: { name: 'a "quoted" word' },
		list: [{ name: 'a "quoted" word' }, 'a "quoted" word', true],
		n: 5,
		none: null,
	});
});
