import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { readOAuth2Credential } from '../../../../lib/oauth2/credential/readOAuth2Credential';
import { nameOfField } from '../../../../lib/oauth2/credential/responseFields';
import type { AccessToken } from '../../../../lib/oauth2/token/token';
import { tokenStore } from '../../../../lib/oauth2/token/tokenStore';
import { ok, type Result } from '../../../../lib/result/result';
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

/** A token, with a value for every field that the credential names: null when the server sent none. */
interface ShownToken extends Omit<AccessToken, 'fields'> {
	readonly fields: Readonly<Record<string, string | number | boolean | null>>;
}

async function execute(context: IExecuteFunctions) {
	return oneItem(context, await fetched(context), shown);
}

/** Asks the token endpoint for a token, whatever is stored, and keeps it for the deliveries to come. */
async function fetched(context: IExecuteFunctions): Promise<Result<ShownToken>> {
	const type = readGrantCredentialType(context);
	if (!type.ok) return type;
	const data = await readRunCredential(context, type.value);
	if (!data.ok) return data;
	const credential = readOAuth2Credential(type.value, data.value);
	if (!credential.ok) return credential;
	const signal = context.getExecutionCancelSignal?.();
	const result = await tokenStore.fetch(credential.value, createTokenTransport(context), signal);
	if (!result.ok) return result;
	const { responseFields } = credential.value;
	const missing = Object.fromEntries(responseFields.map((path) => [nameOfField(path), null]));
	return ok({ ...result.value, fields: { ...missing, ...result.value.fields } });
}

/** What of a token is for looking at (row A9). */
function shown({
	tokenType,
	scope,
	expiresIn,
	expiresAt,
	accessToken,
	binding,
	certificateThumbprint,
	fields,
}: ShownToken): IDataObject {
	return {
		tokenType,
		scope: scope ?? null,
		expiresIn: expiresIn === undefined ? null : Math.round(expiresIn),
		expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
		accessToken: maskToLastFour(accessToken),
		// Under the names that they have in the token's `cnf` (RFC 9449 §6.1, RFC 8705 §3.1).
		...(binding && { jkt: binding.thumbprint }),
		...(certificateThumbprint !== undefined && { 'x5t#S256': certificateThumbprint }),
		...fields,
	};
}
