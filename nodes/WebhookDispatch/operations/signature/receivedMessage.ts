import type { IExecuteFunctions } from 'n8n-workflow';

import { refused, ok, type Result } from '../../../../lib/result/result';
import { hadNoBody, receivedHeaders, receivedUrls } from '../../../../lib/signature/receivedRequest';
import type { IncomingMessage } from '../../../../lib/signature/scheme';

/** What of the node's parameters a received request is read by. */
export interface ReceivedSettings {
	/** The file that has the raw body. */
	binaryName: string;
	method: string;
	url: string;
}

/**
 * Reads the request that an item of n8n's Webhook node represents. The node gives neither the method nor the query as it was
 * sent, so there may be several addresses that it could have had.
 *
 * @returns one message for each of them: the signature is genuine if it is so for one
 */
export async function receivedMessages(
	context: IExecuteFunctions,
	itemIndex: number,
	{ binaryName, method, url }: ReceivedSettings,
): Promise<Result<IncomingMessage[]>> {
	const item = context.getInputData()[itemIndex];
	const json = item?.json ?? {};
	const headers = receivedHeaders(json);
	if (!headers.ok) return headers;
	const isThere = item?.binary !== undefined && Object.hasOwn(item.binary, binaryName);
	if (!isThere && !hadNoBody(json, headers.value)) {
		return noRawBody(binaryName, Object.keys(item?.binary ?? {}), headers.value['content-type'] ?? '');
	}
	const body = isThere ? await context.helpers.getBinaryDataBuffer(itemIndex, binaryName) : Buffer.alloc(0);
	const urls = receivedUrls(url, json);
	const message = { method: method.trim(), headers: headers.value, body };
	return ok(urls.length === 0 ? [message] : urls.map((one) => ({ ...message, url: one })));
}

/** The most frequent mistake: what n8n has parsed cannot be verified, for the bytes that were signed are gone. */
function noRawBody(binaryName: string, others: string[], contentType: string): Result<never> {
	if (others.length > 0) {
		return refused(
			`The item has no file "${binaryName}" with the raw body`,
			`Set Input Data Field Name to the file that has it: ${others.map((name) => `"${name}"`).join(', ')}.`,
		);
	}
	if (/^\s*multipart\/form-data/i.test(contentType)) {
		return refused(
			'n8n has parsed the multipart body, so its signature cannot be verified',
			'The Webhook node keeps no raw body of multipart/form-data, even with Raw Body. Have the sender send JSON, or verify the signature before n8n.',
		);
	}
	return refused(
		'n8n has parsed the body, so its signature cannot be verified',
		'In the Webhook node, add the option Raw Body and turn it on: signatures are over the exact bytes. Then Input Data Field Name is data.',
	);
}
