import type { IDisplayOptions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import {
	OPTIONS,
	defaultOf,
	optionNames,
	type ChoiceOf,
	type OptionName,
	type OptionRow,
	type OptionWith,
	type OptionsOperation,
} from '../optionTable';

/** What the form says of an option, beside what the table has. */
interface Texts {
	description: string;
	placeholder?: string;
	/** What the option holds once it is added; it counts only then. Its default, unless said. */
	starter?: string;
	displayOptions?: IDisplayOptions;
	/** Of a collection of rows. */
	options?: INodeProperties['options'];
}

type Choices<Value extends string> = Record<Value, Omit<INodePropertyOptions, 'value'>>;
type ChoiceName = OptionWith<{ type: 'options' }>;

const TEXTS: Record<Exclude<OptionName, ChoiceName>, Texts> & {
	[Name in ChoiceName]: Texts & { choices: Choices<ChoiceOf<Name>> };
} = {
	backoff: {
		choices: {
			none: { name: 'None', description: 'Wait between tries as set in Retry On Fail' },
			exponential: { name: 'Exponential', description: 'Also wait a random time of up to 1 s, 2 s, 4 s …' },
		},
		description: 'How long to wait before a retry',
	},
	batchSize: {
		description: 'Number of items in one request of a broadcast. 0 sends all items in one request.',
		displayOptions: { show: { '/recipients': ['broadcast'], '/body': ['profiles'] } },
	},
	concurrency: {
		description: 'Maximum number of concurrent requests. 1 keeps strict order: a retry blocks the items after it.',
	},
	deliveryId: {
		placeholder: 'e.g. {{ $json.orderId }}',
		description:
			'ID of the delivery, up to 255 characters. Leave empty to have one generated; it stays the same in all attempts.',
	},
	failsWhen: {
		placeholder: 'Add Condition',
		description:
			'Conditions under which a response with a success status means that the delivery failed, for APIs that reject with 200. The first condition that matches decides. Use dots for nested fields.',
		options: [
			{
				name: 'rules',
				displayName: 'Condition',
				values: [
					{
						displayName: 'Path',
						name: 'path',
						type: 'string',
						default: '',
						placeholder: 'e.g. error.code',
						description: 'Field of the JSON response. Leave empty for the whole response.',
					},
					{
						displayName: 'Condition',
						name: 'condition',
						type: 'options',
						options: [
							{ name: 'Equals', value: 'equals', description: 'The value is equal, e.g. ok equals false' },
							{ name: 'Exists', value: 'exists', description: 'There is a value that is not null' },
							{
								name: 'Not Empty',
								value: 'notEmpty',
								description: 'The value is not empty: an empty text or list, false and 0 count as empty',
							},
							{ name: 'Not Equals', value: 'notEquals', description: 'The value is different or missing' },
						],
						default: 'exists',
					},
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						placeholder: 'e.g. false',
						displayOptions: { show: { condition: ['equals', 'notEquals'] } },
					},
					{
						displayName: 'Try Again',
						name: 'tryAgain',
						type: 'boolean',
						default: false,
						description: 'Whether to retry the delivery. When off, it fails at once.',
					},
				],
			},
		],
	},
	followRedirects: {
		description:
			'Whether to follow redirects (3xx), up to 10. Credentials and custom headers are not sent to other origins. When off, a redirect fails the delivery.',
	},
	idempotencyHeader: {
		placeholder: 'e.g. Idempotency-Key',
		starter: 'Idempotency-Key',
		description:
			'Header for the delivery ID, so that the destination can recognize duplicates. Leave empty to send none.',
	},
	allowUnauthorizedCerts: {
		description: 'Whether to connect even if SSL certificate validation is not possible',
	},
	includeHeaders: {
		description: 'Whether to add the response headers to the receipt',
		displayOptions: { hide: { output: ['response', 'input'] } },
	},
	keyStyle: {
		choices: { lower: { name: 'Lowercase' }, reference: { name: 'Capitalized' } },
		description:
			'How to write the main keys of a profile: identity, email, phone, name, or Identity, Email, Phone, Name',
		displayOptions: { show: { '/body': ['profiles'] } },
	},
	maxResponseSize: {
		description: 'Maximum response size in bytes, after decompression. A larger response is cut off.',
	},
	maxRetryWait: {
		description:
			'Longest wait when the destination asks for one (Retry-After). If it asks for longer, the delivery goes to the error output, with the time in retryAt.',
	},
	orderKey: {
		placeholder: 'e.g. {{ $json.customerId }}',
		description:
			'Items with the same key are delivered in strict order: a retry blocks only the items with its key. Leave empty for no order.',
	},
	output: {
		choices: {
			input: { name: 'Input Item', description: 'The item as it came in' },
			receipt: {
				name: 'Receipt',
				description: 'ID, status and times of the delivery, and the response',
			},
			receiptAndInput: {
				name: 'Receipt and Input Item',
				description: 'The receipt together with the fields of the input item',
			},
			response: { name: 'Response', description: 'Only the response of the destination' },
		},
		description: 'What to output for each delivery',
	},
	proxy: {
		placeholder: 'e.g. http://localhost:3128',
		description: 'HTTP proxy to use instead of the one in the environment of n8n, such as HTTP_PROXY',
	},
	rateLimitPer: {
		choices: {
			run: { name: 'Run', description: 'All requests of the run together' },
			destination: { name: 'Destination', description: 'The requests to each host separately' },
		},
		description: 'Whether Rate Limit applies to all requests of the run, or to each destination',
	},
	rateLimit: {
		description:
			'Maximum number of requests a second, over all items. May be less than 1, e.g. 0.2 for one request every 5 seconds. 0 sets no limit.',
	},
	redirectMethod: {
		choices: {
			keep: { name: 'Keep', description: 'POST stays POST, with its body' },
			get: {
				name: 'GET',
				description: 'POST becomes GET without a body, as in browsers. For Google Apps Script.',
			},
		},
		description: 'What to do with POST on 301 and 302. 303 always becomes GET; 307 and 308 always keep the method.',
		displayOptions: { show: { followRedirects: [true] } },
	},
	retrySchedule: {
		placeholder: 'e.g. 5s, 5m, 30m, 2h, 5h, 10h, 10h',
		description:
			'Delays of a long schedule. A failed item on the error output has retryAt for a Wait node, until the schedule is used up.',
	},
	retryStatuses: {
		placeholder: 'e.g. 409, 520-524',
		description:
			'Response statuses to retry in addition to 408, 425, 429, 500, 502, 503 and 504. Useful ones: 409 for DatabaseConflict of Zendesk; 520-524 and 529 of proxies such as Cloudflare.',
	},
	successStatus: {
		choices: {
			'2xx': { name: '2xx', description: 'All statuses from 200 to 299' },
			'200': { name: '200', description: 'Only 200 OK' },
		},
		description: 'Which statuses count as delivered',
	},
	timeout: {
		description:
			'Time from the start of the request to the last byte of the response, redirects included. While a file is sent, it starts again with each part that the destination reads.',
	},
	useClientCertificate: {
		description:
			'Whether to present a client certificate. Select its SSL Certificates credential under Authentication.',
	},
};

/** The collection *Options* of an operation, in alphabetical order. */
export function optionsField(operation: OptionsOperation): INodeProperties {
	const names = optionNames((row) => operation === 'dispatch' || row.inTest === true);
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: names
			.map((name) => optionField(name, operation))
			.sort((a, b) => a.displayName.localeCompare(b.displayName)),
	};
}

function optionField(name: OptionName, operation: OptionsOperation): INodeProperties {
	const row: OptionRow = OPTIONS[name];
	const { choices, starter, ...texts }: Texts & { choices?: Choices<string> } = TEXTS[name];
	return {
		displayName: row.displayName,
		name,
		type: row.type,
		...(row.type === 'number' ? { typeOptions: { minValue: row.min } } : {}),
		...(row.type === 'fixedCollection' ? { typeOptions: { multipleValues: true } } : {}),
		...(row.type === 'options'
			? { options: row.choices.map((value) => ({ name: value, ...choices?.[value], value })) }
			: {}),
		default: starter ?? defaultOf(name, operation),
		...texts,
	};
}
