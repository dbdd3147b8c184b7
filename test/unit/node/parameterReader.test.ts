import type { IExecuteFunctions } from 'n8n-workflow';

import { parameterReader } from '../../../nodes/WebhookDispatch/n8n/parameterReader';
import { WebhookDispatch } from '../../../nodes/WebhookDispatch/WebhookDispatch.node';

/** n8n's context of a node with these parameters; writes down what is read of it. */
function setUp(parameters: object) {
	const reads: string[] = [];
	const context = {
		getNode: () => ({ parameters }),
		getNodeParameter(name: string, itemIndex: number) {
			reads.push(`${name} ${itemIndex}`);
			return `${name} of item ${itemIndex}`;
		},
	} as unknown as IExecuteFunctions;
	return { reader: parameterReader(context), reads };
}

it('reads a field without an expression once for all items', () => {
	const { reader, reads } = setUp({ url: 'https://example.com' });
	expect([0, 1, 2].map((item) => reader.read('url', item))).toEqual(Array(3).fill('url of item 0'));
	expect(reads).toEqual(['url 0']);
});

it.each([
	['a text', { jsonBody: '={{ $json }}' }, 'jsonBody'],
	['a list of pairs', { query: { parameters: [{ name: 'a', value: '=1' }] } }, 'query.parameters'],
])('reads one with an expression for every item: %s', (_what, parameters, name) => {
	const { reader } = setUp(parameters);
	expect([0, 1].map((item) => reader.read(name, item))).toEqual([`${name} of item 0`, `${name} of item 1`]);
});

it('gives each reader its own fallback for a field that the form hides, and n8n stores no value for', () => {
	const context = {
		getNode: () => ({ parameters: {} }),
		getNodeParameter: (...[, , fallback]: unknown[]) => fallback,
	} as unknown as IExecuteFunctions;
	const reader = parameterReader(context);
	expect([reader.read('body', 0, 'inputItem'), reader.read('body', 0, 'none')]).toEqual(['inputItem', 'none']);
});

it('no field has a validateType, so nothing is lost by leaving out the search for one', () => {
	expect(JSON.stringify(new WebhookDispatch().description)).not.toContain('"validateType"');
});
