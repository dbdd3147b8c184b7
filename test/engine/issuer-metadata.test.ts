import { inspect } from 'node:util';
import type { IDataObject } from 'n8n-workflow';

import { WebhookDispatchJwtOAuth2Api } from '../../credentials/WebhookDispatchJwtOAuth2Api.credentials';
import { WebhookDispatchClientCredentialsOAuth2Api } from '../../credentials/WebhookDispatchClientCredentialsOAuth2Api.credentials';
import { metadataStore } from '../../lib/oauth2/token/metadataStore';
import { tokenStore } from '../../lib/oauth2/token/tokenStore';
import { protectEgress, runWorkflow } from '../support/engine';
import { hostileMetadata, Issuers } from '../support/oauth2/issuers';
import { Receiver } from '../support/receiver';
import { pkcs8, rsaKey } from '../unit/keys/fixtures';
import { deliveryOf, dispatch } from './support/dispatch';
import { requesters } from './support/requesters';
import { storedCredential } from './support/storedCredential';

/** Token endpoints from the metadata of issuers, through the node and HTTP Request's helpers in n8n's engine. */

const type = new WebhookDispatchClientCredentialsOAuth2Api();
const SECRET = 'secret-of-the-client';

let issuers: Issuers;
let receiver: Receiver;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(async () => {
	tokenStore.clear();
	metadataStore.clear();
	receiver.clear();
	issuers = await Issuers.start();
});
afterEach(async () => {
	protectEgress();
	await issuers.server.close();
});

const client = (more: IDataObject = {}) => ({
	accessToken: '',
	accessTokenUrl: '',
	issuerUrl: issuers.issuer('good'),
	clientId: 'my-app',
	clientSecret: SECRET,
	...more,
});
const asked = (realm: string) => issuers.paths(realm);
/** In the order in which it is looked for: RFC 8414's, OpenID's before the path, OpenID's after it. */
const lookedFor = (realm: string) => [
	`/.well-known/oauth-authorization-server/realms/${realm}`,
	`/.well-known/openid-configuration/realms/${realm}`,
	`/realms/${realm}/.well-known/openid-configuration`,
];

const deliver = async (items: IDataObject[], more: IDataObject = {}, node: object = {}) =>
	await dispatch({
		items,
		settings: { onError: 'continueErrorOutput', ...node },
		parameters: { url: receiver.url(), authentication: 'oAuth2', grantType: 'clientCredentials' },
		credentials: { [type.name]: client(more) as never },
	});

it('a run reads the metadata once, and each delivery has the token', async () => {
	const run = await deliver(Array.from({ length: 20 }, (_, n) => ({ n })));
	expect(run.output()).toHaveLength(20);
	expect(new Set(receiver.requests.map(({ headers }) => headers.authorization))).toEqual(
		new Set(['Bearer token-of-good']),
	);
	expect(asked('good')).toEqual([...lookedFor('good'), '/realms/good/token']);
	tokenStore.clear();
	await deliver([{ n: 1 }]);
	expect(asked('good').slice(4)).toEqual(['/realms/good/token']);
	for (const { headers, body } of issuers.server.requests.slice(0, 3)) {
		expect(Object.keys(headers).sort()).toEqual(['accept', 'connection', 'host', 'user-agent']);
		expect(body).toBe('');
	}
});

it('each item has its own issuer and its own outcome', async () => {
	const realms = ['good', ...Object.keys(hostileMetadata), 'fine'];
	const items = realms.map((realm) => ({ realm, issuer: issuers.issuer(realm) }));
	const run = await deliver([...items, ...items], { issuerUrl: '={{ $json.issuer }}' });
	expect(run.status).toBe('success');
	expect(receiver.requests.map(({ headers }) => headers.authorization).sort()).toEqual(
		['Bearer token-of-fine', 'Bearer token-of-fine', 'Bearer token-of-good', 'Bearer token-of-good'].sort(),
	);
	const failed = run.errorOutput.map(({ json }) => json);
	expect(failed.map(({ realm }) => realm).sort()).toEqual(
		[...Object.keys(hostileMetadata), ...Object.keys(hostileMetadata)].sort(),
	);
	for (const json of failed) {
		expect([json.realm, deliveryOf(json).code]).toEqual([json.realm, 'TOKEN']);
		expect(String(json.message).replace(/ \[item \d+\]$/, '')).toMatch(hostileMetadata[String(json.realm)]!.what);
		expect(deliveryOf(json).retryable).toBe(['busy', 'broken'].includes(String(json.realm)));
	}
	// No hostile issuer got a token request.
	expect(
		issuers.server.requests
			.map(({ url }) => url)
			.filter((url) => url.endsWith('/token'))
			.sort(),
	).toEqual(['/realms/fine/token', '/realms/good/token']);
	expect(inspect(run.data.resultData, { depth: Infinity })).not.toContain(SECRET);
}, 30_000);

