import { join } from 'node:path';

import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { readJson } from '../../tools/lib/json';
import { ensureN8n } from '../../tools/n8n/install';
import { credentialRows, fieldKey, listedChoices, listedFields, page } from '../unit/docs/httpRequestPage';

/** docs/coming-from-http-request.md has the fields and choices of n8n's HTTP Request node, as the installed n8n describes them. */

interface Described {
	name: string;
	displayName: string;
	version: number | number[];
	defaultVersion: number;
	properties: INodeProperties[];
}

let properties: INodeProperties[];
let version: number;
let genericTypes: string[];

beforeAll(async () => {
	const types = join((await ensureN8n()).folder, 'node_modules/n8n-nodes-base/dist/types');
	const nodes = readJson<Described[]>(join(types, 'nodes.json')) ?? [];
	const found = nodes.find(
		(node) => node.name === 'httpRequest' && [node.version].flat().includes(node.defaultVersion),
	);
	if (found === undefined) throw new Error(`${types} has no HTTP Request node`);
	properties = found.properties;
	version = found.defaultVersion;
	const credentials = readJson<Array<{ displayName: string; genericAuth?: boolean }>>(join(types, 'credentials.json'));
	genericTypes = (credentials ?? []).flatMap(({ displayName, genericAuth }) => (genericAuth ? [displayName] : []));
}, 600_000);

const isOfVersion = ({ displayOptions: { show, hide } = {} }: INodeProperties): boolean =>
	(show?.['@version']?.includes(version) ?? true) && !(hide?.['@version']?.includes(version) ?? false);

/** Explanations, and the button that reads a cURL command. */
const isField = ({ type }: INodeProperties): boolean => type !== 'notice' && type !== 'curlImport';

type Visit = (field: INodeProperties, within: string) => string[];

/** All fields, those in collections included; what is in *Options* counts as outermost, as on the page. */
function all(fields: INodeProperties[], visit: Visit, within = ''): string[] {
	return fields
		.filter((field) => isField(field) && isOfVersion(field))
		.flatMap((field) => {
			const isOptions = field.name === 'options';
			const inner = (field.options ?? []) as Array<INodeProperties | INodePropertyCollection | INodePropertyOptions>;
			const nested = inner.flatMap((option) => ('values' in option ? option.values : 'type' in option ? [option] : []));
			// A collection within a collection has a separate row.
			const place = field.type === 'fixedCollection' ? '' : within;
			return [...(isOptions ? [] : visit(field, place)), ...all(nested, visit, isOptions ? '' : field.name)];
		});
}

const unique = (values: string[]): string[] => [...new Set(values)].sort();

it('is about the version that is there', async () => {
	expect(page).toContain(`(version ${version}, n8n ${(await ensureN8n()).version})`);
});

it('lists every field, and no other', () => {
	const fields = all(properties, ({ displayName, name }, within) => [fieldKey(displayName, name, within)]);
	expect(fields.length).toBeGreaterThan(70);
	expect(unique(listedFields())).toEqual(unique(fields));
});

it('lists every choice, and no other', () => {
	const choices = all(properties, ({ displayName, type, options = [] }) =>
		type === 'options' ? options.map(({ name }) => `${displayName}: ${name}`) : [],
	);
	expect(choices.length).toBeGreaterThan(45);
	expect(unique(listedChoices())).toEqual(unique(choices));
});

it('lists every generic credential type, and no other', () => {
	expect(genericTypes.length).toBeGreaterThan(7);
	expect(unique(credentialRows.flatMap(([names = '']) => names.split(', ')))).toEqual(unique(genericTypes));
});
