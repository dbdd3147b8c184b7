import type { IDataObject } from 'n8n-workflow';

import { isContent } from '../http/content';
import { headerField, mergedFields, requestHeaders, type HeaderFields } from '../http/headers';
import { invalidRequest, type RequestFault } from '../result/requestFault';
import { ok, type Result } from '../result/result';
import { asText, type Pair } from '../text/asText';
import { formBody, jsonBody, jsonFieldBody, keyValueObject, textBody, type Body } from './body';
import { bytesOf, fileBody, multipartBody, multipartType, type ContentBody, type MultipartParameter } from './fileBody';
import type { ItemFile } from './fileContent';
import type { DeliveryRequest } from './deliveryRequest';
import { destinationUrl } from './destinationUrl';
import { broadcastBody } from './broadcastBody';
import { profileOf, profilePayload, type KeyStyle } from './profiles';
import { readSelectedFields } from './selectedFields';
import { isSignableId, unsignableId } from '../signature/standardWebhooks';

/** What may take so long that it is made in slices. */
type Made<T> = Result<T, RequestFault> | Promise<Result<T, RequestFault>>;

/** A request with its expressions evaluated, its body not yet serialized: many wait, few are in progress. */
export interface PreparedRequest<S> {
	/** Scheme, host and port. */
	destination: string;
	settings: S;
	/** Whether the item says what the body is, and the method has none. */
	dropsBody: boolean;
	/** Serializes the body and gives what is sent. */
	build(): Made<DeliveryRequest>;
}

/** Reads a node's parameters for each item. */
export interface ParameterReader {
	/**
	 * The value for an item, its expressions evaluated.
	 *
	 * @throws what an expression throws for this item
	 */
	read(name: string, itemIndex: number, fallback?: unknown): unknown;
}

/** What of an item's settings its request depends on. */
interface RequestSettings {
	/** Empty for one that the node makes. */
	readonly deliveryId: string;
	readonly keyStyle: KeyStyle;
}

/** What requests are made of. */
export interface RequestSource<S extends RequestSettings> {
	reader: ParameterReader;
	/** What an item has to send: its fields; more than one set when it represents several recipients. */
	payloadsOf: (itemIndex: number) => IDataObject[];
	/**
	 * Whether each group of items is one request for all of them, decided once for the run: by each group's own expressions,
	 * items of a group would be in no body.
	 */
	isBroadcast: boolean;
	/** Finds a file of an item, by what its field holds. */
	fileOf: (itemIndex: number, field: unknown) => Result<ItemFile, RequestFault>;
	/** Reads the options of an item. */
	readSettings: (options: IDataObject) => Result<S, RequestFault>;
}

const USER_AGENT = 'n8n-nodes-webhook-dispatch';

