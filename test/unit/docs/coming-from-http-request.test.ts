/** The page's right column is about this node: its fields and choices exist, and none is left out. */
import type { INodeProperties } from 'n8n-workflow';

import { optionsField } from '../../../nodes/WebhookDispatch/operations/webhook/fields/options';
import { choicesOf, fieldsOf, namesOf, nodeForm, withoutUnit } from './forms';
import { choiceRows, credentialRows, fieldRows, page } from './httpRequestPage';
import { boldOf } from './markdown';

const known = new Set(namesOf(nodeForm));
/** n8n's own, in the node's settings. */
const n8nSettings = ['Retry On Fail', 'On Error'];
const rows = [...fieldRows, ...choiceRows, ...credentialRows];
const here = (row: string[]): string => row.at(-1) ?? '';

/** The place of the credentials has no name in the form. */
const isOfDispatch = ({ displayOptions, type }: INodeProperties): boolean =>
	type !== 'credentials' && displayOptions?.show?.operation?.includes('dispatch') === true;

it('has nothing in bold that no form shows', () => {
	expect(boldOf(page).filter((name) => !known.has(name) && !n8nSettings.includes(name) && name !== 'bold')).toEqual([]);
	expect(boldOf(page).length).toBeGreaterThan(100);
});

it('says of each field and choice where it is here, or that it is not', () => {
	expect(rows.length).toBeGreaterThan(60);
	const unsaid = rows.filter(
		(row) => boldOf(here(row)).length === 0 && !/^(HTTP Request only|not needed: )/.test(here(row)),
	);
	expect(unsaid).toEqual([]);
});

it('names choices with the field that has them', () => {
	const named = rows.flatMap((row) => [...here(row).matchAll(/\*\*([^*]+)\*\*: \*\*([^*]+)\*\*/g)]);
	expect(named.length).toBeGreaterThan(15);
	const wrong = named.filter(
		([, field = '', choice = '']) =>
			!fieldsOf(nodeForm).some((each) => each.displayName === field && choicesOf(each).includes(choice)),
	);
	expect(wrong.map(([words]) => words)).toEqual([]);
});

it('names every field of Webhook: Dispatch, and every option', () => {
	const fields = [...nodeForm.filter(isOfDispatch), ...(optionsField('dispatch').options as INodeProperties[])];
	const names = new Set(fields.map(({ displayName }) => displayName));
	expect(names.size).toBeGreaterThan(35);
	const told = new Set(boldOf(page));
	expect([...names].filter((name) => !told.has(withoutUnit(name)) && name !== 'Options')).toEqual([]);
});

it('offers as generic credentials what the form offers, but for those of other services', () => {
	const field = fieldsOf(nodeForm).find(({ name }) => name === 'n8nCredentialType');
	const told = credentialRows.flatMap((row) =>
		here(row).startsWith('**Credential Type**: ') ? boldOf(here(row)).slice(1) : [],
	);
	const offered = field === undefined ? [] : choicesOf(field);
	expect(told.sort()).toEqual(offered.filter((name) => !name.startsWith('Zendesk')).sort());
});
