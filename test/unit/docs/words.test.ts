/** Words that were given up in what people read (US English, one word for one thing): they do not come back. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { credentialForms, fieldsOf, nodeForm } from './forms';
import { read, root } from './markdown';

/** What to write in their place. */
const GIVEN_UP: Array<[RegExp, string]> = [
	[/\banew\b/i, 'again'],
	[/\bmend(s|ed|ing)?\b/i, 'fix'],
	[/\b(un)?authoris/i, 'authoriz'],
	[/\bhonour/i, 'honor'],
	[/\bbehaviour/i, 'behavior'],
	[/\brecognis/i, 'recogniz'],
	[/\bserialis/i, 'serializ'],
	[/\blicence\b/i, 'license'],
	[/\blower case\b/i, 'lowercase'],
	[/\bKey Values\b/, 'Key-Value Pairs'],
	[/\bnever sent twice\b/i, 'what was delivered is not sent again'],
	[/\bcome about\b/i, 'fail'],
];

/** In the forms, too. */
const GIVEN_UP_IN_FORMS: Array<[RegExp, string]> = [
	...GIVEN_UP,
	[/\banswer(s|ed)?\b/i, 'response'],
	[/\btried again\b/i, 'retry'],
	[/\b(stands|holds no|none that|no longer good)\b/i, 'a plain word'],
];

const found = (text: string, words: Array<[RegExp, string]>): string[] =>
	words.flatMap(([word, better]) => {
		const match = word.exec(text);
		return match === null
			? []
			: [`${match[0]} → ${better}: …${text.slice(Math.max(0, match.index - 30), match.index + 40)}…`];
	});

const pages = [
	'README.md',
	'CHANGELOG.md',
	'CONTRIBUTING.md',
	'SECURITY.md',
	...['docs', 'workflows'].flatMap((folder) =>
		readdirSync(join(root, folder))
			.filter((name) => /\.(md|json)$/.test(name))
			.map((name) => `${folder}/${name}`),
	),
	'package.json',
];

it.each(pages)('%s', (page) => {
	expect(found(read(page), GIVEN_UP)).toEqual([]);
});

it('the forms of the node and of the credentials', () => {
	const texts = fieldsOf([...nodeForm, ...[...credentialForms.values()].flat()]).flatMap(
		({ displayName, description = '', hint = '', placeholder = '', options = [] }) => [
			displayName,
			description,
			hint,
			placeholder,
			...options.flatMap((option) =>
				'description' in option ? [option.name, option.description ?? ''] : [option.name],
			),
		],
	);
	expect(texts.length).toBeGreaterThan(300);
	expect(texts.flatMap((text) => found(text, GIVEN_UP_IN_FORMS))).toEqual([]);
});

it('finds a word that was given up', () => {
	expect(found('Run it anew.', GIVEN_UP)).toHaveLength(1);
	expect(found('The answer', GIVEN_UP_IN_FORMS)).toHaveLength(1);
	expect(found('The response, again', GIVEN_UP_IN_FORMS)).toEqual([]);
});
