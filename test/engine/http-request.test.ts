import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';

import { WebhookDispatchClientCredentialsOAuth2Api } from '../../credentials/WebhookDispatchClientCredentialsOAuth2Api.credentials';
import { tokenStore } from '../../lib/oauth2/token/tokenStore';
import { runWorkflow } from '../support/engine';
import { answer, Receiver } from '../support/receiver';
import { requesters } from './support/requesters';
import { storedCredential, type StoredCredential } from './support/storedCredential';

/**
 * Which token goes out when n8n authenticates requests with a credential of this package, over both helpers of the real
 * engine: `requestWithAuthentication`, which n8n's HTTP Request node has, and `httpRequestWithAuthentication`.
 */

const type = new WebhookDispatchClientCredentialsOAuth2Api();
let endpoint: Receiver;
let destination: Receiver;
/** What the destination takes: `Bearer client-secret-scope-1`, the first token given for these. */
const good = new Set<string>();

beforeAll(async () => {
	[endpoint, destination] = await Promise.all([Receiver.start(), Receiver.start()]);
});
beforeEach(() => {
	tokenStore.clear();
	good.clear();
	endpoint.clear();
	const given = new Map<string, number>();
	endpoint.choose(() => ({
		name: 'token',
		act: (response, request) => {
			const form = new URLSearchParams(request.body.toString());
			const whose = `${form.get('client_id')}-${form.get('client_secret')}-${form.get('scope')}`;
			const number = (given.get(whose) ?? 0) + 1;
			given.set(whose, number);
			const token = `${whose}-${number}`;
			good.add(`Bearer ${token}`);
			answer(200, { access_token: token, token_type: 'Bearer', expires_in: 3600 }).act(response, request);
		},
	}));
	destination.clear();
	destination.choose(() => ({
		name: 'protected',
		act: (response, request) =>
			answer(good.has(request.headers.authorization ?? '') ? 200 : 401).act(response, request),
	}));
});
afterAll(async () => await Promise.all([endpoint?.close(), destination?.close()]));

const helpers = requesters(type.name, ({ customer }) => destination.url(`/${customer as string}`));
const both = Object.keys(helpers) as Array<keyof typeof helpers>;

const ada = { customer: 'ada' };
const ben = { customer: 'ben' };

const credential = (change: ICredentialDataDecryptedObject = {}, settings?: { keepsExpressions: boolean }) =>
	storedCredential(
		type,
		{
			accessTokenUrl: endpoint.url('/token'),
			clientId: 'id',
			clientSecret: 'secret',
			clientAuthentication: 'body',
			scope: 'read',
			...change,
		},
		settings,
	);
const byExpression = { clientId: '={{ $json.customer }}', clientSecret: '={{ $json.customer }}-secret' };

async function send(
	helper: keyof typeof helpers,
	{ helper: credentialsHelper }: StoredCredential,
	...items: IDataObject[]
) {
	const run = await runWorkflow({
		items,
		nodeType: helpers[helper],
		credentials: { [type.name]: {} },
		credentialsHelper,
	});
	return run.status;
}

/** What has arrived since it was last asked. */
function arrived(): string[] {
	const seen = destination.requests.map(({ key, headers }) => `${key} ${headers.authorization ?? 'nothing'}`).sort();
	destination.requests.length = 0;
	return seen;
}

