/** Words that were given up in what people read (US English, one word for one thing): they do not come back. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';

import { credentialForms, fieldsOf, nodeForm } from './forms';
import { read, root } from './markdown';

/** What to write in their place. */
const GIVEN_UP: Array<[RegExp, string]> = [
	[/\banew\b/i, 'again'],
	[/\banswer(s|ed|ing)?\b/i, 'response, responds with'],
	[/\bmend(s|ed|ing)?\b/i, 'fix'],
	[/\btr(ied|ies) again\b/i, 'retried, retries'],
	[/\b(stands|stood|as it stands)\b/i, 'is'],
	[/\b(tells?|telling|told)\b/i, 'report, show, notify, know'],
	[/\bof (its|their|her|his) own\b/i, 'its own …, separate'],
	[/\bcome about\b/i, 'fail'],
	[/\b(holds? no|none that|no longer good)\b/i, 'a plain word'],
	[/\bwithout a word\b/i, 'without notice'],
	[/\b(on and on|over and over)\b/i, 'repeatedly'],
	[/\bsees to it\b/i, 'ensures'],
	[/\btake[ns]? up\b(?! to)/i, 'resume, continue'],
	[/\b(goes|go) along\b/i, 'is sent'],
	[/\bunder way\b/i, 'in progress'],
	[/\bputs? out\b/i, 'output'],
	[/\bblank(s|ed)? out\b/i, 'redact'],
	[/\bactivat(e|es|ed|ing)\b/i, 'publish'],
	[/\blower case\b/i, 'lowercase'],
	[/\bKey Values\b/, 'Key-Value Pairs'],
	[/\bnever sent twice\b/i, 'what was delivered is not sent again'],
	[/\b(un)?authoris/i, 'authoriz'],
	[/\bhonour/i, 'honor'],
	[/\bbehaviour/i, 'behavior'],
	[/\b(personal|recogn|serial|normal|organ|initial|capital|summar)is(e|es|ed|ing|ation)\b/i, '…ize'],
	[/\blicence\b/i, 'license'],
];

/** Where such a word is right, and why. */
const RIGHT: Array<[string, string]> = [
	['Tell Slack', 'the name of a node: people are told'],
	['Tell Somebody', 'the name of a node'],
	['## 4. Tell somebody', 'the note at that node'],
	['known answers', 'of a function in a test: no response'],
	['Activate the app', 'so it is called in Zoom'],
	['deactivated: activate it', 'a node of a workflow; a workflow is published'],
];

const found = (text: string, words = GIVEN_UP): string[] => {
	const searched = RIGHT.reduce((rest, [phrase]) => rest.replaceAll(phrase, ''), text);
	return words.flatMap(([word, better]) => {
		const match = word.exec(searched);
		return match === null
			? []
			: [`${match[0]} → ${better}: …${searched.slice(Math.max(0, match.index - 30), match.index + 40)}…`];
	});
};

const filesOf = (folder: string, name: RegExp): string[] =>
	readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
		.filter((file) => name.test(file))
		.map((file) => `${folder}/${file}`);

const pages = [
	'README.md',
	'CHANGELOG.md',
	'CONTRIBUTING.md',
	'SECURITY.md',
	...filesOf('docs', /\.(md|mjs|py|java)$/),
	...filesOf('workflows', /\.json$/),
	...['lib', 'nodes', 'credentials', 'tools', 'demo'].flatMap((folder) => filesOf(folder, /README\.md$/)),
	'package.json',
];

it.each(pages)('%s', (page) => {
	expect(found(read(page))).toEqual([]);
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
	expect(texts.flatMap((text) => found(text))).toEqual([]);
});

/** The texts of a source file that can be sentences: literals and the pieces of templates, with a space in them. */
function sentencesOf(path: string): string[] {
	const sentences: string[] = [];
	const visit = (node: ts.Node): void => {
		if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
			sentences.push(node.text);
		ts.forEachChild(node, visit);
	};
	visit(ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest));
	return sentences.filter((text) => /\S\s+\S/.test(text));
}

it.each(['lib', 'nodes', 'credentials', 'demo', 'tools'])('messages in %s/', (folder) => {
	const sentences = filesOf(folder, /\.(ts|js)$/).flatMap(sentencesOf);
	expect(sentences.length).toBeGreaterThan(30);
	expect(sentences.flatMap((text) => found(text))).toEqual([]);
});

it('finds a word that was given up, and nothing else', () => {
	expect(found('Run it anew.')).toHaveLength(1);
	expect(found('The answer')).toHaveLength(1);
	expect(found('It is tried again')).toHaveLength(1);
	expect(found('The response, again. Try Again. It takes up to 60 s.')).toEqual([]);
	expect(sentencesOf('nodes/WebhookDispatch/operations/webhook/hints.ts')).toContainEqual(
		expect.stringContaining('has no effect'),
	);
});

it('every exception is needed', () => {
	const all = pages.map(read).join('\n');
	expect(RIGHT.filter(([phrase]) => !all.includes(phrase))).toEqual([]);
});
