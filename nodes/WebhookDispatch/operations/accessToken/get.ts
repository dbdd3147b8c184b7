import { NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { readOAuth2Credential } from '../../../../lib/oauth2/credential/readOAuth2Credential';
import { maskToLastFour } from '../../../../lib/text/redaction';
import type { AccessToken } from '../../../../lib/oauth2/token/token';
import { tokenStore } from '../../../../lib/oauth2/token/tokenStore';
import { pairedItem } from '../../n8n/outputItem';
import { createTokenTransport } from '../../n8n/tokenTransport';
import { readGrantCredentialType } from '../choice';
import { readRunCredential } from '../../n8n/itemCredential';
import type { Operation } from '../operation';

/** What of a token is for looking at (row A9). */
function shown({ tokenType, scope, expiresIn, expiresAt, accessToken }: AccessToken): INodeExecutionData['json'] {
	return {
		tokenType,
		scope: scope ?? null,
		expiresIn: expiresIn === undefined ? null : Math.round(expiresIn),
		expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
		accessToken: maskToLastFour(accessToken),
	};
}

function unavailable(
	context: IExecuteFunctions,
	{ message, description }: { message: string; description: string },
): NodeOperationError {
	return new NodeOperationError(context.getNode(), message, { description });
}

/**
 * Asks the token endpoint for a token, whatever is stored, and keeps it for the deliveries to come.
 * One request a run: the output item is paired with all input items.
 */
async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const type = readGrantCredentialType(context);
	if (!type.ok) throw unavailable(context, type.fault);
	const data = await readRunCredential(context, type.value);
	if (!data.ok) throw unavailable(context, data.fault);
	const read = readOAuth2Credential(type.value, data.value);
	if (!read.ok) throw unavailable(context, read.fault);
	const signal = context.getExecutionCancelSignal?.();
	const result = await tokenStore.fetch(read.credential, createTokenTransport(context), signal);
	if (!result.ok) throw unavailable(context, result.fault);
	const inputs = context.getInputData().map((_item, index) => index);
	return [[{ json: shown(result.token), pairedItem: pairedItem(inputs) }]];
}

/** `accessToken: get` (row A9). */
export const get: Operation = {
	option: {
		name: 'Get',
		value: 'get',
		action: 'Get an access token',
		description: 'Fetch an access token and show its type, scopes and expiry',
	},
	fields: [],
	execute,
};
