/** "Read our docs" in a credential form leads to a chapter about that form. */
import { NodeHelpers, type ICredentialType, type INodeParameters } from 'n8n-workflow';

import { REPOSITORY } from '../../../tools/lib/markdown';
import { credentialTypes } from './forms';
import { anchorsOf, boldOf, read, tablesOf } from './markdown';

const types = credentialTypes.map((type): [string, ICredentialType] => [type.displayName, type]);

/** What "Read our docs" opens: the chapter's heading and text. */
function chapterOf({ documentationUrl = '' }: ICredentialType): { heading: string; text: string } {
	const [file = '', anchor = ''] = documentationUrl.slice(`${REPOSITORY}/`.length).split('#');
	const page = read(file);
	const index = anchorsOf(page).indexOf(anchor);
	const heading = [...page.matchAll(/^#+ (.+)$/gm)][index]?.[1] ?? '';
	const [text = ''] = page.split(`\n## ${heading}\n`)[1]?.split('\n## ') ?? [];
	return { heading, text };
}

/** The fields that a new form shows, by their names on the screen. */
function firstShown({ properties }: ICredentialType, values: INodeParameters = {}): string[] {
	const all = NodeHelpers.getNodeParameters(properties, values, true, true, null, null) ?? {};
	return properties
		.filter(({ type, name }) => type !== 'hidden' && name !== 'advancedSettings')
		.filter((property) => NodeHelpers.displayParameter(all, property, null, null))
		.map(({ displayName }) => displayName);
}

it.each(types)('%s: the chapter is there, and about this type alone', (_, type) => {
	expect(type.documentationUrl).toMatch(/^https:/);
	expect(type.documentationUrl?.startsWith(`${REPOSITORY}/docs/`)).toBe(true);
	expect(chapterOf(type).text.length).toBeGreaterThan(200);
	const all = credentialTypes.map(({ documentationUrl }) => documentationUrl);
	expect(new Set(all).size).toBe(all.length);
});

it.each(types.filter(([name]) => !name.includes('JWT')))('%s: the chapter names what a new form shows', (_, type) => {
	const named = new Set(boldOf(chapterOf(type).text));
	const shown = firstShown(type);
	expect(shown.length).toBeGreaterThan(1);
	expect(shown.filter((name) => !named.has(name))).toEqual([]);
});

it('the chapter of the JWT type names what a new form shows, then advanced settings', () => {
	const type = credentialTypes.find(({ displayName }) => displayName.includes('JWT'))!;
	const { heading } = chapterOf(type);
	const table = tablesOf(read('docs/credential-guides.md')).find((candidate) => candidate.heading === heading);
	const names = (table?.rows ?? []).flatMap(([cell = '']) => cell.split(', '));
	const behind = names.indexOf('Previous (or Next) Public Key');
	const shown = firstShown(type);
	expect(names.slice(0, behind).sort()).toEqual(shown.sort());
	const advanced = firstShown(type, { advancedSettings: true, certificate: 'x' }).filter(
		(name) => !shown.includes(name),
	);
	expect(names.slice(behind).filter((name) => !advanced.includes(name))).toEqual([]);
});
