import type { IExecuteFunctions } from 'n8n-workflow';

import {
	clientAssertionType,
	createClientAssertion,
	jwtBearer,
	type ClientAssertion,
} from '../../../../lib/oauth2/assertion/createClientAssertion';
import { type JwtCredential, oAuth2CredentialTypes } from '../../../../lib/oauth2/credential/oAuth2Credential';
import { readOAuth2Credential } from '../../../../lib/oauth2/credential/readOAuth2Credential';
import { located } from '../../../../lib/oauth2/token/located';
import { ok, refused, type Result } from '../../../../lib/result/result';
import { readRunCredential } from '../../n8n/itemCredential';
import { oneItem } from '../../n8n/oneItem';
import { createTokenTransport } from '../../n8n/tokenTransport';
import type { Operation } from '../operation';
import { forPreview, longestPreviewLife } from './preview';

/** Makes an assertion to look at (mission row K5). */
export const generate: Operation = {
	option: {
		name: 'Generate',
		value: 'generate',
		description: 'Generate a client assertion, to look at its header and payload',
		action: 'Generate a client assertion',
	},
	fields: [
		{
			displayName:
				'For inspection only: it is stored in the execution, so it expires within seconds and has its own ID. Deliveries sign a new one for every token request.',
			name: 'assertionNotice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Valid For (Seconds)',
			name: 'assertionLifetime',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: longestPreviewLife },
			default: 10,
			description:
				'Seconds until this assertion expires, at most 60. Raise it only to try the assertion on the token endpoint by hand.',
		},
	],
	execute,
};

async function execute(context: IExecuteFunctions) {
	return oneItem(context, await made(context), ({ header, payload, clientAssertion, isGrant }) => ({
		header: { ...header },
		payload: { ...payload },
		clientAssertion,
		...(isGrant ? { grantType: jwtBearer } : { clientAssertionType }),
	}));
}

async function made(context: IExecuteFunctions): Promise<Result<ClientAssertion & { isGrant: boolean }>> {
	const type = oAuth2CredentialTypes.clientCredentialsJwt;
	const data = await readRunCredential(context, type);
	if (!data.ok) return data;
	const read = readOAuth2Credential(type, data.value);
	if (!read.ok) return read;
	if (read.value.grant !== 'clientCredentialsJwt') {
		return refused('The credential signs no assertions', 'Choose a JWT credential in the node.');
	}
	const seconds = Number(context.getNodeParameter('assertionLifetime', 0, 10));
	if (!Number.isInteger(seconds) || seconds < 1 || seconds > longestPreviewLife) {
		return refused(
			`Valid For is not a whole number of seconds from 1 to ${longestPreviewLife}`,
			'Set it to 10, the default.',
		);
	}
	const credential = await withAudience(context, read.value);
	if (!credential.ok) return credential;
	const assertion = await createClientAssertion(forPreview(credential.value, seconds));
	return assertion.ok ? ok({ ...assertion.value, isGrant: read.value.authorizationGrant !== undefined }) : assertion;
}

/** The default audience may have to be read from the metadata of the issuer. */
async function withAudience(context: IExecuteFunctions, credential: JwtCredential): Promise<Result<JwtCredential>> {
	if (credential.audience.length > 0) return ok(credential);
	const signal = context.getExecutionCancelSignal?.();
	return await located(credential, { transport: createTokenTransport(context), signal });
}
