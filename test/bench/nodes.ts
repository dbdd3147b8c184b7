/** The nodes that are measured, as a workflow has them. */
import type { AuthorizationServer } from '../../demo/servers/process';
import type { RestClient } from '../../tools/n8n/restClient';
import type { WorkflowNode } from '../../tools/n8n/rest/workflows';
import { DISPATCH_TYPE, using } from '../../tools/n8n/sketch';

export type MeasuredNode = Pick<WorkflowNode, 'type' | 'typeVersion' | 'parameters' | 'credentials'>;
type Parameters = WorkflowNode['parameters'];
type Credentials = NonNullable<WorkflowNode['credentials']>;

const BODY = '={{ JSON.stringify($json) }}';
/** A part of the item, as fields and by an expression: both make the same body. */
const FIELDS = 'id, email, amount, placedAt, address.city as city, address.country as country';
const PART =
	'={{ JSON.stringify({ id: $json.id, email: $json.email, amount: $json.amount, placedAt: $json.placedAt, city: $json.address.city, country: $json.address.country }) }}';

export const dispatch = (parameters: Parameters): MeasuredNode => ({ type: DISPATCH_TYPE, typeVersion: 1, parameters });

/** As a user sets it up to send the item: JSON body by an expression. */
export const httpRequest = (url: string, more: Parameters = {}): MeasuredNode => ({
	type: 'n8n-nodes-base.httpRequest',
	typeVersion: 4.5,
	parameters: {
		method: 'POST',
		url,
		sendBody: true,
		contentType: 'json',
		specifyBody: 'json',
		jsonBody: BODY,
		options: {},
		...more,
	},
});

/** All at once, which is its default, so many items open more connections than a process may have files. */
export const httpRequestInBatches = (url: string): MeasuredNode =>
	httpRequest(url, { options: { batching: { batch: { batchSize: 50, batchInterval: 50 } } } });

const reference = (parameters: Parameters): MeasuredNode => ({
	type: 'CUSTOM.benchReference',
	typeVersion: 1,
	parameters,
});

/** Sends the item as the body, which takes no expression. */
export const sendsItem = (url: string) => dispatch({ url });

/** Takes its body from an expression, as HTTP Request must. */
export const sendsExpression = (url: string) => dispatch({ url, body: 'json', jsonBody: BODY });

/** Sends a part of the item, which takes no expression. */
export const sendsFields = (url: string) => dispatch({ url, body: 'selectedFields', fields: FIELDS });

/** The same part by an expression. */
export const sendsPart = (url: string) => dispatch({ url, body: 'json', jsonBody: PART });

/** As HTTP Request must send a part. */
export const httpRequestWithPart = (url: string) => httpRequest(url, { jsonBody: PART });

export const evaluates = () => reference({ work: 'expressions', text: BODY });

export const barePool = (url: string) => reference({ work: 'pool', url });

/** A credential of this package, and n8n's own with the same content; as nodes refer to them. */
interface Pair {
	ours: Credentials;
	theirs: Credentials;
}

type PairName = 'basic' | 'oAuth2';

/** `dpop` is ours alone: n8n has none. */
export type BenchCredentials = Record<PairName, Pair> & { dpop: Credentials };

/** Makes the credentials of both sides. */
export async function createCredentials(
	client: RestClient,
	{ tokenUrl, secrets }: Pick<AuthorizationServer, 'tokenUrl' | 'secrets'>,
): Promise<BenchCredentials> {
	const create = async (type: string, data: Record<string, unknown>) =>
		using(await client.credentials.create({ name: `bench ${type}`, type, data }));
	const login = { user: 'bench', password: 'a password of the benchmark' };
	const { clientId, clientSecret } = secrets.automation;
	const oAuth2 = { accessTokenUrl: tokenUrl, clientId, clientSecret, scope: 'tickets:write' };
	return {
		basic: { ours: await create('webhookDispatchBasicApi', login), theirs: await create('httpBasicAuth', login) },
		oAuth2: {
			ours: await create('webhookDispatchClientCredentialsOAuth2Api', oAuth2),
			theirs: await create('oAuth2Api', { ...oAuth2, grantType: 'clientCredentials', authentication: 'header' }),
		},
		dpop: await create('webhookDispatchClientCredentialsOAuth2Api', { ...oAuth2, tokenBinding: 'dpop' }),
	};
}

/** A credential by its name there, and the parameters by which each side refers to it. */
export interface Authentication {
	credential: PairName;
	ours: Parameters;
	theirs: Parameters;
}

export const BASIC: Authentication = {
	credential: 'basic',
	ours: { authentication: 'basic' },
	theirs: { authentication: 'genericCredentialType', genericAuthType: 'httpBasicAuth' },
};

export const OAUTH2: Authentication = {
	credential: 'oAuth2',
	ours: { authentication: 'oAuth2', grantType: 'clientCredentials' },
	theirs: { authentication: 'genericCredentialType', genericAuthType: 'oAuth2Api' },
};

/** A node with a credential. */
export const authenticated = (
	node: MeasuredNode,
	parameters: Parameters,
	credentials: Credentials | undefined,
): MeasuredNode => ({
	...node,
	parameters: { ...node.parameters, ...parameters },
	...(credentials && { credentials }),
});
