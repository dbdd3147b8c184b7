/** The form's options, made of the table; n8n's lint reads fields that are written out only. */
import { NodeHelpers, type INodeProperties, type INodePropertyOptions } from 'n8n-workflow';

import { optionsField } from '../../../nodes/WebhookDispatch/operations/webhook/fields/options';
import { OPTIONS, labelOf, optionNames } from '../../../nodes/WebhookDispatch/operations/webhook/optionTable';
import { itemSettings } from '../../../nodes/WebhookDispatch/operations/webhook/settings';

const fieldsOf = (operation: 'dispatch' | 'sendTest') => optionsField(operation).options as INodeProperties[];
const named = (operation: 'dispatch' | 'sendTest', name: string) =>
	fieldsOf(operation).find((field) => field.name === name);

describe('the form of the options', () => {
	it('has all for Dispatch, and those of one request for Send Test, by the alphabet', () => {
		const inTest = [
			'Follow Redirects',
			'Ignore SSL Issues (Insecure)',
			'Max Response Size (Bytes)',
			'Proxy',
			'Redirect Method',
			'Timeout (ms)',
			'Use Client Certificate',
		];
		expect(fieldsOf('sendTest').map(({ displayName }) => displayName)).toEqual(inTest);
		const all = optionNames().map((name) => OPTIONS[name].displayName);
		expect(fieldsOf('dispatch').map(({ displayName }) => displayName)).toEqual(all.sort((a, b) => a.localeCompare(b)));
	});

	it('has the default and the lowest value of the table', () => {
		expect(named('dispatch', 'timeout')).toMatchObject({ default: 5000, typeOptions: { minValue: 1 } });
		expect(named('sendTest', 'timeout')).toMatchObject({ default: 3000, typeOptions: { minValue: 1 } });
		expect(named('dispatch', 'concurrency')).toMatchObject({ default: 50, typeOptions: { minValue: 1 } });
		expect(named('dispatch', 'proxy')).toMatchObject({ type: 'string', default: '' });
	});

	it('fills in the usual header for who adds Idempotency Header, and sends none for who does not', () => {
		expect(named('dispatch', 'idempotencyHeader')).toMatchObject({ default: 'Idempotency-Key' });
		// What n8n makes of a node's parameters before it runs, with the defaults of what is not there (2.40.1).
		const [added, other] = [{ idempotencyHeader: 'Idempotency-Key' }, { timeout: 1 }].map((options) =>
			NodeHelpers.getNodeParameters([optionsField('dispatch')], { options }, true, true, null, null),
		);
		expect(added).toEqual({ options: { idempotencyHeader: 'Idempotency-Key' } });
		expect(other).toEqual({ options: { timeout: 1 } });
		expect(itemSettings({ timeout: 1 })).toMatchObject({ value: { idempotencyHeader: '' } });
	});

	it.each(fieldsOf('dispatch').map((field): [string, INodeProperties] => [field.displayName, field]))(
		'%s is written as n8n asks of a field',
		(_name, { displayName, type, description = '', placeholder, options = [], default: fallback }) => {
			const choices = (type === 'options' ? options : []) as INodePropertyOptions[];
			expect(displayName).toMatch(/^[A-Z]/);
			// n8n's rule for a description of one sentence: no full stop.
			expect(description.includes('. ')).toBe(description.endsWith('.'));
			expect(type === 'boolean').toBe(description.startsWith('Whether') && choices.length === 0);
			if (placeholder !== undefined) expect(placeholder).toMatch(type === 'fixedCollection' ? /^Add / : /^e\.g\. /);
			for (const choice of choices) expect(choice.name).toMatch(/^[A-Z\d]/);
			if (type === 'options') expect(choices.map(({ value }) => value)).toContain(fallback);
		},
	);

	it('is called in messages as it is in the form, but for what is in parentheses', () => {
		expect(labelOf('allowUnauthorizedCerts')).toBe('Ignore SSL Issues');
		expect(labelOf('maxRetryWait')).toBe('Max Retry Wait');
	});
});
