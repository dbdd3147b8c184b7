/** The chapter about n8n's own credentials: the types that the form offers, and the messages that the code makes. */
import type { IExecuteFunctions } from 'n8n-workflow';

import { fixedN8nCredentials } from '../../../lib/delivery/n8nCredential';
import { readStoredToken } from '../../../nodes/WebhookDispatch/n8n/storedToken';
import { authorizingPart } from '../../../nodes/WebhookDispatch/operations/webhook/identities';
import { choicesOf, fieldsOf, nodeForm } from './forms';
import { codeOf, read, tablesOf } from './markdown';

const tables = tablesOf(read('docs/credential-guides.md')).filter(({ heading }) => heading === "n8n's own credentials");
const table = (header: string) => tables.find((candidate) => candidate.header[0] === header)?.rows ?? [];

const reasonOf = (result: { ok: boolean; fault?: { message: string } }) => result.fault?.message ?? 'no fault';

it('has a row for each type that the form offers', () => {
	const field = fieldsOf(nodeForm).find(({ name }) => name === 'n8nCredentialType');
	expect(table('Credential Type').map(([name]) => name)).toEqual(field === undefined ? [] : choicesOf(field));
});

it('shows the messages as they are', async () => {
	const { httpHeaderAuth, httpBearerAuth, httpQueryAuth, httpCustomAuth } = fixedN8nCredentials;
	const context = {
		getCredentials: async () => await Promise.reject(new Error('down')),
		getCredentialsProperties: () => {
			throw new Error('unknown');
		},
	} as unknown as IExecuteFunctions;
	const source = {
		context,
		type: 'oAuth2Api',
		label: 'OAuth2 API',
		itemIndex: 0,
		inTurn: async <T>(act: () => Promise<T>) => await act(),
	};
	const stored = readStoredToken(source, { oauthTokenData: { access_token: 'a' } as never });
	const lacking = await authorizingPart(
		context,
		{
			authentication: 'n8nCredential',
			credentialType: 'httpBearerAuth',
			n8nCredential: { type: 'httpBearerAuth', label: 'Bearer Auth' },
			signing: 'none',
		},
		undefined,
	);
	const made = [
		reasonOf(httpHeaderAuth({})),
		reasonOf(httpBearerAuth({})),
		reasonOf(httpHeaderAuth({ name: 'a b' })),
		reasonOf(httpHeaderAuth({ name: 'a', value: '\n' })),
		reasonOf(httpQueryAuth({ name: 'a', value: '\n' })),
		reasonOf(httpCustomAuth({ json: '[]' })),
		reasonOf(httpCustomAuth({ json: '{"body":{"a":1}}' })),
		reasonOf(readStoredToken(source, {})),
		stored.ok ? reasonOf(await stored.value.renew('a')).replace('down', '…') : '',
		reasonOf(await lacking.of(0)),
	];
	expect(table('Message').flatMap(([cell = '']) => codeOf(cell))).toEqual(made);
});
