import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readJson } from '../../../tools/lib/json';
import { heldBy, withLock } from '../../../tools/lib/lock';
import { root } from '../../../tools/lib/paths';
import { packageIn } from '../../../tools/lib/run';
import { unflatten } from '../../../tools/n8n/rest/unflatten';
import { FOR_START, isEnoughForStart, isInstalled } from '../../../tools/setup/dependencies';

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

describe('what npm start needs', () => {
	const wanted = { packages: { '': {}, 'node_modules/jest': { version: '30.0.0' } } as Record<string, object> };
	for (const name of FOR_START) wanted.packages[`node_modules/${name}`] = { version: '1.0.0' };
	const enough = Object.fromEntries(FOR_START.map((name) => [`node_modules/${name}`, { version: '1.0.0' }]));
	const { [`node_modules/${FOR_START[0]}`]: _first, ...oneMissing } = enough;

	it.each([
		['the packages it names', { packages: enough }, true],
		['all packages', { packages: wanted.packages }, true],
		['one is missing', { packages: oneMissing }, false],
		['one has another version', { packages: { ...enough, 'node_modules/jest': { version: '29.0.0' } } }, false],
		['the installation was interrupted', undefined, false],
	])('%s', (_what, installed, answer) => {
		expect(isEnoughForStart(wanted, installed)).toBe(answer);
	});

	it('is all that its files import', () => {
		const { dependencies } = readJson<{ dependencies: Record<string, string> }>(path.join(root, 'package.json'))!;
		/** The pictures of the docs, and the browser that takes them, are not part of the demonstration. */
		const others = /^(demo\/screenshots\.ts|tools\/browser\/)/;
		const files = ['lib', 'credentials', 'nodes', 'tools', 'demo']
			.flatMap((folder) =>
				fs
					.readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
					.map((file) => `${folder}/${file}`),
			)
			.filter((file) => /\.[jt]s$/.test(file) && !others.test(file));
		const imported = ['gulpfile.js', ...files].flatMap((file) => {
			const text = fs.readFileSync(path.join(root, file), 'utf8');
			return [...text.matchAll(/(?:^import .*?from|require\(|import\()\s*'((?:@[^'/]+\/)?[a-z][^'/:]*)['/]/gm)].map(
				([, name = '']) => name,
			);
		});
		expect(files.length).toBeGreaterThan(200);
		const known = new Set([...FOR_START, ...Object.keys(dependencies)]);
		expect([...new Set(imported)].filter((name) => !known.has(name))).toEqual([]);
		expect(imported).toEqual(expect.arrayContaining(['typescript', 'oidc-provider', 'n8n-workflow']));
	});
});

it.each([
	['npm http fetch GET 200 https://registry.npmjs.org/undici 40ms', 'undici'],
	['npm http fetch GET 200 https://registry.npmjs.org/@n8n%2fdi/-/di-1.0.tgz 40ms (cache hit)', '@n8n/di'],
	['npm http cache jose@https://registry.npmjs.org/jose/-/jose-6.0.0.tgz 3ms', 'jose'],
	['npm warn EBADENGINE }\nnpm http fetch GET 200 https://registry.npmjs.org/a 1ms\nnpm warn EBADENGINE }', 'a'],
	['npm warn EBADENGINE }', undefined],
	['  | ^~~~~~~', undefined],
	['  CXX(target) Release/obj.target/node_sqlite3/src/node_sqlite3.o', undefined],
])('the progress line shows of %p the package alone', (output, name) => {
	expect(packageIn(output)).toBe(name);
});
