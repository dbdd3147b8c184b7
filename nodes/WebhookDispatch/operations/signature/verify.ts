import {
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { itemTag } from '../../../../lib/delivery/failureText';
import { fail, ok, type Fault, type Result } from '../../../../lib/result/result';
import { SCHEMES, type IncomingMessage, type Scheme, type Verifier } from '../../../../lib/signature/scheme';
import { eventLoopTurns } from '../../../../lib/time/pace';
import { asText } from '../../../../lib/text/asText';
import { parameterReader } from '../../n8n/parameterReader';
import type { Operation } from '../operation';
import { credentialVerifiers } from './credentialVerifiers';
import { receivedMessages } from './receivedMessage';

/** The `error` of an item that was not verified. Saved in people's workflows: never renamed. */
const NOT_VERIFIED = 'Signature Not Verified';

/** Seconds that a signature may be away from now, unless set: what Standard Webhooks, Stripe and Slack take. */
const TOLERANCE = 300;

/** So long may items be verified in one go, in milliseconds. */
const SLICE_MS = 25;

/** An hour: more would take copies of old requests. */
const MAX_TOLERANCE = 3600;

const options: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [
		{
			displayName: 'Parse Body as JSON',
			name: 'parseBody',
			type: 'boolean',
			default: false,
			description:
				'Whether to put the JSON of the raw body into the field body. Turn it on if the sender sets no JSON content type, because then the Webhook node leaves body empty.',
		},
		{
			displayName: 'Time Tolerance',
			name: 'tolerance',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: MAX_TOLERANCE },
			default: TOLERANCE,
			description:
				'Maximum difference in seconds between the time of the signature and now, in the past or in the future. Signatures without a time are not limited: check their IDs for duplicates.',
		},
	],
};

/** Separates genuine requests that n8n's Webhook node has received from others. */
export const verify: Operation = {
	option: {
		name: 'Verify',
		value: 'verify',
		description: 'Verify the signature of a request that a Webhook node has received',
		action: 'Verify the signature of a received webhook',
	},
	fields: [
		{
			displayName:
				'In the Webhook node, turn on the option Raw Body. Set On Error of this node (under Settings) to Continue (using error output), and connect that output to a Respond to Webhook node. The workflow verify-signature.json of this package has all of it.',
			name: 'verifyNotice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Input Data Field Name',
			name: 'inputDataFieldName',
			type: 'string',
			default: 'data',
			required: true,
			hint: 'The name of the input field that contains the raw body',
			description: 'The file in which the Webhook node puts the raw body',
		},
		{
			displayName: 'Method',
			name: 'method',
			type: 'options',
			options: ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT'].map((name) => ({ name, value: name })),
			default: 'POST',
			description: 'The method that the request was sent with. Used where the scheme signs it.',
		},
		{
			displayName: 'URL',
			name: 'url',
			type: 'string',
			default: '={{ $json.webhookUrl }}',
			placeholder: 'e.g. https://hooks.example.com/webhook/orders',
			description:
				'The URL that the sender calls. Used where the scheme signs it. Behind a proxy, fill in the public URL, or set WEBHOOK_URL of n8n. The query of the request is added when there is none.',
		},
		options,
	],
	// What was received does not change by being looked at again.
	isFinal: 'always',
	execute,
};

/** Why an item does not go on: `reason` is for programs. */
interface Unverified extends Fault {
	readonly reason: string;
	readonly scheme?: Scheme;
}

async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const items = context.getInputData();
	const verifierOf = await credentialVerifiers(context);
	const { read } = parameterReader(context);
	const output: INodeExecutionData[] = [];
	let sliceStart = performance.now();
	for (const [itemIndex, item] of items.entries()) {
		// n8n has one event loop for all of its executions.
		if (performance.now() - sliceStart > SLICE_MS) {
			await eventLoopTurns(1);
			sliceStart = performance.now();
		}
		const verified = await verifyItem(context, itemIndex, { verifierOf, read });
		if (verified.ok) {
			output.push({ ...item, json: verified.value, pairedItem: { item: itemIndex } });
			continue;
		}
		if (!context.continueOnFail()) throw notVerified(context, itemIndex, verified.fault);
		output.push(failedItem(item, itemIndex, verified.fault));
	}
	return [output];
}

