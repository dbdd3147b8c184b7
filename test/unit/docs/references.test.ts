/** What the documents send a reader to is there: pages and chapters, npm scripts, test projects, files. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { codeOf, read, root } from './markdown';

const pages = [
	...readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
	'README.md',
	'CONTRIBUTING.md',
	'CHANGELOG.md',
	'SECURITY.md',
];

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
const projects = [...read('jest.config.js').matchAll(/project\('(\w+)'/g)].map((match) => match[1] ?? '');

const isThere = (path: string): boolean => existsSync(join(root, path));

/** Anchors as GitHub makes them of headings. */
const anchorsOf = (page: string): string[] =>
	[...page.matchAll(/^#+ (.+)$/gm)].map((match) =>
		(match[1] ?? '').toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-'),
	);

describe.each(pages)('%s', (page) => {
	const text = read(page);

	it('links to what is there', () => {
		const broken = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)]
			.map((match) => match[1] ?? '')
			.filter((target) => {
				const [path = '', anchor] = target.split('#');
				const file = path === '' ? page : join(dirname(page), path);
				return !isThere(file) || (anchor !== undefined && !anchorsOf(read(file)).includes(anchor));
			});
		expect(broken).toEqual([]);
	});

	it('shows pictures that are there', () => {
		const shown = [...text.matchAll(/\bsrc(?:set)?="([^"]+)"/g)].map((match) => match[1] ?? '');
		expect(shown.filter((picture) => !isThere(join(dirname(page), picture)))).toEqual([]);
	});

	it('names commands that exist', () => {
		const named = [...text.matchAll(/\bnpm (?:run ([\w:-]*\w)|(start|test)\b)/g)].map((match) => match[1] ?? match[2] ?? '');
		expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
		const selected = [...text.matchAll(/--selectProjects ([\w ]+)/g)].flatMap((match) => (match[1] ?? '').trim().split(/\s+/));
		expect(selected.filter((name) => !projects.includes(name))).toEqual([]);
	});

	it('names files that exist', () => {
		const paths = codeOf(text.replace(/^```[\s\S]*?^```/gm, ''))
			.flatMap((code) => code.match(/(?<![\w./~-])(?:workflows|docs|test|demo|tools|lib|nodes|credentials|\.github|\.ci)\/[\w./-]*/g) ?? [])
			.filter((path) => !isThere(path));
		expect(paths).toEqual([]);
	});
});

it('README.md lists every workflow that is shipped', () => {
	const readme = read('README.md');
	const files = readdirSync(join(root, 'workflows')).filter((name) => name.endsWith('.json'));
	expect(files.filter((name) => !readme.includes(`(workflows/${name})`))).toEqual([]);
});
