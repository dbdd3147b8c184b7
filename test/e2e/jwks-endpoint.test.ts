import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { waitFor } from '../../tools/lib/wait';
import { preparePackage } from '../../tools/n8n/package';
import { startN8n, type RunningN8n } from '../../tools/n8n/process';
import type { CredentialReference } from '../../tools/n8n/rest/credentials';
import type { JsonObject } from '../../tools/n8n/rest/json';
import type { Workflow } from '../../tools/n8n/rest/workflows';
import { startOidcProvider, type OidcProviderServer } from '../support/authorization-servers';
import { secretForms } from '../unit/keys/canaries';

const type = 'webhookDispatchJwtOAuth2Api';
const passphrase = 'a passphrase of this test';

let n8n: RunningN8n;
let server: OidcProviderServer;
let jwksUrl: string;
let credential: CredentialReference;
let key: { id: string };
let tokens: { id: string };
const folder = mkdtempSync(join(tmpdir(), 'webhook-dispatch-jwks-'));

const fields = () => ({
	accessTokenUrl: server.tokenUrl,
	clientId: 'n8n',
	algorithm: 'ES256',
	passphrase,
	expiresIn: 3600,
});
const nodeOf = (resource: string, operation: string): Workflow => ({
	name: `${resource} ${operation}`,
	nodes: [
		{ id: '1', name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, position: [0, 0], parameters: {} },
		{
			id: '2',
			name: 'Dispatch',
			type: 'n8n-nodes-webhook-dispatch.webhookDispatch',
			typeVersion: 1,
			position: [200, 0],
			parameters: { resource, operation, grantType: 'clientCredentialsJwt' },
			credentials: { [type]: { id: credential.id, name: credential.name } },
		},
	],
	connections: { Start: { main: [[{ node: 'Dispatch', type: 'main', index: 0 }]] } },
});

async function runNode(id: string) {
	const { executionId = '' } = await n8n.client.workflows.run(id, { triggerToStartFrom: { name: 'Start' } });
	const execution = await n8n.client.executions.waitFor(executionId);
	const [item] = execution.status === 'success' ? n8n.client.executions.itemsOf(execution, 'Dispatch') : [];
	if (!item) throw new Error(`${execution.status}: ${JSON.stringify(execution.data.resultData.error)}`);
	return item.json;
}

const save = async (data: JsonObject) =>
	await n8n.client.credentials.update(credential.id, { name: 'JWT', type, data: { ...fields(), ...data } });
/** The node asks for a token, with an assertion of its own. */
const accepted = async () => (await runNode(tokens.id)).tokenType === 'Bearer';
const kids = async () => {
	const answer = await fetch(jwksUrl);
	expect(answer.status).toBe(200);
	expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
	expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
	return ((await answer.json()) as { keys: Array<{ kid: string }> }).keys.map(({ kid }) => kid);
};

beforeAll(async () => {
	const packageFolder = await preparePackage();
	n8n = await startN8n({ userFolder: folder, packageFolder });
	jwksUrl = `${n8n.url.replace(/\/$/, '')}/webhook/webhook-dispatch-jwks`;
	server = await startOidcProvider({
		clients: [{ client_id: 'n8n', token_endpoint_auth_method: 'private_key_jwt', jwks_uri: jwksUrl }],
	});
	credential = await n8n.client.credentials.create({ name: 'JWT', type, data: fields() });
	key = await n8n.client.workflows.create(nodeOf('key', 'generate'));
	tokens = await n8n.client.workflows.create(nodeOf('accessToken', 'get'));
	const workflow = JSON.parse(readFileSync(join(__dirname, '../../workflows/jwks-endpoint.json'), 'utf8')) as Workflow;
	for (const node of workflow.nodes) {
		if (node.type.endsWith('.webhookDispatch'))
			node.credentials = { [type]: { id: credential.id, name: credential.name } };
	}
	const endpoint = await n8n.client.workflows.create(workflow);
	await n8n.client.workflows.activate(endpoint.id);
	// n8n answers the activation before it has registered the webhook.
	await waitFor(async () => (await fetch(jwksUrl)).status !== 404, { what: 'the webhook of the workflow' });
}, 600_000);

afterAll(async () => {
	await server?.stop();
	await n8n?.stop();
	rmSync(folder, { recursive: true, force: true });
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

it('the key made there is in clear neither in the log nor in any file of n8n', async () => {
	const made = await runNode(key.id);
	const opened = createPrivateKey({ key: String(made.encryptedPrivateKey), passphrase });
	const { d = '' } = opened.export({ format: 'jwk' });
	const pem = opened.export({ type: 'pkcs8', format: 'pem' }).toString();
	const secrets = secretForms([passphrase, pem, d, Buffer.from(d, 'base64url').toString('base64')]);
	const files = readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && /sqlite|\.log$|\.json$/.test(entry.name))
		.map((entry) => join(entry.parentPath, entry.name));
	const texts = [n8n.log(), ...files.map((file) => readFileSync(file, 'latin1'))];
	// The encrypted form is there, so this looks where it should.
	expect(texts.some((text) => text.includes(String(made.encryptedPrivateKey).split('\n')[2] ?? '?'))).toBe(true);
	expect(secrets.filter((secret) => texts.some((text) => text.includes(secret)))).toEqual([]);
});