/** Evaluates requests' expressions. What has no expression is made once and shared. */
export function requestBuilder<S extends RequestSettings>({
	reader,
	payloadsOf,
	isBroadcast,
	fileOf,
	readSettings,
}: RequestSource<S>): (itemIndexes: number[]) => Result<PreparedRequest<S>, RequestFault> {
	const urlOf = shared((url: unknown, query: Pair[]) => destinationUrl(url, query));
	const headersOf = shared((pairs: Pair[]) => requestHeaders(pairs));
	const fieldsOf = shared(requestFields);
	const selectionOf = shared(readSelectedFields);
	const settingsOf = shared(readSettings);
	const pairs = (name: string, itemIndex: number) => reader.read(`${name}.parameters`, itemIndex, NO_PAIRS) as Pair[];

	const payloadOf = (itemIndex: number) => payloadsOf(itemIndex)[0] ?? {};

	/** @throws what an expression throws */
	return (itemIndexes: number[]): Result<PreparedRequest<S>, RequestFault> => {
		const first = itemIndexes[0]!;
		const method = readMethod(reader.read('method', first, 'POST'));
		if (!method.ok) return method;
		const url = urlOf(reader.read('url', first, ''), pairs('queryParameters', first));
		if (!url.ok) return url;
		const headers = headersOf(pairs('headerParameters', first));
		if (!headers.ok) return headers;
		const settings = settingsOf(reader.read('options', first, NO_OPTIONS) as IDataObject);
		if (!settings.ok) return settings;
		const { deliveryId } = settings.value;
		const isSigned = reader.read('signing', first, 'none') === 'standardWebhooks';
		if (isSigned && deliveryId !== '' && !isSignableId(deliveryId)) {
			return invalidRequest(unsignableId.message, unsignableId.description);
		}
		const hasNoBody = method.value === 'GET';
		if (isBroadcast && hasNoBody) {
			return invalidRequest(
				'A broadcast needs a body, which GET does not send',
				'Select POST, PUT, PATCH or DELETE under Method, or Single under Recipients.',
			);
		}
		const mode = hasNoBody ? 'none' : bodyMode(first);
		const body = prepareBody(mode, itemIndexes, settings.value);
		return ok({
			destination: url.value.origin,
			settings: settings.value,
			dropsBody: hasNoBody && choosesBody(first),
			build() {
				const withBody = (built: Result<Body | ContentBody | undefined, RequestFault>) => {
					if (!built.ok) return built;
					const request = { method: method.value, url: url.value };
					if (built.value === undefined) return ok({ ...request, ...fieldsOf(headers.value, undefined) });
					const given = typeOfBody(mode, headers.value, built.value);
					if (!given.ok) return given;
					const fields = fieldsOf(given.value, built.value.contentType);
					return ok({ ...request, ...fields, body: bytesOf(built.value) });
				};
				const built = body();
				return built instanceof Promise ? built.then(withBody) : withBody(built);
			},
		});
	};

	function bodyMode(itemIndex: number): string {
		return isBroadcast ? 'profiles' : String(reader.read('body', itemIndex, 'inputItem'));
	}

	/** Whether the form of this item shows a body although it has none; n8n gives no value for what the form hides. */
	function choosesBody(itemIndex: number): boolean {
		try {
			return reader.read('body', itemIndex, 'none') !== 'none';
		} catch {
			// An expression without a value here is no matter of a request without a body.
			return false;
		}
	}

	/** Reads what the body is made of now, and serializes it when it is asked for. */
	function prepareBody(
		mode: string,
		itemIndexes: number[],
		{ keyStyle }: RequestSettings,
	): () => Made<Body | ContentBody | undefined> {
		const first = itemIndexes[0]!;
		switch (mode) {
			case 'none':
				return () => ok(undefined);
			case 'json': {
				const value = reader.read('jsonBody', first, '');
				return () => jsonFieldBody(value, 'JSON');
			}
			case 'text': {
				const value = reader.read('textBody', first, '');
				return () => textBody(value);
			}
			case 'selectedFields': {
				const select = selectionOf(reader.read('fields', first, ''));
				return () => (select.ok ? jsonBody(select.value(payloadOf(first))) : select);
			}
			case 'keyValues': {
				const values = pairs('bodyParameters', first);
				return () => jsonBody(keyValueObject(values));
			}
			case 'form': {
				const values = pairs('bodyParameters', first);
				return () => formBody(values);
			}
			case 'file':
				return fileBody(reader.read('inputDataFieldName', first, 'data'), (field) => fileOf(first, field));
			case 'multipart': {
				const parameters = reader.read('multipartParameters.parameters', first, NO_PAIRS) as MultipartParameter[];
				return multipartBody(parameters, (field) => fileOf(first, field));
			}
			case 'profiles': {
				const targetId = reader.read('targetId', first, '');
				const keyValues = pairs('keyValues', first);
				const values = () => keyValueObject(keyValues);
				if (isBroadcast) return () => broadcastBody(targetId, values(), itemIndexes.flatMap(payloadsOf), keyStyle);
				return () => jsonBody(profilePayload(targetId, values(), profileOf(payloadOf(first), keyStyle)));
			}
			default:
				return () => jsonBody(payloadOf(first));
		}
	}
}

/**
 * The hash of the bytes that a request has, where they are a file's.
 *
 * @param prepare may throw what an expression throws
 * @returns undefined for a body that is none, and where it cannot be known
 */
export async function contentDigest(
	prepare: () => Result<PreparedRequest<unknown>, RequestFault>,
): Promise<string | undefined> {
	try {
		const prepared = prepare();
		const built = prepared.ok ? await prepared.value.build() : prepared;
		return built.ok && isContent(built.value.body) ? built.value.body.digest : undefined;
	} catch {
		return undefined;
	}
}

const NO_PAIRS: Pair[] = [];
const NO_OPTIONS: IDataObject = {};

const METHODS = new Set(['POST', 'GET', 'PUT', 'PATCH', 'DELETE']);

/** The method, which an expression may give. */
function readMethod(given: unknown): Result<string, RequestFault> {
	const method = asText(given).trim().toUpperCase();
	return METHODS.has(method)
		? ok(method)
		: invalidRequest(
				'The Method is not supported',
				'Select POST, GET, PUT, PATCH or DELETE. To see whether a destination responds, select GET in place of HEAD or OPTIONS.',
			);
}

/** The header fields the node sets itself, under those of the user. */
function requestFields(given: HeaderFields, contentType: string | undefined): Required<HeaderFields> {
	const own = [
		headerField('Accept', 'application/json, text/*;q=0.9, */*;q=0.5'),
		headerField('User-Agent', USER_AGENT),
		...(contentType === undefined ? [] : [headerField('Content-Type', contentType)]),
	];
	return mergedFields(...own, given);
}

/** The user's header fields: to a Content-Type among them, a multipart body adds its boundary. */
function typeOfBody(
	mode: string,
	given: HeaderFields,
	{ contentType }: Pick<Body, 'contentType'>,
): Result<HeaderFields, RequestFault> {
	const own = given.headers['content-type'];
	if (mode !== 'multipart' || own === undefined) return ok(given);
	const type = multipartType(own, contentType);
	return type.ok ? ok({ ...given, headers: { ...given.headers, 'content-type': type.value } }) : type;
}

/** Remembers the last result: values without expressions are the same object for every item. */
function shared<A extends unknown[], R>(make: (...values: A) => R): (...values: A) => R {
	let last: { values: A; result: R } | undefined;
	return (...values) => {
		if (last === undefined || values.some((value, index) => value !== last!.values[index])) {
			last = { values, result: make(...values) };
		}
		return last.result;
	};
}