describe.each(both)('%s', (helper) => {
	it('sends a token that n8n has not stored, and does not write to the credential', async () => {
		const one = credential();
		expect([await send(helper, one, ada), await send(helper, one, ada)]).toEqual(['success', 'success']);
		expect(arrived()).toEqual(['/ada Bearer id-secret-read-1', '/ada Bearer id-secret-read-1']);
		expect(endpoint.requests).toHaveLength(1);
		expect(one.writes()).toBe(0);
	});

	it.each([
		['client ID', { clientId: 'other' }, 'other-secret-read-1'],
		['client secret', { clientSecret: 'other' }, 'id-other-read-1'],
		['scope', { scope: 'write' }, 'id-secret-write-1'],
		['URL', { accessTokenUrl: '/other' }, 'id-secret-read-2'],
	])('sends the token of the credential as it is, after its %s was edited', async (_field, edited, token) => {
		const one = credential();
		await send(helper, one, ada);
		arrived();
		const { accessTokenUrl = '/token' } = edited as { accessTokenUrl?: string };
		one.stored[type.name] = { ...one.stored[type.name], ...edited, accessTokenUrl: endpoint.url(accessTokenUrl) };
		expect(await send(helper, one, ada)).toBe('success');
		expect(arrived()).toEqual([`/ada Bearer ${token}`]);
	});

	it('sends no token that n8n has stored, and has n8n clear it', async () => {
		const one = credential({ accessToken: 'stored-by-0.1.0' });
		expect(await send(helper, one, ada)).toBe('success');
		expect(arrived()).toEqual(['/ada Bearer id-secret-read-1']);
		expect(one.stored[type.name]).toMatchObject({ accessToken: '' });
		expect(one.writes()).toBe(1);
	});

	it('gets a new token for one that is refused, and sends again', async () => {
		const one = credential();
		await send(helper, one, ada);
		good.clear();
		arrived();
		expect(await send(helper, one, ada)).toBe('success');
		expect(arrived()).toEqual(['/ada Bearer id-secret-read-1', '/ada Bearer id-secret-read-2']);
		expect(one.stored[type.name]).toMatchObject({ accessToken: '' });
	});

	it('stops with what the token endpoint said, and sends nothing', async () => {
		const one = credential();
		endpoint.choose(() => answer(503));
		expect(await send(helper, one, ada)).toBe('error');
		expect(arrived()).toEqual([]);
	});
});

describe('two customers through one credential with expressions', () => {
	it.each([
		['to begin with', ''],
		['beside a token that n8n has stored', 'stored-by-0.1.0'],
	])('each have their own token: %s', async (_what, accessToken) => {
		const one = credential({ ...byExpression, accessToken });
		for (const items of [
			[ada, ben],
			[ben, ada],
		]) {
			expect(await send('requestWithAuthentication', one, ...items)).toBe('success');
			expect(arrived()).toEqual(['/ada Bearer ada-ada-secret-read-1', '/ben Bearer ben-ben-secret-read-1']);
		}
		expect(endpoint.requests).toHaveLength(2);
		expect(one.stored[type.name]).toMatchObject(byExpression);
	});

	it('each get their own new one when all are refused', async () => {
		const one = credential(byExpression);
		await send('requestWithAuthentication', one, ada, ben);
		good.clear();
		arrived();
		expect(await send('requestWithAuthentication', one, ada, ben)).toBe('success');
		expect(arrived().map((line) => line.replace(/-\d$/, ''))).toEqual([
			'/ada Bearer ada-ada-secret-read',
			'/ada Bearer ada-ada-secret-read',
			'/ben Bearer ben-ben-secret-read',
			'/ben Bearer ben-ben-secret-read',
		]);
		expect(one.stored[type.name]).toMatchObject(byExpression);
	});

	it('stay two on an n8n that stores the values of an item with a token (before 2.34)', async () => {
		const one = credential(byExpression, { keepsExpressions: false });
		await send('requestWithAuthentication', one, ada, ben);
		await send('requestWithAuthentication', one, ada, ben);
		expect(new Set(arrived())).toEqual(
			new Set(['/ada Bearer ada-ada-secret-read-1', '/ben Bearer ben-ben-secret-read-1']),
		);
		expect(one.writes()).toBe(0);
	});
});

describe('what n8n does not let a credential know', () => {
	it('requestWithAuthentication asks for a new token after any failure, and sends again', async () => {
		const one = credential();
		destination.script('/ada', answer(500), answer(200));
		expect(await send('requestWithAuthentication', one, ada)).toBe('success');
		expect(arrived()).toEqual(['/ada Bearer id-secret-read-1', '/ada Bearer id-secret-read-2']);
	});

	it('httpRequestWithAuthentication does so after a 401 alone', async () => {
		const one = credential();
		destination.script('/ada', answer(500));
		expect(await send('httpRequestWithAuthentication', one, ada)).toBe('error');
		expect(arrived()).toEqual(['/ada Bearer id-secret-read-1']);
	});

	it('httpRequestWithAuthentication fills in the credential for the first item alone', async () => {
		expect(await send('httpRequestWithAuthentication', credential(byExpression), ada, ben)).toBe('success');
		expect(arrived()).toEqual(['/ada Bearer ada-ada-secret-read-1', '/ben Bearer ada-ada-secret-read-1']);
	});
});
