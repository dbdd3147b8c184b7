/** What the documents send a reader to is there: pages and chapters, npm scripts, test projects, files. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { REPOSITORY } from '../../../tools/lib/markdown';
import { anchorsOf, codeOf, read, root, tablesOf } from './markdown';

const pages = [
	...readdirSync(join(root, 'docs'))
		.filter((name) => name.endsWith('.md'))
		.map((name) => `docs/${name}`),
	'README.md',
	'CONTRIBUTING.md',
	'CHANGELOG.md',
	'SECURITY.md',
];

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
const projects = [...read('jest.config.js').matchAll(/project\('(\w+)'/g)].map((match) => match[1] ?? '');

const isThere = (path: string): boolean => existsSync(join(root, path));

describe.each(pages)('%s', (page) => {
	const text = read(page);

	it('links to what is there', () => {
		const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
			.map((match) => match[1] ?? '')
			.filter((target) => target.startsWith(`${REPOSITORY}/`) || !/^https?:/.test(target))
			.filter((target) => {
				const [path = '', anchor] = target.split('#');
				const inRepository = path.startsWith(`${REPOSITORY}/`) ? path.slice(REPOSITORY.length + 1) : undefined;
				const file = inRepository ?? (path === '' ? page : join(dirname(page), path));
				return !isThere(file) || (anchor !== undefined && !anchorsOf(read(file)).includes(anchor));
			});
		expect(broken).toEqual([]);
	});

	it('shows pictures that are there', () => {
		const shown = [...text.matchAll(/\bsrc(?:set)?="([^"]+)"/g)].map((match) => match[1] ?? '');
		expect(shown.filter((picture) => !isThere(join(dirname(page), picture)))).toEqual([]);
	});

	it('names commands that exist', () => {
		const named = [...text.matchAll(/\bnpm (?:run ([\w:-]*\w)|(start|test)\b)/g)].map(
			(match) => match[1] ?? match[2] ?? '',
		);
		expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
		const selected = [...text.matchAll(/--selectProjects ([\w ]+)/g)].flatMap((match) =>
			(match[1] ?? '').trim().split(/\s+/),
		);
		expect(selected.filter((name) => !projects.includes(name))).toEqual([]);
	});

	it('names files that exist', () => {
		const paths = codeOf(text.replace(/^```[\s\S]*?^```/gm, ''))
			.flatMap(
				(code) =>
					code.match(
						/(?<![\w./~-])(?:workflows|docs|test|demo|tools|lib|nodes|credentials|\.github|\.ci)\/[\w./-]*/g,
					) ?? [],
			)
			.filter((path) => !isThere(path));
		expect(paths).toEqual([]);
	});
});

it('README.md, which the package ships, links to files that it does not ship in the repository', () => {
	const targets = [...read('README.md').matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
	expect(targets.filter((target) => !/^(https:|LICENSE$|#)/.test(target))).toEqual([]);
	expect(targets.length).toBeGreaterThan(20);
});

it('README.md has 150 lines at most', () => {
	expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(150);
});

it('docs/workflows.md lists every workflow that is shipped', () => {
	const page = read('docs/workflows.md');
	const files = readdirSync(join(root, 'workflows')).filter((name) => name.endsWith('.json'));
	expect(files.filter((name) => !page.includes(`(../workflows/${name})`))).toEqual([]);
});

describe('CONTRIBUTING.md has the house as it is', () => {
	const tables = tablesOf(read('CONTRIBUTING.md'));
	const rowsOf = (first: string): string[][] => tables.find(({ header }) => header[0] === first)?.rows ?? [];
	const foldersIn = (folder: string): string[] =>
		readdirSync(join(root, folder), { withFileTypes: true })
			// git leaves folders behind that are empty.
			.filter((entry) => entry.isDirectory() && readdirSync(join(root, folder, entry.name)).length > 0)
			.map(({ name }) => name);

	it('each folder of test/', () => {
		const told = tables
			.filter(({ heading }) => heading === 'Tests')
			.flatMap(({ rows }) => rows.flatMap(([cell = '']) => codeOf(cell)));
		expect(told.sort()).toEqual(
			foldersIn('test')
				.filter((name) => name !== 'support')
				.map((name) => `test/${name}`)
				.sort(),
		);
	});

	it('each room of lib/, with what lint lets it import', () => {
		const [, arrows = ''] = /^const arrows = \{\n(.*?)^\};/ms.exec(read('eslint.config.mjs')) ?? [];
		const held = [...arrows.matchAll(/^\t'?([\w/]+)'?: \[(.*?)\],$/gms)].map(([, room, others = '']) => [
			`lib/${room}`,
			[...others.matchAll(/'(?:oauth2\/)?([\w/]+)'/g)].map(([, name]) => name).join(', ') || 'nothing',
		]);
		const told = rowsOf('Room').map(([room = '', , imports]) => [codeOf(room)[0], imports]);
		expect(told.sort()).toEqual(held.sort());
		const rooms = foldersIn('lib').flatMap((name) =>
			name === 'oauth2' ? foldersIn('lib/oauth2').map((room) => `lib/oauth2/${room}`) : `lib/${name}`,
		);
		expect(told.map(([room]) => room)).toEqual(rooms.sort());
	});
});
