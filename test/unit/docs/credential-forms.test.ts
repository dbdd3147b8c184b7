/** Habits of the credential forms, which are those of n8n's own. */
import type { INodeProperties } from 'n8n-workflow';

import { credentialForms, fieldsOf, nodeForm, withoutUnit } from './forms';

const forms = [...credentialForms];
const JWT = 'Webhook Dispatch JWT OAuth2 API';
const SIGNING = 'Webhook Dispatch Signing API';

describe.each(forms)('%s', (_, properties) => {
	const fields = fieldsOf(properties);
	const names = fields.map(({ displayName }) => displayName);

	it('has no heading: a notice is yellow, and a warning', () => {
		expect(properties.filter(({ type }) => type === 'notice')).toEqual([]);
	});

	it('says the unit of a number in its label, or has a field for it below', () => {
		const numbers = fields.filter(({ type }) => type === 'number').map(({ displayName }) => displayName);
		const without = numbers.filter((name) => withoutUnit(name) === name);
		expect(without.filter((name) => names[names.indexOf(name) + 1] !== name.replace('Value', 'Unit'))).toEqual([]);
	});

	it('has an example, or the field that is used instead, where nothing is filled in', () => {
		const isFine = (text: string): boolean => /^(e\.g\. |Add )/.test(text) || names.includes(text);
		// n8n's own field about domains.
		const own = fields.filter(({ name }) => name !== 'allowedDomains');
		expect(own.flatMap(({ placeholder = 'e.g. ' }) => (isFine(placeholder) ? [] : [placeholder]))).toEqual([]);
	});

	it('calls a user Username', () => {
		expect(names).not.toContain('User');
	});
});

it.each([
	[JWT, ['algorithm', 'passphrase', 'privateKey', 'keyId', 'previousPublicKey', 'certificate', 'certificateHeaders']],
	[SIGNING, ['signatureAlgorithm', 'passphrase', 'privateKey', 'keyId', 'publicKeys']],
])('%s has what belongs to a key in the order in which it is filled in', (form, order) => {
	const places = (credentialForms.get(form) ?? []).flatMap(({ name, type }) =>
		type !== 'hidden' && order.includes(name) ? [name] : [],
	);
	expect(places).toEqual(order);
});

it.each(['issuer', 'audience', 'secretJwtAudience', 'refreshTokenUrl'])('%s says in the field what is used', (name) => {
	const found = fieldsOf([...credentialForms.values()].flat()).filter((field) => field.name === name);
	expect(found.length).toBeGreaterThan(0);
	for (const { placeholder } of found) expect(placeholder).toMatch(/^(Client ID|Access Token URL)$/);
});

it('says "Leave empty to …" as n8n does', () => {
	const all: INodeProperties[] = fieldsOf([...forms.flatMap(([, properties]) => properties), ...nodeForm]);
	const texts = all.flatMap(({ description = '', hint = '' }) => [description, hint]);
	expect(texts.filter((text) => /when empty|^Empty\b/i.test(text))).toEqual([]);
	expect(texts.filter((text) => /Leave empty/.test(text)).length).toBeGreaterThan(10);
});
