import type { INodeProperties } from 'n8n-workflow';

/** The options that both operations have. */
export const connectionOptions = (timeout: number): INodeProperties[] => [
	{
		displayName: 'Follow Redirects',
		name: 'followRedirects',
		type: 'boolean',
		default: false,
		description:
			'Whether to go where a 3xx answer points, up to 10 times. To another origin no credentials and no headers of yours go along. When off, a 3xx answer counts as not delivered.',
	},
	{
		displayName: 'Ignore SSL Issues (Insecure)',
		name: 'allowUnauthorizedCerts',
		type: 'boolean',
		default: false,
		description: 'Whether to connect even if SSL certificate validation is not possible',
	},
	{
		displayName: 'Max Response Size',
		name: 'maxResponseSize',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 1048576,
		description: 'How many bytes an answer may have, unpacked. A larger one is cut off.',
	},
	{
		displayName: 'Proxy',
		name: 'proxy',
		type: 'string',
		default: '',
		placeholder: 'e.g. http://localhost:3128',
		description: 'HTTP proxy to use instead of the one in the environment of n8n (HTTP_PROXY and the like)',
	},
	{
		displayName: 'Redirect Method',
		name: 'redirectMethod',
		type: 'options',
		options: [
			{ name: 'Keep', value: 'keep', description: 'POST stays POST, with its body' },
			{
				name: 'GET',
				value: 'get',
				description: 'POST turns into GET without a body, as in browsers and for Google Apps Script',
			},
		],
		default: 'keep',
		description: 'What to do with POST on 301 and 302. 303 always turns into GET; 307 and 308 always keep the method.',
		displayOptions: { show: { followRedirects: [true] } },
	},
	{
		displayName: 'Timeout',
		name: 'timeout',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: timeout,
		description: 'Milliseconds from the start of the request to the last byte of the answer, redirects included',
	},
	{
		displayName: 'Use Client Certificate',
		name: 'useClientCertificate',
		type: 'boolean',
		default: false,
		description: 'Whether to present the certificate of an SSL Certificates credential',
	},
];

/** The options of Dispatch alone. */
export const deliveryOptions: INodeProperties[] = [
	{
		displayName: 'Backoff',
		name: 'backoff',
		type: 'options',
		options: [
			{ name: 'None', value: 'none', description: 'Wait between tries as set in Retry On Fail' },
			{
				name: 'Exponential',
				value: 'exponential',
				description: 'On top of that, wait a random part of 1 s, 2 s, 4 s …',
			},
		],
		default: 'none',
		description: 'How much longer to wait before a delivery is tried again',
	},
	{
		displayName: 'Batch Size',
		name: 'batchSize',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		description: 'How many items a broadcast puts into one request. 0 puts all items of the run into one.',
		displayOptions: { show: { '/recipients': ['broadcast'], '/body': ['profiles'] } },
	},
	{
		displayName: 'Concurrency',
		name: 'concurrency',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		description:
			'How many requests may be under way at once. 1 delivers strictly in order: an item that is to be tried again holds back those after it.',
	},
	{
		displayName: 'Delivery ID',
		name: 'deliveryId',
		type: 'string',
		default: '',
		placeholder: 'e.g. {{ $json.orderId }}',
		description:
			'Your own ID for each delivery, up to 255 characters. When empty, the node makes one and keeps it over all attempts.',
	},
	{
		displayName: 'Idempotency Header',
		name: 'idempotencyHeader',
		type: 'string',
		default: '',
		placeholder: 'e.g. Idempotency-Key',
		description: 'Header that carries the delivery ID, so that the destination can tell a repetition. None when empty.',
	},
	{
		displayName: 'Include Response Headers',
		name: 'includeHeaders',
		type: 'boolean',
		default: false,
		description: "Whether the receipt holds the headers of the destination's answer",
		displayOptions: { hide: { output: ['response', 'input'] } },
	},
	{
		displayName: 'Key Style',
		name: 'keyStyle',
		type: 'options',
		options: [
			{ name: 'Lower Case', value: 'lower' },
			{ name: 'Capitalized', value: 'reference' },
		],
		default: 'lower',
		description:
			'Whether the main keys of a profile are written identity, email, phone, name, or Identity, Email, Phone, Name',
		displayOptions: { show: { '/body': ['profiles'] } },
	},
	{
		displayName: 'Max Retry Wait',
		name: 'maxRetryWait',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 60000,
		description:
			'How many milliseconds to wait at most when the destination names a time (Retry-After). When it asks for longer, the delivery takes the error output, with the time as retryAt.',
	},
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		options: [
			{ name: 'Input Item', value: 'input', description: 'The item as it came in' },
			{
				name: 'Receipt',
				value: 'receipt',
				description: "ID, status and times of the delivery, with the destination's answer",
			},
			{ name: 'Response', value: 'response', description: "The destination's answer alone" },
		],
		default: 'receipt',
		description: 'What flows on for each delivery',
	},
	{
		displayName: 'Rate Limit',
		name: 'rateLimit',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		description: 'How many requests a second to make at most, over all items. 0 sets no limit.',
	},
	{
		displayName: 'Retry Schedule',
		name: 'retrySchedule',
		type: 'string',
		default: '',
		placeholder: 'e.g. 5s, 5m, 30m, 2h, 5h, 10h, 10h',
		description:
			'Delays of a long schedule. An item on the error output then carries retryAt for a Wait node, until the schedule is used up.',
	},
	{
		displayName: 'Retry Statuses',
		name: 'retryStatuses',
		type: 'string',
		default: '',
		placeholder: 'e.g. 409, 520-524',
		description:
			'Response statuses to retry in addition to 408, 425, 429, 500, 502, 503 and 504. Useful ones: 409 for DatabaseConflict of Zendesk; 520-524 and 529 of proxies such as Cloudflare.',
	},
	{
		displayName: 'Success Status',
		name: 'successStatus',
		type: 'options',
		options: [
			{ name: '2xx', value: '2xx', description: 'All statuses from 200 to 299' },
			{ name: '200', value: '200', description: '200 OK alone' },
		],
		default: '2xx',
		description: 'Which statuses count as delivered',
	},
];
