import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { AttemptSettings } from '../../../../lib/delivery/attempt';
import { invalidRequest, type RequestFault } from '../../../../lib/result/requestFault';
import { ok, type Result } from '../../../../lib/result/result';
import type { OutputMode } from '../../n8n/outputItem';
import { asText } from '../../../../lib/text/asText';
import { parseUrl } from '../../../../lib/text/parseUrl';
import type { KeyStyle } from '../../../../lib/request/profiles';
import { isHeaderName } from '../../../../lib/http/headers';
import { inSlices } from '../../../../lib/time/slices';
import { readRetrySchedule } from '../../../../lib/delivery/retrySchedule';
import { readFailsWhen } from '../../../../lib/delivery/failsWhen';
import { readRetryStatuses } from '../../../../lib/delivery/retryStatuses';
import { readsItem } from '../../n8n/itemExpression';
import {
	OPTIONS,
	defaultOf,
	labelOf,
	optionNames,
	type ChoiceOf,
	type OptionRow,
	type OptionWith,
	type OptionsOperation,
	type Scope,
} from './optionTable';

/** What holds for a whole run. */
export interface RunSettings {
	concurrency: number;
	/** Requests a second; 0 for no limit. */
	rateLimit: number;
	/** Whether the limit holds for all of a run's requests, or for those to each destination. */
	rateLimitPer: 'run' | 'destination';
	/** Milliseconds. */
	maxRetryWait: number;
	backoff: 'none' | 'exponential';
	/** Items in one request of a broadcast; 0 for all. */
	batchSize: number;
	/** Delays in milliseconds. */
	retrySchedule: number[];
	allowUnauthorizedCerts: boolean;
	proxy?: string;
	useClientCertificate: boolean;
}

/** What may differ from item to item. */
export interface ItemSettings extends AttemptSettings {
	deliveryId: string;
	idempotencyHeader: string;
	/** Empty for no order. */
	orderKey: string;
	keyStyle: KeyStyle;
	output: OutputMode;
	includeHeaders: boolean;
}

type RunOption = OptionWith<{ per: 'run' }>;

/** The options that hold for a run. */
const RUN_OPTIONS = optionNames(({ per }) => per === 'run') as RunOption[];

/**
 * Reads the options that hold for the run of a node. An expression in one must give every item the same: with the first
 * item's value for all, a delivery could go through somebody else's proxy, or without a check of certificates.
 *
 * @returns the settings (the defaults with a fault), and what is wrong with them
 */
export async function readRunSettings(
	context: IExecuteFunctions,
): Promise<{ settings: RunSettings; fault?: RequestFault }> {
	const stored = context.getNode().parameters.options as IDataObject | undefined;
	const options: IDataObject = {};
	for (const name of RUN_OPTIONS) {
		const itemCount = readsItem(stored?.[name]) ? context.getInputData().length : 1;
		const read = await valueForAll(context, name, itemCount);
		if (!read.ok) return { settings: DEFAULTS, fault: read.fault };
		options[name] = read.value as IDataObject;
	}
	const settings = runSettings(options);
	return settings.ok ? { settings: settings.value } : { settings: DEFAULTS, fault: settings.fault };
}

async function valueForAll(
	context: IExecuteFunctions,
	name: RunOption,
	itemCount: number,
): Promise<Result<unknown, RequestFault>> {
	const label = labelOf(name);
	try {
		const read = (itemIndex: number): unknown => context.getNodeParameter(`options.${name}`, itemIndex, null);
		const value = read(0);
		let differs = false;
		await inSlices(Array.from({ length: itemCount - 1 }), (_, index) => {
			differs ||= read(index + 1) !== value;
		});
		if (!differs) return ok(value);
		return invalidRequest(
			`${label} in the options has an expression with different values for the items`,
			'It holds for all items of a run. Use one value, or send the items in separate runs, e.g. with Loop Over Items.',
		);
	} catch {
		return invalidRequest(
			`${label} in the options has an expression without a value`,
			'Check the expression with the input of the node.',
		);
	}
}

/** Reads the options that hold for a run. */
export function runSettings(options: IDataObject): Result<RunSettings, RequestFault> {
	const numbers = readNumbers(options, RUN_NUMBERS);
	if (!numbers.ok) return numbers;
	const retrySchedule = readRetrySchedule(options.retrySchedule);
	if (!retrySchedule.ok) return retrySchedule;
	const proxy = readProxy(options.proxy);
	if (!proxy.ok) return proxy;
	return ok({
		...numbers.value,
		backoff: choiceIn(options, 'backoff'),
		rateLimitPer: choiceIn(options, 'rateLimitPer'),
		retrySchedule: retrySchedule.value,
		allowUnauthorizedCerts: options.allowUnauthorizedCerts === true,
		...(proxy.value === undefined ? {} : { proxy: proxy.value }),
		useClientCertificate: options.useClientCertificate === true,
	});
}

