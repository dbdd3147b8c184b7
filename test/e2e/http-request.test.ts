import type { CredentialReference } from '../../tools/n8n/rest/credentials';
import type { JsonObject } from '../../tools/n8n/rest/json';
import { runByHand } from '../../tools/n8n/runByHand';
import {
	baseNode,
	chain,
	dispatchNode,
	itemsNode,
	start,
	using,
	workflowOf,
	type NodeSketch,
} from '../../tools/n8n/sketch';
import { Instance } from '../support/n8n/instance';
import { answer, Receiver } from '../support/receiver';

/**
 * Whose token n8n's HTTP Request node sends, in a real n8n: that of the credential as it is for the item, never that of
 * other content. And what n8n does by itself there, as docs/credential-guides.md describes it.
 */

const TYPE = 'webhookDispatchClientCredentialsOAuth2Api';
const instance = new Instance();
const client = () => instance.client;
let endpoint: Receiver;
let destination: Receiver;
/** What the destination takes: `Bearer client-secret-scope-1`, the first token given for these. */
const good = new Set<string>();
/** How many tokens were given, by the same. n8n keeps them, from one test to the next. */
const given = new Map<string, number>();

beforeAll(async () => {
	[endpoint, destination] = await Promise.all([Receiver.start(), Receiver.start()]);
	await instance.start();
}, 600_000);
beforeEach(() => {
	endpoint.clear();
	endpoint.choose(() => ({
		name: 'token',
		act: (response, request) => {
			const form = new URLSearchParams(request.body.toString());
			const whose = `${form.get('client_id')}-${form.get('client_secret')}-${form.get('scope')}`;
			const number = (given.get(whose) ?? 0) + 1;
			given.set(whose, number);
			good.add(`Bearer ${whose}-${number}`);
			const token = { access_token: `${whose}-${number}`, token_type: 'Bearer', expires_in: 3600 };
			answer(200, token).act(response, request);
		},
	}));
	destination.clear();
	destination.choose(() => ({
		name: 'protected',
		act: (response, request) =>
			answer(good.has(request.headers.authorization ?? '') ? 200 : 401).act(response, request),
	}));
});
afterAll(async () => {
	await instance.end();
	await Promise.all([endpoint?.close(), destination?.close()]);
}, 60_000);

/** @param id the client, another one for each test: n8n keeps tokens by what they were fetched with */
const create = async (id: string, change: JsonObject = {}) =>
	await client().credentials.create({
		name: `Credential of ${id}`,
		type: TYPE,
		data: {
			accessTokenUrl: endpoint.url('/token'),
			clientId: id,
			clientSecret: 'secret',
			clientAuthentication: 'body',
			scope: 'read',
			...change,
		},
	});

const stored = async ({ id }: CredentialReference) => (await client().credentials.get(id)).data;

/** As the form saves it: what the editor was given, secrets blanked, with the change. */
const save = async (credential: CredentialReference, change: JsonObject) =>
	await client().credentials.update(credential.id, {
		...credential,
		data: { ...(await stored(credential)), ...change },
	});

const url = () => `=${destination.origin}/{{ $json.customer }}`;

const httpRequest = (credential: CredentialReference, parameters: JsonObject = {}): NodeSketch =>
	baseNode(
		'HTTP Request',
		'httpRequest',
		{
			method: 'POST',
			url: url(),
			authentication: 'predefinedCredentialType',
			nodeCredentialType: TYPE,
			...parameters,
		},
		{ typeVersion: 4.5, credentials: using(credential) },
	);

/** Pagination that asks for one page. */
const onePage = {
	options: {
		pagination: {
			pagination: {
				paginationMode: 'updateAParameterInEachRequest',
				parameters: { parameters: [{ type: 'qs', name: 'page', value: '={{ $pageCount }}' }] },
				limitPagesFetched: true,
				maxRequests: 1,
			},
		},
	},
};

const ada = { customer: 'ada' };
const ben = { customer: 'ben' };

/** Runs nodes one after the other. @returns the execution's status */
async function run(items: JsonObject[], ...nodes: NodeSketch[]): Promise<string> {
	const names = nodes.map(({ name }) => name);
	const { id } = await client().workflows.create(
		workflowOf('Requests', [start, itemsNode(items), ...nodes], chain('Start', 'Items', ...names)),
	);
	return (await runByHand(client(), id)).status;
}

/** What has arrived since it was last asked. */
function arrived(): string[] {
	const seen = destination.requests.map(({ key, headers }) => `${key} ${headers.authorization ?? 'nothing'}`).sort();
	destination.requests.length = 0;
	return seen;
}

