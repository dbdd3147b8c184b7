import { NodeApiError, NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { attempt } from '../../../../lib/delivery/attempt';
import { deliveryId } from '../../../../lib/request/deliveryId';
import { destinationUrl } from '../../../../lib/request/destinationUrl';
import type { Pair } from '../../../../lib/text/asText';
import { requestHeaders } from '../../../../lib/http/headers';
import { DISPATCH_FAILED, INVALID_URL } from '../../../../lib/delivery/titles';
import { pairedItem } from '../../n8n/outputItem';
import { testPayload } from '../../../../lib/request/profiles';
import { readIdentity } from '../choice';
import type { Operation } from '../operation';
import { openConnection } from './openConnection';
import { authenticationFields } from './fields/authentication';
import { destinationFields, parameterFields } from './fields/destination';
import { optionsField } from './fields/options';
import { readMethod, requestFields } from './requestBuilder';
import { itemSettings, runSettings } from './settings';

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
		optionsField('sendTest'),
	],
	isFinal: 'always',
	execute,
};

/** Where n8n's context of the node keeps what the last test came to. */
const KEY = 'webhookDispatchTest';

/** A test that did not pass: of which run of which execution, and what it said. */
interface FailedTest {
	run: string;
	description: string;
	statusCode?: number;
}

/** Sends once: in further tries of Retry On Fail what was found out is said again. */
async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const remembered = context.getContext('node') as { [KEY]?: FailedTest };
	const run = `${context.getExecutionId()}/${String(context.getWorkflowDataProxy(0).$runIndex)}`;
	const before = remembered[KEY];
	if (before?.run === run) throw notPassed(context, before);
	return await sendOnce(context, (failed) => {
		remembered[KEY] = { ...failed, run };
		return notPassed(context, failed);
	});
}

function notPassed(context: IExecuteFunctions, { description, statusCode }: Omit<FailedTest, 'run'>): NodeApiError {
	return new NodeApiError(
		context.getNode(),
		{},
		{
			message: DISPATCH_FAILED,
			description,
			...(statusCode === undefined ? {} : { httpCode: String(statusCode) }),
			itemIndex: 0,
		},
	);
}

/** @param failed remembers a test that did not pass, and gives the error to throw */
async function sendOnce(
	context: IExecuteFunctions,
	failed: (test: Omit<FailedTest, 'run'>) => NodeApiError,
): Promise<INodeExecutionData[][]> {
	const identity = readIdentity(context);
	const items = context.getInputData();
	const node = context.getNode();
	const options = context.getNodeParameter('options', 0, {});
	const run = runSettings(options);
	const settings = itemSettings({ ...options, successStatus: '200' }, 'sendTest');
	const url = destinationUrl(context.getNodeParameter('url', 0, ''), pairs(context, 'queryParameters'));
	const headers = requestHeaders(pairs(context, 'headerParameters'));
	const method = readMethod(context.getNodeParameter('method', 0, 'POST'));
	for (const part of [identity, run, settings, url, headers, method]) {
		if (!part.ok) {
			throw new NodeOperationError(node, part.fault.code === 'INVALID_URL' ? INVALID_URL : DISPATCH_FAILED, {
				description: `${part.fault.message}. ${part.fault.description}`,
				itemIndex: 0,
			});
		}
	}
	if (!identity.ok || !run.ok || !settings.ok || !url.ok || !headers.ok || !method.ok) return [[]];

	const text = JSON.stringify(testPayload());
	const hasBody = method.value !== 'GET';
	const request = {
		method: method.value,
		url: url.value,
		...requestFields(headers.value, hasBody ? 'application/json' : undefined),
		body: hasBody ? text : undefined,
	};
	const opened = await openConnection(context, identity.value, run.value, settings.value.timeout);
	if (!opened.ok) {
		throw new NodeOperationError(node, opened.fault.message, { description: opened.fault.description });
	}
	const connection = opened.value;
	// It never rejects.
	const result = await attempt(deliveryId(undefined, text), request, settings.value, connection.tools);
	connection.close();
	if (!result.delivered) {
		const { message, description, statusCode } = result.fault;
		throw failed({
			description: `The test did not pass: ${message}. ${description}`,
			...(statusCode === undefined ? {} : { statusCode }),
		});
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