const DEFAULTS: RunSettings = {
	concurrency: OPTIONS.concurrency.default,
	rateLimit: OPTIONS.rateLimit.default,
	rateLimitPer: OPTIONS.rateLimitPer.default,
	maxRetryWait: OPTIONS.maxRetryWait.default,
	backoff: OPTIONS.backoff.default,
	batchSize: OPTIONS.batchSize.default,
	retrySchedule: [],
	allowUnauthorizedCerts: OPTIONS.allowUnauthorizedCerts.default,
	useClientCertificate: OPTIONS.useClientCertificate.default,
};

/** Reads the options of one item; what is not set has the default of the operation. */
export function itemSettings(
	options: IDataObject,
	operation: OptionsOperation = 'dispatch',
): Result<ItemSettings, RequestFault> {
	const numbers = readNumbers(options, ITEM_NUMBERS[operation]);
	if (!numbers.ok) return numbers;
	const deliveryId = options.deliveryId === undefined || options.deliveryId === null ? '' : String(options.deliveryId);
	if (!/^[\x21-\x7e]{0,255}$/.test(deliveryId)) {
		return invalidRequest(
			'The Delivery ID must be at most 255 visible ASCII characters',
			'Use letters, digits and punctuation without spaces, e.g. the order number.',
		);
	}
	const idempotencyHeader = String(options.idempotencyHeader ?? '').trim();
	if (idempotencyHeader !== '' && !isHeaderName(idempotencyHeader)) {
		return invalidRequest(
			'The Idempotency Header is not a header name that can be set',
			'Use letters, digits and hyphens, e.g. Idempotency-Key.',
		);
	}
	const retryStatuses = readRetryStatuses(options.retryStatuses);
	if (!retryStatuses.ok) return retryStatuses;
	const failsWhen = readFailsWhen(options.failsWhen);
	if (!failsWhen.ok) return failsWhen;
	return ok({
		...numbers.value,
		followRedirects: options.followRedirects === true,
		redirectMethod: choiceIn(options, 'redirectMethod'),
		retryStatuses: retryStatuses.value,
		failsWhen: failsWhen.value,
		successStatus: choiceIn(options, 'successStatus'),
		deliveryId,
		idempotencyHeader,
		orderKey: asText(options.orderKey),
		keyStyle: choiceIn(options, 'keyStyle'),
		output: choiceIn(options, 'output'),
		includeHeaders: options.includeHeaders === true,
	});
}

type NumberOption<Per extends Scope> = OptionWith<{ per: Per; type: 'number' }>;

/** What a number may be, and what it is where none is given. */
interface NumberRange<Name> {
	name: Name;
	label: string;
	fallback: number;
	min: number;
	max: number;
	whole: boolean;
}

function numberRanges<Per extends Scope>(
	scope: Per,
	operation: OptionsOperation,
): Array<NumberRange<NumberOption<Per>>> {
	return optionNames().flatMap((name) => {
		const row: OptionRow = OPTIONS[name];
		if (row.type !== 'number' || row.per !== scope) return [];
		const { min, max, whole = false } = row;
		const fallback = Number(defaultOf(name, operation));
		return [{ name: name as NumberOption<Per>, label: labelOf(name), fallback, min, max, whole }];
	});
}

// Made once: options are read for each item.
const RUN_NUMBERS = numberRanges('run', 'dispatch');
const ITEM_NUMBERS = { dispatch: numberRanges('item', 'dispatch'), sendTest: numberRanges('item', 'sendTest') };

function readNumbers<Name extends string>(
	options: IDataObject,
	ranges: Array<NumberRange<Name>>,
): Result<Record<Name, number>, RequestFault> {
	const numbers = {} as Record<Name, number>;
	for (const { name, label, fallback, min, max, whole } of ranges) {
		const given = options[name];
		const value = given === undefined || given === null || given === '' ? fallback : Number(given);
		if (!(value >= min && value <= max) || (whole && !Number.isInteger(value))) {
			return invalidRequest(
				`${label} in the options is not a ${whole ? 'whole ' : ''}number from ${min} to ${max}`,
				`Change it, or remove the option: the default is ${fallback}.`,
			);
		}
		numbers[name] = value;
	}
	return ok(numbers);
}

/** The choice that is made, where there is such a one, or the default; an expression may give 200 as a number. */
function choiceIn<Name extends OptionWith<{ type: 'options' }>>(options: IDataObject, name: Name): ChoiceOf<Name> {
	const { choices, default: fallback }: { choices: readonly string[]; default: string } = OPTIONS[name];
	const given = options[name];
	const choice = typeof given === 'number' ? String(given) : given;
	return (choices.find((candidate) => candidate === choice) ?? fallback) as ChoiceOf<Name>;
}

function readProxy(given: unknown): Result<string | undefined, RequestFault> {
	if (given === undefined || given === null || String(given).trim() === '') return ok(undefined);
	const text = String(given).trim();
	// No SOCKS: undici asks no egress rules about such a proxy.
	if (!['http:', 'https:'].includes(parseUrl(text)?.protocol ?? '')) {
		return invalidRequest('Proxy in the options is not the URL of an HTTP proxy', 'Write it as http://host:port.');
	}
	return ok(text);
}
