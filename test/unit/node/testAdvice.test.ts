import type { INodeProperties } from 'n8n-workflow';

import { networkFailure, statusFailure, type FailureText } from '../../../lib/delivery/failureText';
import { isRetryableStatus } from '../../../lib/http/retryable';
import { optionsField } from '../../../nodes/WebhookDispatch/operations/webhook/fields/options';
import { testAdvice } from '../../../nodes/WebhookDispatch/operations/webhook/testAdvice';

/** After a test that did not pass, the next step is one that can be taken in Send Test. */

const namesOf = (operation: 'dispatch' | 'sendTest') =>
	((optionsField(operation).options ?? []) as INodeProperties[]).map(({ displayName }) =>
		displayName.replace(/ \(.*/, ''),
	);
const lacking = namesOf('dispatch').filter((name) => !namesOf('sendTest').includes(name));
const advice = ({ message, description }: FailureText, statusCode?: number, retryable = false) =>
	testAdvice({
		code: 'STATUS',
		message,
		description,
		retryable,
		...(statusCode === undefined ? {} : { statusCode }),
	});

const statuses = [
	...[
		201, 204, 299, 301, 302, 304, 400, 401, 403, 404, 405, 406, 407, 408, 409, 410, 413, 415, 419, 422, 423, 425, 429,
	],
	...[500, 501, 502, 503, 504, 520, 529, 599],
];

it('names nothing that Send Test lacks', () => {
	expect(lacking.length).toBeGreaterThan(10);
	const all = [
		...statuses.map((status) => {
			const retryable = isRetryableStatus(status);
			const text = statusFailure('example.com', status, '', undefined, { retryable, expiredStatusCodes: [401] });
			return advice(text, status, retryable);
		}),
		...(['TIMEOUT', 'CONNECTION', 'DNS', 'TLS', 'REDIRECT', 'RESPONSE_TOO_LARGE', 'BLOCKED'] as const).map((code) =>
			advice(networkFailure('example.com', code, 'why'), undefined, code === 'TIMEOUT'),
		),
	];
	for (const text of all) {
		expect(text).not.toBe('');
		expect(['Retry On Fail', ...lacking].filter((name) => text.includes(name))).toEqual([]);
	}
});

it.each([
	[201, /^Send Test passes only on 200 OK\. Webhook: Dispatch accepts every 2xx status by default\.$/],
	[503, /Run the test again later\.$/],
	[429, /^The destination limits requests\. Run the test again later\.$/],
	[404, /^Check the path of the Destination URL\.$/],
	[302, /Follow Redirects/],
])('%i: %s', (status, text) => {
	const retryable = isRetryableStatus(status);
	expect(advice(statusFailure('example.com', status, '', undefined, { retryable }), status, retryable)).toMatch(text);
});