describe('a credential that is edited between two executions', () => {
	it.each<[string, JsonObject, string]>([
		['client ID', { clientId: 'another' }, 'another-secret-read-1'],
		['client secret', { clientSecret: 'another' }, 'edited-client-secret-another-read-1'],
		['scope', { scope: 'write' }, 'edited-scope-secret-write-1'],
		['URL', { accessTokenUrl: '/other' }, 'edited-url-secret-read-2'],
	])('is sent with a token of what it has now: %s', async (field, { accessTokenUrl = '/token', ...change }, token) => {
		const id = `edited-${field.toLowerCase().replace(' ', '-')}`;
		const credential = await create(id);
		expect(await run([ada], httpRequest(credential))).toBe('success');
		expect(await run([ada], httpRequest(credential))).toBe('success');
		expect(arrived()).toEqual(Array(2).fill(`/ada Bearer ${id}-secret-read-1`));
		expect(endpoint.requests).toHaveLength(1);

		await save(credential, { ...change, accessTokenUrl: endpoint.url(accessTokenUrl as string) });
		expect(await run([ada], httpRequest(credential))).toBe('success');
		expect(arrived()).toEqual([`/ada Bearer ${token}`]);
		expect(endpoint.requests).toHaveLength(2);
	});

	it('keeps its token when it is saved as it was', async () => {
		const credential = await create('saved');
		await run([ada], httpRequest(credential));
		await save(credential, {});
		await run([ada], httpRequest(credential));
		expect(arrived()).toEqual(Array(2).fill('/ada Bearer saved-secret-read-1'));
		expect(endpoint.requests).toHaveLength(1);
	});
});

describe('two customers through one credential with expressions', () => {
	const byExpression = { clientId: '={{ $json.customer }}', clientSecret: "={{ 'secret-of-' + $json.customer }}" };

	it('each have their own token, also after one that was refused', async () => {
		const credential = await create('', byExpression);
		for (const items of [
			[ada, ben],
			[ben, ada],
		]) {
			expect(await run(items, httpRequest(credential))).toBe('success');
			expect(arrived()).toEqual(['/ada Bearer ada-secret-of-ada-read-1', '/ben Bearer ben-secret-of-ben-read-1']);
		}
		expect(endpoint.requests).toHaveLength(2);

		good.clear();
		expect(await run([ada, ben], httpRequest(credential))).toBe('success');
		expect(arrived()).toEqual([
			'/ada Bearer ada-secret-of-ada-read-1',
			'/ada Bearer ada-secret-of-ada-read-2',
			'/ben Bearer ben-secret-of-ben-read-1',
			'/ben Bearer ben-secret-of-ben-read-2',
		]);
		expect(await stored(credential)).toMatchObject(byExpression);
	});

	it('both get the token of the first item with Pagination: n8n asks for no other', async () => {
		const credential = await create('', { ...byExpression, scope: 'pages' });
		await run([ada, ben], httpRequest(credential, onePage));
		expect(arrived()).toEqual(['/ada Bearer ada-secret-of-ada-pages-1', '/ben Bearer ada-secret-of-ada-pages-1']);
	});
});

describe('a token that n8n has stored, as 0.1.0 let it', () => {
	it.each([
		['values', {}, 'stored'],
		['expressions', { clientId: '={{ $json.customer }}' }, 'ada'],
	])('is not sent, not shown to the editor, and gone after the first request: %s', async (_what, change, id) => {
		const credential = await create('stored', { ...change, accessToken: 'of-other-content', scope: 'stored' });
		expect((await stored(credential)).accessToken).toMatch(/^__n8n_BLANK_VALUE_/);
		expect(await run([ada], httpRequest(credential))).toBe('success');
		expect(arrived()).toEqual([`/ada Bearer ${id}-secret-stored-1`]);
		expect(await stored(credential)).toMatchObject({
			...change,
			accessToken: expect.stringMatching(/^__n8n_EMPTY_VALUE_/) as string,
		});
	});
});

it('shares its token with Webhook Dispatch', async () => {
	const credential = await create('shared');
	const dispatch = dispatchNode('Dispatch', {
		parameters: { url: url(), authentication: 'oAuth2', grantType: 'clientCredentials' },
		credentials: using(credential),
	});
	expect(await run([ada], dispatch, httpRequest(credential, { url: destination.url('/ben') }))).toBe('success');
	expect(arrived()).toEqual(['/ada Bearer shared-secret-read-1', '/ben Bearer shared-secret-read-1']);
	expect(endpoint.requests).toHaveLength(1);
});

describe('by itself n8n', () => {
	it('gets a new token and sends again after any failure, not after a 401 alone', async () => {
		const credential = await create('busy');
		destination.script('/ada', answer(500), answer(200));
		expect(await run([ada], httpRequest(credential))).toBe('success');
		expect(arrived()).toEqual(['/ada Bearer busy-secret-read-1', '/ada Bearer busy-secret-read-2']);
	});

	it.each([
		['Never Error', 'never', { options: { response: { response: { neverError: true } } } }],
		['Pagination', 'paginated', onePage],
	])('takes a 401 for a response like any other with %s', async (_option, id, parameters) => {
		const credential = await create(id);
		await run([ada], httpRequest(credential));
		good.clear();
		arrived();
		expect(await run([ada], httpRequest(credential, parameters))).toBe('success');
		expect(arrived()).toEqual([`/ada Bearer ${id}-secret-read-1`]);
		expect(endpoint.requests).toHaveLength(1);
	});
});
