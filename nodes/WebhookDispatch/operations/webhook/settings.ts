import type { IDataObject } from 'n8n-workflow';

import type { AttemptSettings } from '../../delivery/attempt';
import { invalidRequest, ok, type RequestFault, type Result } from '../../delivery/codes';
import type { OutputMode } from '../../delivery/outputItem';
import { parseUrl } from '../../../../credentials/oauth2/parseUrl';
import type { KeyStyle } from '../../delivery/profiles';
import { isHeaderName } from '../../delivery/headers';
import { readRetrySchedule } from '../../delivery/retrySchedule';
import { readRetryStatuses } from '../../delivery/retryStatuses';

/** What holds for a whole run; read from the first item. */
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

/** The names of the options that hold for a run. */
export const RUN_OPTIONS: ReadonlyArray<keyof RunSettings> = [
	'concurrency',
	'rateLimit',
	'maxRetryWait',
	'backoff',
	'batchSize',
	'retrySchedule',
	'allowUnauthorizedCerts',
	'proxy',
	'useClientCertificate',
];

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

/** Reads the options that hold for a run. */
export function runSettings(options: IDataObject): Result<RunSettings, RequestFault> {
	const numbers = readNumbers(options, {
		concurrency: { name: 'Concurrency', fallback: 50, min: 1, max: 1000, whole: true },
		rateLimit: { name: 'Rate Limit', fallback: 0, min: 0, max: 100_000 },
		maxRetryWait: { name: 'Max Retry Wait', fallback: 60_000, min: 0, max: MAX_TIMER },
		batchSize: { name: 'Batch Size', fallback: 0, min: 0, max: 1_000_000, whole: true },
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