interface Reading {
	verifierOf: Awaited<ReturnType<typeof credentialVerifiers>>;
	read: ReturnType<typeof parameterReader>['read'];
}

/** @returns the fields that flow on: the item's own */
async function verifyItem(
	context: IExecuteFunctions,
	itemIndex: number,
	{ verifierOf, read }: Reading,
): Promise<Result<IDataObject, Unverified>> {
	try {
		const verifier = await verifierOf(itemIndex);
		if (!verifier.ok) return fail({ reason: 'CREDENTIAL', ...verifier.fault });
		const { scheme } = verifier.value;
		const given = readOptions(read('options', itemIndex, {}) as IDataObject);
		if (!given.ok) return fail({ reason: 'PARAMETER', scheme, ...given.fault });
		const messages = await receivedMessages(context, itemIndex, {
			binaryName: asText(read('inputDataFieldName', itemIndex, 'data')).trim() || 'data',
			method: asText(read('method', itemIndex, 'POST')),
			url: asText(read('url', itemIndex, '')),
		});
		if (!messages.ok) return fail({ reason: 'NO_RAW_BODY', scheme, ...messages.fault });
		const genuine = await verifyOne(verifier.value.verifier, messages.value, given.value.tolerance);
		if (!genuine.ok) return fail({ scheme, ...genuine.fault });
		const { json } = context.getInputData()[itemIndex]!;
		return given.value.parseBody ? withParsedBody(json, messages.value[0]!.body, scheme) : ok(json);
	} catch (error) {
		const { message, description } = error as { message?: string; description?: string | null };
		return fail({
			reason: 'PARAMETER',
			message: message ?? 'The item could not be read',
			description: description ?? 'Check the parameters and the credential of the node with this item.',
		});
	}
}

/** Verifies a request at each address that it may have had. */
async function verifyOne(verifier: Verifier, messages: IncomingMessage[], toleranceSeconds: number) {
	const rules = { toleranceSeconds, nowSeconds: Date.now() / 1000 };
	let last = await verifier.verify(messages[0]!, rules);
	for (const message of messages.slice(1)) {
		if (last.ok) break;
		last = await verifier.verify(message, rules);
	}
	return last;
}

function readOptions({ tolerance = TOLERANCE, parseBody = false }: IDataObject): Result<{
	tolerance: number;
	parseBody: boolean;
}> {
	const seconds = Number(tolerance);
	if (Number.isFinite(seconds) && seconds >= 1 && seconds <= MAX_TOLERANCE) {
		return ok({ tolerance: seconds, parseBody: parseBody === true });
	}
	return fail({
		message: `Time Tolerance is not a number of seconds from 1 to ${MAX_TOLERANCE}`,
		description: `Set it to ${TOLERANCE}, the default.`,
	});
}

function withParsedBody(json: IDataObject, body: Uint8Array, scheme: Scheme): Result<IDataObject, Unverified> {
	try {
		return ok({ ...json, body: JSON.parse(Buffer.from(body).toString('utf8')) as IDataObject });
	} catch {
		return fail({
			reason: 'NOT_JSON',
			scheme,
			message: 'The signature is genuine, but the body is not JSON',
			description: 'Turn off Parse Body as JSON.',
		});
	}
}

const notVerified = (context: IExecuteFunctions, itemIndex: number, { message, description }: Unverified) =>
	new NodeOperationError(context.getNode(), NOT_VERIFIED, { description: `${message}. ${description}`, itemIndex });

/** In the shape that n8n keeps on the error output, beside the fields of the request. */
function failedItem({ binary }: INodeExecutionData, itemIndex: number, fault: Unverified): INodeExecutionData {
	const { reason, scheme, message, description } = fault;
	return {
		json: {
			error: NOT_VERIFIED,
			message: `${message} ${itemTag([itemIndex])}`,
			details: {
				signature: { reason, ...(scheme === undefined ? {} : { scheme: SCHEMES[scheme] }) },
				description,
			},
		},
		...(binary === undefined ? {} : { binary }),
		pairedItem: { item: itemIndex },
	};
}
