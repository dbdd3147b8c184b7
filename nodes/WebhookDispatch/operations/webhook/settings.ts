import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { AttemptSettings } from '../../../../lib/delivery/attempt';
import { invalidRequest, type RequestFault } from '../../../../lib/result/requestFault';
import { ok, type Result } from '../../../../lib/result/result';
import type { OutputMode } from '../../n8n/outputItem';
import { parseUrl } from '../../../../lib/text/parseUrl';
import type { KeyStyle } from '../../../../lib/request/profiles';
import { isHeaderName } from '../../../../lib/http/headers';
import { readRetrySchedule } from '../../../../lib/delivery/retrySchedule';
import { readRetryStatuses } from '../../../../lib/delivery/retryStatuses';
import { readsItem } from '../../n8n/itemExpression';

/** What holds for a whole run. */
export interface RunSettings {
	concurrency: number;
	/** Requests a second; 0 for no limit. */
	rateLimit: number;
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

/** The options that hold for a run, by name, as the form calls them. */
const RUN_OPTIONS: Record<keyof RunSettings, string> = {
	concurrency: 'Concurrency',
	rateLimit: 'Rate Limit',
	maxRetryWait: 'Max Retry Wait',
	backoff: 'Backoff',
	batchSize: 'Batch Size',
	retrySchedule: 'Retry Schedule',
	allowUnauthorizedCerts: 'Ignore SSL Issues',
	proxy: 'Proxy',
	useClientCertificate: 'Use Client Certificate',
};

/** What may differ from item to item. */
export interface ItemSettings extends AttemptSettings {
	deliveryId: string;
	idempotencyHeader: string;
	keyStyle: KeyStyle;
	output: OutputMode;
	includeHeaders: boolean;
}

/** Node's timers cannot wait longer. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * Reads the options that hold for the run of a node. An expression in one must give every item the same: with the first
 * item's value for all, a delivery could go through somebody else's proxy, or without a check of certificates.
 *
 * @returns the settings (the defaults with a fault), and what is wrong with them
 */
export function readRunSettings(context: IExecuteFunctions): { settings: RunSettings; fault?: RequestFault } {
	const stored = context.getNode().parameters.options as IDataObject | undefined;
	const options: IDataObject = {};
	for (const name of Object.keys(RUN_OPTIONS) as Array<keyof RunSettings>) {
		const itemCount = readsItem(stored?.[name]) ? context.getInputData().length : 1;
		const read = valueForAll(context, name, itemCount);
		if (!read.ok) return { settings: DEFAULTS, fault: read.fault };
		options[name] = read.value as IDataObject;
	}
	const settings = runSettings(options);
	return settings.ok ? { settings: settings.value } : { settings: DEFAULTS, fault: settings.fault };
}

function valueForAll(
	context: IExecuteFunctions,
	name: keyof RunSettings,
	itemCount: number,
): Result<unknown, RequestFault> {
	const label = RUN_OPTIONS[name];
	try {
		const read = (itemIndex: number): unknown => context.getNodeParameter(`options.${name}`, itemIndex, null);
		const value = read(0);
		for (let itemIndex = 1; itemIndex < itemCount; itemIndex++) {
			if (read(itemIndex) !== value) {
				return invalidRequest(
					`${label} in the options has an expression with different values for the items`,
					'It holds for all items of a run. Use one value, or send the items in separate runs, e.g. with Loop Over Items.',
				);
			}
		}
		return ok(value);
	} catch {
		return invalidRequest(
			`${label} in the options has an expression without a value`,
			'Check the expression with the input of the node.',
		);
	}
}

/** Reads the options that hold for a run. */
export function runSettings(options: IDataObject): Result<RunSettings, RequestFault> {
	const numbers = readNumbers(options, {
		concurrency: { name: RUN_OPTIONS.concurrency, fallback: DEFAULTS.concurrency, min: 1, max: 1000, whole: true },
		rateLimit: { name: RUN_OPTIONS.rateLimit, fallback: DEFAULTS.rateLimit, min: 0, max: 100_000 },
		maxRetryWait: { name: RUN_OPTIONS.maxRetryWait, fallback: DEFAULTS.maxRetryWait, min: 0, max: MAX_TIMER },
		batchSize: { name: RUN_OPTIONS.batchSize, fallback: DEFAULTS.batchSize, min: 0, max: 1_000_000, whole: true },
	});
	if (!numbers.ok) return numbers;
	const retrySchedule = readRetrySchedule(options.retrySchedule);
	if (!retrySchedule.ok) return retrySchedule;
	const proxy = readProxy(options.proxy);
	if (!proxy.ok) return proxy;
	return ok({
		...numbers.value,
		backoff: options.backoff === 'exponential' ? 'exponential' : 'none',
		retrySchedule: retrySchedule.value,
		allowUnauthorizedCerts: options.allowUnauthorizedCerts === true,
		...(proxy.value === undefined ? {} : { proxy: proxy.value }),
		useClientCertificate: options.useClientCertificate === true,
	});
}

const DEFAULTS: RunSettings = {
	concurrency: 50,
	rateLimit: 0,
	maxRetryWait: 60_000,
	backoff: 'none',
	batchSize: 0,
	retrySchedule: [],
	allowUnauthorizedCerts: false,
	useClientCertificate: false,
};

/**
 * Reads the options of one item.
 *
 * @param defaultTimeout milliseconds
 */
export function itemSettings(options: IDataObject, defaultTimeout = 5000): Result<ItemSettings, RequestFault> {
	const numbers = readNumbers(options, {
		timeout: { name: 'Timeout', fallback: defaultTimeout, min: 1, max: MAX_TIMER },
		maxResponseSize: { name: 'Max Response Size', fallback: 1024 * 1024, min: 0, max: 512 * 1024 * 1024 },
	});
	if (!numbers.ok) return numbers;
	const deliveryId = options.deliveryId === undefined || options.deliveryId === null ? '' : String(options.deliveryId);
	if (!/^[\x21-\x7e]{0,255}$/.test(deliveryId)) {
		return invalidRequest(
			'The Delivery ID has spaces, control or non-ASCII characters, or more than 255 of them',
			'Use letters, digits and signs without spaces, e.g. the order number.',
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
	return ok({
		...numbers.value,
		followRedirects: options.followRedirects === true,
		redirectMethod: options.redirectMethod === 'get' ? 'get' : 'keep',
		retryStatuses: retryStatuses.value,
		successStatus: options.successStatus === '200' || options.successStatus === 200 ? '200' : '2xx',
		deliveryId,
		idempotencyHeader,
		keyStyle: options.keyStyle === 'reference' ? 'reference' : 'lower',
		output: options.output === 'response' || options.output === 'input' ? options.output : 'receipt',
		includeHeaders: options.includeHeaders === true,
	});
}

interface NumberRange {
	name: string;
	fallback: number;
	min: number;
	max: number;
	whole?: boolean;
}

function readNumbers<K extends string>(
	options: IDataObject,
	ranges: Record<K, NumberRange>,
): Result<Record<K, number>, RequestFault> {
	const numbers = {} as Record<K, number>;
	for (const key of Object.keys(ranges) as K[]) {
		const { name, fallback, min, max, whole = false } = ranges[key];
		const given = options[key];
		const value = given === undefined || given === null || given === '' ? fallback : Number(given);
		if (!(value >= min && value <= max) || (whole && !Number.isInteger(value))) {
			return invalidRequest(
				`${name} in the options is not a ${whole ? 'whole ' : ''}number from ${min} to ${max}`,
				`Change it, or take the option out: the default is ${fallback}.`,
			);
		}
		numbers[key] = value;
	}
	return ok(numbers);
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