it('a failed item is retried, and the metadata is asked for again', async () => {
	const run = await deliver([{ n: 1 }], { issuerUrl: issuers.issuer('busy') }, { retryOnFail: true, maxTries: 2 });
	expect(run.errorOutput).toHaveLength(1);
	expect(asked('busy')).toEqual([...lookedFor('busy'), ...lookedFor('busy')]);
});

it('an Access Token URL goes first, and no metadata is read', async () => {
	const run = await deliver([{ n: 1 }], { accessTokenUrl: `${issuers.issuer('own')}/token` });
	expect(run.output()).toHaveLength(1);
	expect(issuers.server.requests.map(({ url }) => url)).toEqual(['/realms/own/token']);
});

it("keeps to the instance's egress rules", async () => {
	protectEgress({});
	const run = await deliver([{ n: 1 }]);
	expect(deliveryOf(run.errorOutput[0]!.json).code).toBe('BLOCKED');
	expect(issuers.server.requests).toEqual([]);
});

it('Access Token: Get gets it, or says why there is none', async () => {
	const get = async (more: IDataObject = {}) =>
		await runWorkflow({
			items: [{ a: 1 }],
			node: { parameters: { resource: 'accessToken', operation: 'get', grantType: 'clientCredentials' } },
			credentials: { [type.name]: client(more) as never },
		});
	expect((await get()).output()[0]?.json).toMatchObject({ accessToken: '****good' });
	const { error } = await get({ issuerUrl: issuers.issuer('html') });
	expect(error?.message).toMatch(hostileMetadata.html!.what);
	expect(error?.description).toContain('Check Issuer URL');
});

it('Client Assertion: Generate shows the audience that is sent, and reads no metadata for one that is set', async () => {
	const jwt = new WebhookDispatchJwtOAuth2Api().name;
	const generate = async (audience: string) => {
		const run = await runWorkflow({
			items: [{ a: 1 }],
			node: { parameters: { resource: 'clientAssertion', operation: 'generate' } },
			credentials: { [jwt]: client({ privateKey: pkcs8(rsaKey), audience }) as never },
		});
		return (run.output()[0]?.json.payload as IDataObject).aud;
	};
	expect(await generate('https://aud.example/')).toBe('https://aud.example/');
	expect(issuers.server.requests).toEqual([]);
	expect(await generate('')).toBe(`${issuers.issuer('good')}/token`);
	expect(asked('good')).toEqual(lookedFor('good'));
});

describe('HTTP Request', () => {
	const helpers = requesters(type.name, () => receiver.url());

	it.each(Object.keys(helpers) as Array<keyof typeof helpers>)('(%s) sends with the token', async (helper) => {
		const send = async (realm: string) =>
			await runWorkflow({
				items: [{ n: 0 }, { n: 1 }],
				nodeType: helpers[helper],
				credentials: { [type.name]: {} },
				credentialsHelper: storedCredential(type, client({ issuerUrl: issuers.issuer(realm) })).helper,
			});
		expect((await send('good')).status).toBe('success');
		expect(receiver.requests.map(({ headers }) => headers.authorization)).toEqual(
			Array(2).fill('Bearer token-of-good'),
		);
		expect(asked('good')).toEqual([...lookedFor('good'), '/realms/good/token']);
		const { error } = await send('mismatch');
		expect(error?.message).toMatch(hostileMetadata.mismatch!.what);
		expect(receiver.requests).toHaveLength(2);
	});
});
