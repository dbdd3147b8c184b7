import { createPrivateKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { CredentialReference } from '../../tools/n8n/rest/credentials';
import type { JsonObject } from '../../tools/n8n/rest/json';
import { runByHand } from '../../tools/n8n/runByHand';
import { chain, dispatchNode, DISPATCH_TYPE, start, using, workflowOf } from '../../tools/n8n/sketch';
import { askWebhook } from '../../tools/n8n/webhook';
import { startOidcProvider, type OidcProviderServer } from '../support/authorization-servers';
import { Instance, workflowFile } from '../support/n8n/instance';
import { secretForms } from '../unit/keys/canaries';

const type = 'webhookDispatchJwtOAuth2Api';
const passphrase = 'a passphrase of this test';

const instance = new Instance();
let server: OidcProviderServer;
let jwksUrl: string;
let credential: CredentialReference;
let key: { id: string };
let tokens: { id: string };

const fields = () => ({
	accessTokenUrl: server.tokenUrl,
	clientId: 'n8n',
	algorithm: 'ES256',
	passphrase,
	expiresIn: 3600,
});
/** A workflow of one operation of the node, with the credential. */
const operation = (resource: string, name: string) =>
	workflowOf(
		`${resource} ${name}`,
		[
			start,
			dispatchNode('Dispatch', {
				parameters: { resource, operation: name, grantType: 'clientCredentialsJwt' },
				credentials: using(credential),
			}),
		],
		chain('Start', 'Dispatch'),
	);

async function runNode(id: string) {
	const execution = await runByHand(instance.client, id);
	const [item] = execution.status === 'success' ? instance.client.executions.itemsOf(execution, 'Dispatch') : [];
	if (!item) throw new Error(`${execution.status}: ${JSON.stringify(execution.data.resultData.error)}`);
	return item.json;
}

const save = async (data: JsonObject) =>
	await instance.client.credentials.update(credential.id, { name: 'JWT', type, data: { ...fields(), ...data } });
/** The node asks for a token, with its own assertion. */
const accepted = async () => (await runNode(tokens.id)).tokenType === 'Bearer';
const kids = async () => {
	const answer = await fetch(jwksUrl);
	expect(answer.status).toBe(200);
	expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
	expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
	return ((await answer.json()) as { keys: Array<{ kid: string }> }).keys.map(({ kid }) => kid);
};

beforeAll(async () => {
	await instance.start();
	jwksUrl = `${instance.n8n.url}/webhook/webhook-dispatch-jwks`;
	server = await startOidcProvider({
		clients: [{ client_id: 'n8n', token_endpoint_auth_method: 'private_key_jwt', jwks_uri: jwksUrl }],
	});
	credential = await instance.client.credentials.create({ name: 'JWT', type, data: fields() });
	key = await instance.client.workflows.create(operation('key', 'generate'));
	tokens = await instance.client.workflows.create(operation('accessToken', 'get'));
	const workflow = workflowFile('jwks-endpoint.json');
	for (const node of workflow.nodes) if (node.type === DISPATCH_TYPE) node.credentials = using(credential);
	const endpoint = await instance.client.workflows.create(workflow);
	await instance.client.workflows.activate(endpoint.id);
	await askWebhook(jwksUrl);
}, 600_000);

afterAll(async () => {
	await server?.stop();
	await instance.end();
});

it('a key generated in n8n is read by the authorization server at the workflow, and replaced without a refusal', async () => {
	// A credential without a key yet: the endpoint says so by its status, and generating one works.
	expect((await fetch(jwksUrl)).status).toBe(500);
	const first = await runNode(key.id);
	await save({ privateKey: first.encryptedPrivateKey, keyId: first.keyId });
	expect(await kids()).toEqual([first.keyId]);
	expect(await accepted()).toBe(true);

	const second = await runNode(key.id);
	const firstKey = { privateKey: first.encryptedPrivateKey, keyId: first.keyId };
	await save({ ...firstKey, previousPublicKey: JSON.stringify(second.jwk) });
	expect(await kids()).toEqual([first.keyId, second.keyId]);
	await server.advanceClock(301);
	expect(await accepted()).toBe(true);

	const secondKey = { privateKey: second.encryptedPrivateKey, keyId: second.keyId };
	await save({ ...secondKey, previousPublicKey: JSON.stringify(first.jwk) });
	expect(await kids()).toEqual([second.keyId, first.keyId]);
	expect(await accepted()).toBe(true);
	await save(secondKey);
	expect(await kids()).toEqual([second.keyId]);
	expect(await accepted()).toBe(true);
	expect(server.requests().map(({ status }) => status)).toEqual(Array(4).fill(200));
});

it('the key made there is in plain text neither in the log nor in any file of n8n', async () => {
	const made = await runNode(key.id);
	const opened = createPrivateKey({ key: String(made.encryptedPrivateKey), passphrase });
	const { d = '' } = opened.export({ format: 'jwk' });
	const pem = opened.export({ type: 'pkcs8', format: 'pem' }).toString();
	const secrets = secretForms([passphrase, pem, d, Buffer.from(d, 'base64url').toString('base64')]);
	const files = readdirSync(instance.folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && /sqlite|\.log$|\.json$/.test(entry.name))
		.map((entry) => join(entry.parentPath, entry.name));
	const texts = [instance.n8n.log(), ...files.map((file) => readFileSync(file, 'latin1'))];
	// The encrypted form is there, so this looks where it should.
	expect(texts.some((text) => text.includes(String(made.encryptedPrivateKey).split('\n')[2] ?? '?'))).toBe(true);
	expect(secrets.filter((secret) => texts.some((text) => text.includes(secret)))).toEqual([]);
});
