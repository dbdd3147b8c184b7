/**
 * The options of Dispatch and Send Test, one row each: the form (`fields/options.ts`), the reader (`settings.ts`) and the table
 * in `docs/options.md` are made from it. What the form says about an option is in the form.
 */

/** The operations that have options. */
export type OptionsOperation = 'dispatch' | 'sendTest';

/** Whether all items of a run have one value, or each has its own. */
export type Scope = 'run' | 'item';

interface Common {
	/** As the form calls it. */
	displayName: string;
	per: Scope;
	/** Whether Send Test has it, too. */
	inTest?: true;
}

interface SwitchOption extends Common {
	type: 'boolean';
	default: false;
}

interface NumberOption extends Common {
	type: 'number';
	default: number;
	/** In Send Test. */
	testDefault?: number;
	min: number;
	max: number;
	whole?: true;
	unit?: 'ms' | 'bytes';
}

interface ChoiceOption extends Common {
	type: 'options';
	/** One of the choices. */
	default: string;
	/** In the order of the form. */
	choices: readonly string[];
}

interface TextOption extends Common {
	type: 'string';
	default: '';
	/** What it can be, in words; its reader holds it to that. */
	takes: string;
}

interface RowsOption extends Common {
	type: 'fixedCollection';
	default: Record<string, never>;
	/** What its rows are, in words. */
	takes: string;
}

export type OptionRow = SwitchOption | NumberOption | ChoiceOption | TextOption | RowsOption;

/** Node's timers cannot wait longer, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1;

/** By parameter name, which workflows have saved: add, do not rename. The reader names the first one that is wrong. */
export const OPTIONS = {
	concurrency: { displayName: 'Concurrency', per: 'run', type: 'number', default: 50, min: 1, max: 1000, whole: true },
	rateLimit: { displayName: 'Rate Limit (per Second)', per: 'run', type: 'number', default: 0, min: 0, max: 100_000 },
	rateLimitPer: {
		displayName: 'Rate Limit Per',
		per: 'run',
		type: 'options',
		default: 'run',
		choices: ['run', 'destination'],
	},
	maxRetryWait: {
		displayName: 'Max Retry Wait (ms)',
		per: 'run',
		type: 'number',
		default: 60_000,
		min: 0,
		max: MAX_TIMER,
		unit: 'ms',
	},
	backoff: {
		displayName: 'Backoff',
		per: 'run',
		type: 'options',
		default: 'none',
		choices: ['none', 'exponential'],
	},
	batchSize: { displayName: 'Batch Size', per: 'run', type: 'number', default: 0, min: 0, max: 1_000_000, whole: true },
	retrySchedule: {
		displayName: 'Retry Schedule',
		per: 'run',
		type: 'string',
		default: '',
		takes: 'up to 50 delays of up to 30 days, in s, m, h or d',
	},
	allowUnauthorizedCerts: {
		displayName: 'Ignore SSL Issues (Insecure)',
		per: 'run',
		type: 'boolean',
		default: false,
		inTest: true,
	},
	proxy: {
		displayName: 'Proxy',
		per: 'run',
		type: 'string',
		default: '',
		takes: 'an `http://` or `https://` URL',
		inTest: true,
	},
	useClientCertificate: {
		displayName: 'Use Client Certificate',
		per: 'run',
		type: 'boolean',
		default: false,
		inTest: true,
	},
	timeout: {
		displayName: 'Timeout (ms)',
		per: 'item',
		type: 'number',
		default: 5000,
		// Mission row W5.
		testDefault: 3000,
		min: 1,
		max: MAX_TIMER,
		unit: 'ms',
		inTest: true,
	},
	maxResponseSize: {
		displayName: 'Max Response Size (Bytes)',
		per: 'item',
		type: 'number',
		default: 1024 * 1024,
		min: 0,
		max: 512 * 1024 * 1024,
		unit: 'bytes',
		inTest: true,
	},
	deliveryId: {
		displayName: 'Delivery ID',
		per: 'item',
		type: 'string',
		default: '',
		takes: 'up to 255 visible ASCII characters',
	},
	idempotencyHeader: {
		displayName: 'Idempotency Header',
		per: 'item',
		type: 'string',
		default: '',
		takes: 'the name of a header',
	},
	orderKey: {
		displayName: 'Order Key',
		per: 'item',
		type: 'string',
		default: '',
		takes: 'any text',
	},
	retryStatuses: {
		displayName: 'Retry Statuses',
		per: 'item',
		type: 'string',
		default: '',
		takes: 'statuses from 300 to 599, and ranges of them',
	},
	failsWhen: {
		displayName: 'Fails When',
		per: 'item',
		type: 'fixedCollection',
		default: {},
		takes: 'conditions on the response',
	},
	followRedirects: { displayName: 'Follow Redirects', per: 'item', type: 'boolean', default: false, inTest: true },
	redirectMethod: {
		displayName: 'Redirect Method',
		per: 'item',
		type: 'options',
		default: 'keep',
		choices: ['keep', 'get'],
		inTest: true,
	},
	successStatus: {
		displayName: 'Success Status',
		per: 'item',
		type: 'options',
		default: '2xx',
		choices: ['2xx', '200'],
	},
	keyStyle: {
		displayName: 'Key Style',
		per: 'item',
		type: 'options',
		default: 'lower',
		choices: ['lower', 'reference'],
	},
	output: {
		displayName: 'Output',
		per: 'item',
		type: 'options',
		default: 'receipt',
		choices: ['input', 'receipt', 'receiptAndInput', 'response'],
	},
	includeHeaders: { displayName: 'Include Response Headers', per: 'item', type: 'boolean', default: false },
} as const satisfies Record<string, OptionRow>;

type Options = typeof OPTIONS;
export type OptionName = keyof Options;

/** The names of the options whose rows look like this. */
export type OptionWith<Row> = { [Name in OptionName]: Options[Name] extends Row ? Name : never }[OptionName];

/** The values of an option that has choices. */
export type ChoiceOf<Name extends OptionWith<ChoiceOption>> = Options[Name]['choices'][number];

/** The names of all options, or of those whose row passes. */
export function optionNames(passes: (row: OptionRow) => boolean = () => true): OptionName[] {
	return (Object.keys(OPTIONS) as OptionName[]).filter((name) => passes(OPTIONS[name]));
}

/** What messages call an option: its display name, without what the form adds in parentheses. */
export const labelOf = (name: OptionName): string => OPTIONS[name].displayName.replace(/ \(.*\)$/, '');

/** What holds where an operation's option is not set. */
export function defaultOf(name: OptionName, operation: OptionsOperation): OptionRow['default'] {
	const row: OptionRow = OPTIONS[name];
	return operation === 'sendTest' && row.type === 'number' ? (row.testDefault ?? row.default) : row.default;
}
