import type { IExecuteFunctions } from 'n8n-workflow';

import { clientAssertionType, createClientAssertion } from '../../../../credentials/oauth2/clientAssertion';
import { oAuth2CredentialTypes } from '../../../../credentials/oauth2/oAuth2Credential';
import { readOAuth2Credential } from '../../../../credentials/oauth2/readOAuth2Credential';
import { eachItem } from '../eachItem';
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
				'Made for looking at: it is stored in the execution, so it expires within seconds and has an ID of its own. Deliveries sign a new one for every token request by themselves.',
			name: 'assertionNotice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Valid For',
			name: 'assertionLifetime',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: longestPreviewLife },
			default: 10,
			description:
				'Seconds until this assertion expires, at most 60. Take more than the default only to try it on the token endpoint by hand.',
		},
	],
	execute,
};

async function execute(context: IExecuteFunctions) {
	return await eachItem(context, async (itemIndex) => {
		const type = oAuth2CredentialTypes.clientCredentialsJwt;
		const read = readOAuth2Credential(type, await context.getCredentials(type, itemIndex));
		if (!read.ok) return { ok: false, message: read.fault.message, description: read.fault.description };
		if (read.credential.grant !== 'clientCredentialsJwt') {
			return { ok: false, message: 'The credential signs no assertions', description: 'Choose a JWT credential in the node.' };
		}
		const seconds = Number(context.getNodeParameter('assertionLifetime', itemIndex, 10));
		if (!Number.isInteger(seconds) || seconds < 1 || seconds > longestPreviewLife) {
			return {
				ok: false,
				message: `Valid For is not a whole number of seconds from 1 to ${longestPreviewLife}`,
				description: 'Set it to 10, the default.',
			};
		}
		const made = await createClientAssertion(forPreview(read.credential, seconds));
		if (!made.ok) return made;
		const { header, payload, clientAssertion } = made;
		return { ok: true, json: { header: { ...header }, payload: { ...payload }, clientAssertion, clientAssertionType } };
	});
}
