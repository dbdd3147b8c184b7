import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { readOAuth2Credential } from '../../../../lib/oauth2/credential/readOAuth2Credential';
import type { AccessToken } from '../../../../lib/oauth2/token/token';
import { tokenStore } from '../../../../lib/oauth2/token/tokenStore';
import type { Result } from '../../../../lib/result/result';
import { maskToLastFour } from '../../../../lib/text/redaction';
import { readRunCredential } from '../../n8n/itemCredential';
import { oneItem } from '../../n8n/oneItem';
import { createTokenTransport } from '../../n8n/tokenTransport';
import { readGrantCredentialType } from '../choice';
import type { Operation } from '../operation';

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

async function execute(context: IExecuteFunctions) {
	return oneItem(context, await fetched(context), shown);
}

/** Asks the token endpoint for a token, whatever is stored, and keeps it for the deliveries to come. */
async function fetched(context: IExecuteFunctions): Promise<Result<AccessToken>> {
	const type = readGrantCredentialType(context);
	if (!type.ok) return type;
	const data = await readRunCredential(context, type.value);
	if (!data.ok) return data;
	const credential = readOAuth2Credential(type.value, data.value);
	if (!credential.ok) return credential;
	const signal = context.getExecutionCancelSignal?.();
	return await tokenStore.fetch(credential.value, createTokenTransport(context), signal);
}

/** What of a token is for looking at (row A9). */
function shown({ tokenType, scope, expiresIn, expiresAt, accessToken }: AccessToken): IDataObject {
	return {
		tokenType,
		scope: scope ?? null,
		expiresIn: expiresIn === undefined ? null : Math.round(expiresIn),
		expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
		accessToken: maskToLastFour(accessToken),
	};
}
