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
			exponential: { name: 'Exponential', description: 'On top of that, wait a random part of 1 s, 2 s, 4 s …' },
		},
		description: 'How much longer to wait before a delivery is tried again',
	},
	batchSize: {
		description: 'How many items a broadcast puts into one request. 0 puts all items of the run into one.',
		displayOptions: { show: { '/recipients': ['broadcast'], '/body': ['profiles'] } },
	},
	concurrency: {
		description:
			'How many requests may be under way at once. 1 delivers strictly in order: an item that is to be tried again holds back those after it.',
	},
	deliveryId: {
		placeholder: 'e.g. {{ $json.orderId }}',
		description:
			'Your own ID for each delivery, up to 255 characters. When empty, the node makes one and keeps it over all attempts.',
	},
	failsWhen: {
		placeholder: 'Add Condition',
		description:
			'When a response with a success status means that the delivery was not accepted, as some APIs answer 200 for that. The first condition that holds decides. Paths lead into the JSON response by dots.',
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
						description: 'Where to look in the JSON response. When empty, the whole response counts.',
					},
					{
						displayName: 'Condition',
						name: 'condition',
						type: 'options',
						options: [
							{ name: 'Equals', value: 'equals', description: 'The value is this one, e.g. ok equals false' },
							{ name: 'Exists', value: 'exists', description: 'There is a value that is not null' },
							{
								name: 'Not Empty',
								value: 'notEmpty',
								description: 'There is something in it: an empty text or list, false and 0 do not count',
							},
							{ name: 'Not Equals', value: 'notEquals', description: 'The value is another one, or missing' },
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
						description: 'Whether the delivery may work when tried again. When off, it is given up.',
					},
				],
			},
		],
	},
	followRedirects: {
		description:
			'Whether to go where a 3xx answer points, up to 10 times. To another origin no credentials and no headers of yours go along. When off, a 3xx answer counts as not delivered.',
	},
	idempotencyHeader: {
		placeholder: 'e.g. Idempotency-Key',
		description: 'Header that carries the delivery ID, so that the destination can tell a repetition. None when empty.',
	},
	allowUnauthorizedCerts: {
		description: 'Whether to connect even if SSL certificate validation is not possible',
	},
	includeHeaders: {
		description: "Whether the receipt holds the headers of the destination's answer",
		displayOptions: { hide: { output: ['response', 'input'] } },
	},
	keyStyle: {
		choices: { lower: { name: 'Lower Case' }, reference: { name: 'Capitalized' } },
		description:
			'Whether the main keys of a profile are written identity, email, phone, name, or Identity, Email, Phone, Name',
		displayOptions: { show: { '/body': ['profiles'] } },
	},
	maxResponseSize: {
		description: 'How many bytes an answer may have, unpacked. A larger one is cut off.',
	},
	maxRetryWait: {
		description:
			'How many milliseconds to wait at most when the destination names a time (Retry-After). When it asks for longer, the delivery takes the error output, with the time as retryAt.',
	},
	orderKey: {
		placeholder: 'e.g. {{ $json.customerId }}',
		description:
			'Items with the same key are delivered strictly in order; items with other keys beside them. A delivery that is to be tried again holds back those of its key alone. When empty, an item has no order.',
	},
	output: {
		choices: {
			input: { name: 'Input Item', description: 'The item as it came in' },
			receipt: {
				name: 'Receipt',
				description: "ID, status and times of the delivery, with the destination's response",
			},
			receiptAndInput: {
				name: 'Receipt and Input Item',
				description: 'The receipt together with the fields of the input item',
			},
			response: { name: 'Response', description: "The destination's response alone" },
		},
		description: 'What flows on for each delivery',
	},
	proxy: {
		placeholder: 'e.g. http://localhost:3128',
		description: 'HTTP proxy to use instead of the one in the environment of n8n (HTTP_PROXY and the like)',
	},
	rateLimitPer: {
		choices: {
			run: { name: 'Run', description: 'All requests of the run together' },
			destination: { name: 'Destination', description: 'The requests to each host by themselves' },
		},
		description: 'Whether Rate Limit holds for all requests, or for those to each destination',
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
				description: 'POST turns into GET without a body, as in browsers and for Google Apps Script',
			},
		},
		description: 'What to do with POST on 301 and 302. 303 always turns into GET; 307 and 308 always keep the method.',
		displayOptions: { show: { followRedirects: [true] } },
	},
	retrySchedule: {
		placeholder: 'e.g. 5s, 5m, 30m, 2h, 5h, 10h, 10h',
		description:
			'Delays of a long schedule. An item on the error output then carries retryAt for a Wait node, until the schedule is used up.',
	},
	retryStatuses: {
		placeholder: 'e.g. 409, 520-524',
		description:
			'Response statuses to retry in addition to 408, 425, 429, 500, 502, 503 and 504. Useful ones: 409 for DatabaseConflict of Zendesk; 520-524 and 529 of proxies such as Cloudflare.',
	},
	successStatus: {
		choices: {
			'2xx': { name: '2xx', description: 'All statuses from 200 to 299' },
			'200': { name: '200', description: '200 OK alone' },
		},
		description: 'Which statuses count as delivered',
	},
	timeout: {
		description: 'Milliseconds from the start of the request to the last byte of the answer, redirects included',
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
	const { choices, ...texts }: Texts & { choices?: Choices<string> } = TEXTS[name];
	return {
		displayName: row.displayName,
		name,
		type: row.type,
		...(row.type === 'number' ? { typeOptions: { minValue: row.min } } : {}),
		...(row.type === 'fixedCollection' ? { typeOptions: { multipleValues: true } } : {}),
		...(row.type === 'options'
			? { options: row.choices.map((value) => ({ name: value, ...choices?.[value], value })) }
			: {}),
		default: defaultOf(name, operation),
		...texts,
	};
}
