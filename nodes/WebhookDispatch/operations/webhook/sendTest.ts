import {
	NodeApiError,
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
} from 'n8n-workflow';

import { attempt } from '../../../../lib/delivery/attempt';
import { DISPATCH_FAILED, INVALID_URL } from '../../../../lib/delivery/titles';
import { deliveryId } from '../../../../lib/request/deliveryId';
import { testPayload } from '../../../../lib/request/profiles';
import { requestBuilder, type PreparedRequest } from '../../../../lib/request/requestBuilder';
import type { RequestFault } from '../../../../lib/result/requestFault';
import type { Result } from '../../../../lib/result/result';
import { pairedWithAll } from '../../n8n/outputItem';
import { itemFiles } from '../../n8n/itemFiles';
import { parameterReader } from '../../n8n/parameterReader';
import { readIdentity } from '../choice';
import type { Operation } from '../operation';
import { authenticationFields } from './fields/authentication';
import { destinationFields, parameterFields } from './fields/destination';
import { optionsField } from './fields/options';
import { openConnection } from './openConnection';
import { itemSettings, runSettings, type ItemSettings } from './settings';
import { testAdvice } from './testAdvice';

/** Sends the test payload once, and passes on 200 OK alone (mission row W4). */
export const sendTest: Operation = {
	option: {
		name: 'Send Test',
		value: 'sendTest',
		description: 'Send a test payload once and check that the response is 200 OK',
		action: 'Send a test webhook',
	},
	fields: [
		{
			displayName:
				'Sends a fixed payload with five sample profiles, once, also with Retry On Fail. The test passes only if the response is 200 OK. What the input items hold is not sent.',
			name: 'sendTestNotice',
			type: 'notice',
			default: '',
		},
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
	const identity = valueOf(context, readIdentity(context));
	const run = valueOf(context, runSettings(context.getNodeParameter('options', 0, {})));
	const { settings, build } = valueOf(context, prepareTest(context));
	const request = valueOf(context, await build());
	const opened = await openConnection(context, identity, run, settings.timeout);
	if (!opened.ok) {
		throw new NodeOperationError(context.getNode(), opened.fault.message, { description: opened.fault.description });
	}
	const { toolsFor, close } = opened.value;
	const tools = await toolsFor(0);
	if (!tools.ok)
		throw new NodeOperationError(context.getNode(), tools.fault.message, { description: tools.fault.description });
	// It never rejects.
	const { judgement, durationMs } = await attempt(deliveryId(undefined, ''), request, settings, tools.value);
	close();
	if (!judgement.ok) {
		const { message, statusCode } = judgement.fault;
		throw failed({
			description: `The test did not pass: ${message}. ${testAdvice(judgement.fault)}`,
			...(statusCode === undefined ? {} : { statusCode }),
		});
	}
	const { statusCode, response } = judgement.value;
	const answered = response === '' ? {} : { response: response as IDataObject };
	return [[{ json: { passed: true, statusCode, durationMs, ...answered }, pairedItem: pairedWithAll(context) }]];
}

/** The test payload as a delivery of the first item, by the same rules; it passes with 200 alone. */
function prepareTest(context: IExecuteFunctions): Result<PreparedRequest<ItemSettings>, RequestFault> {
	const { read } = parameterReader(context);
	const build = requestBuilder({
		reader: { read: (name, ...given) => (name === 'body' ? 'inputItem' : read(name, ...given)) },
		payloadsOf: () => [testPayload()],
		isBroadcast: false,
		fileOf: itemFiles(context),
		readSettings: (options) => itemSettings({ ...options, successStatus: '200' }, 'sendTest'),
	});
	return build([0]);
}

/** @throws NodeOperationError with the fault's texts */
function valueOf<T>(context: IExecuteFunctions, result: Result<T, RequestFault>): T {
	if (result.ok) return result.value;
	const { code, message, description } = result.fault;
	throw new NodeOperationError(context.getNode(), code === 'INVALID_URL' ? INVALID_URL : DISPATCH_FAILED, {
		description: `${message}. ${description}`,
		itemIndex: 0,
	});
}
