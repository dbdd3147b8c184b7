import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { Webhook as StandardWebhook } from 'standardwebhooks';

import { properties } from '../../nodes/WebhookDispatch/operations/resources';
import { runWorkflow } from '../support/engine';
import { HostileTokenServer } from '../support/oauth2/hostileTokenServer';
import { answer, Receiver } from '../support/receiver';
import { receivedItem } from '../support/signature/received';
import { passphrase, pkcs8, rsaKey } from '../unit/keys/fixtures';

/** What n8n's editor shows of an operation's output before it has run is what it then outputs. */

const folder = join(__dirname, '../../nodes/WebhookDispatch/__schema__/v1.0.0');

let receiver: Receiver;
let tokens: HostileTokenServer;
beforeAll(async () => {
	receiver = await Receiver.start();
	tokens = await HostileTokenServer.start();
	receiver.choose(() => answer(200, { ok: true }));
	tokens.answer(200, { access_token: 'a-token-of-some-length', token_type: 'Bearer', expires_in: 600, scope: 'a b' });
});
afterAll(async () => {
	await receiver.close();
	await tokens.close();
});

const jwt = (): IDataObject => ({
	accessTokenUrl: tokens.url,
	clientId: 'client-1',
	algorithm: 'RS256',
	privateKey: pkcs8(rsaKey),
	keyId: 'key-1',
	passphrase: '',
});
const jwtType = 'webhookDispatchJwtOAuth2Api';
const signingSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** What each operation needs to put something out. */
const runs: Record<
	string,
	() => {
		items?: INodeExecutionData[];
		parameters?: INodeParameters;
		credentials?: Record<string, IDataObject>;
	}
> = {
	'webhook/dispatch': () => ({ parameters: { url: receiver.url('/') } }),
	'webhook/sendTest': () => ({ parameters: { url: receiver.url('/') } }),
	'accessToken/get': () => ({
		parameters: { grantType: 'clientCredentials' },
		credentials: {
			webhookDispatchClientCredentialsOAuth2Api: {
				accessTokenUrl: tokens.url,
				clientId: 'client-1',
				clientSecret: 'a-secret-of-some-length',
			},
		},
	}),
	'clientAssertion/generate': () => ({ credentials: { [jwtType]: jwt() } }),
	'key/generate': () => ({ credentials: { [jwtType]: { algorithm: 'RS256', passphrase } } }),
	'key/getPublic': () => ({ credentials: { [jwtType]: jwt() } }),
	'signature/verify': () => {
		const at = new Date();
		const headers = {
			'webhook-id': 'msg_1',
			'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
			'webhook-signature': new StandardWebhook(signingSecret).sign('msg_1', at, '{"a":1}'),
		};
		return {
			items: [receivedItem({ headers, body: '{"a":1}' })],
			credentials: { webhookDispatchSigningApi: { secret: signingSecret } },
		};
	},
};

const operations = properties
	.filter(({ name }) => name === 'operation')
	.flatMap(({ displayOptions, options = [] }) =>
		options.map(
			(option) => `${String(displayOptions?.show?.resource?.[0])}/${String('value' in option && option.value)}`,
		),
	);

it('each operation has one', () => {
	expect(Object.keys(runs).sort()).toEqual([...operations].sort());
});

interface Schema {
	type: string;
	properties?: Record<string, Schema>;
	items?: Schema;
}

/** The names and types that a schema shows; of an object without properties no more than that it is one. */
function shown({ type, properties: named, items }: Schema): unknown {
	if (named !== undefined) return Object.entries(named).map(([name, schema]) => [name, shown(schema)]);
	return items === undefined ? type : [shown(items)];
}

/** The same of a value, as far as its schema goes. */
function real(value: unknown, schema: Schema | undefined): unknown {
	if (Array.isArray(value)) return value.map((entry) => real(entry, schema?.items));
	if (typeof value !== 'object' || value === null || schema?.properties === undefined) return typeof value;
	return Object.entries(value).map(([name, entry]) => [name, real(entry, schema.properties?.[name])]);
}

it.each(operations)('%s outputs what its schema shows', async (operation) => {
	const schema = JSON.parse(readFileSync(join(folder, `${operation}.json`), 'utf8')) as Schema;
	const [resource = '', name = ''] = operation.split('/');
	const { items = [{ json: { a: 1 } }], parameters, credentials } = runs[operation]!();
	const run = await runWorkflow({
		items,
		node: { parameters: { resource, operation: name, ...parameters } },
		...(credentials && { credentials: credentials as never }),
	});
	expect(run.error).toBeUndefined();
	expect(real(run.output()[0]?.json, schema)).toEqual(shown(schema));
});
