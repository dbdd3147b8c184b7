import { NodeApiError, NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { attempt } from '../../delivery/attempt';
import { deliveryId } from '../../delivery/deliveryId';
import { destinationUrl, type Pair } from '../../delivery/destinationUrl';
import { requestHeaders } from '../../delivery/headers';
import { DISPATCH_FAILED, INVALID_URL, pairedItem } from '../../delivery/outputItem';
import { testPayload } from '../../delivery/profiles';
import type { Operation } from '../operation';
import { openConnection } from './connection';
import { authenticationFields } from './fields/authentication';
import { destinationFields, parameterFields } from './fields/destination';
import { connectionOptions } from './fields/options';
import { readMethod, requestFields } from './requestBuilder';
import { itemSettings, runSettings } from './settings';

/** Milliseconds that the test waits (mission row W5). */
const TIMEOUT = 3000;

/** Sends the test payload once, and passes on 200 OK alone (mission row W4). */
export const sendTest: Operation = {
	option: {
		name: 'Send Test',
		value: 'sendTest',
		description: 'Send a test payload once, to see whether the destination answers 200 OK',
		action: 'Send a test webhook',
	},
	fields: [
		...destinationFields,
		...authenticationFields,
		...parameterFields,
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add option',
			default: {},
			options: connectionOptions(TIMEOUT),
		},
	],
	execute,
};

async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const items = context.getInputData();
	const node = context.getNode();
	const options = context.getNodeParameter('options', 0, {});
	const run = runSettings(options);
	const settings = itemSettings({ ...options, successStatus: '200' }, TIMEOUT);
	const url = destinationUrl(context.getNodeParameter('url', 0, ''), pairs(context, 'queryParameters'));
	const headers = requestHeaders(pairs(context, 'headerParameters'));
	const method = readMethod(context.getNodeParameter('method', 0, 'POST'));
	for (const part of [run, settings, url, headers, method]) {
		if (!part.ok) {
			throw new NodeOperationError(node, part.fault.code === 'INVALID_URL' ? INVALID_URL : DISPATCH_FAILED, {
				description: `${part.fault.message}. ${part.fault.description}`,
				itemIndex: 0,
			});
		}
	}
	if (!run.ok || !settings.ok || !url.ok || !headers.ok || !method.ok) return [[]];

	const text = JSON.stringify(testPayload());
	const hasBody = method.value !== 'GET';
	const request = {
		method: method.value,
		url: url.value,
		...requestFields(headers.value, hasBody ? 'application/json' : undefined),
		body: hasBody ? text : undefined,
	};
	const connection = await openConnection(context, run.value, settings.value.timeout);
	const result = await attempt(deliveryId(undefined, text), request, settings.value, connection.tools);
	connection.close();
	if (!result.delivered) {
		const { message, description, statusCode } = result.fault;
		throw new NodeApiError(
			node,
			{},
			{
				message: DISPATCH_FAILED,
				description: `The test did not pass: ${message}. ${description}`,
				...(statusCode === undefined ? {} : { httpCode: String(statusCode) }),
				itemIndex: 0,
			},
		);
	}
	const { statusCode, durationMs, response } = result;
	return [
		[
			{
				json: { passed: true, statusCode, durationMs, ...(response === '' ? {} : { response: response as string }) },
				pairedItem: pairedItem(items.map((_, index) => index)),
			},
		],
	];
}

const pairs = (context: IExecuteFunctions, name: string) =>
	context.getNodeParameter(`${name}.parameters`, 0, []) as unknown as Pair[];
