import { generateKeyPairSync } from 'node:crypto';
import { filledIn } from '../../../demo/automation/workflows';
import { startServer } from '../../../demo/servers/process';
import type { DeskState } from '../../../demo/servers/ticket-desk';
import { using } from '../../../tools/n8n/sketch';
import { askWebhook } from '../../../tools/n8n/webhook';
import { startOidcProvider, type OidcProviderServer } from '../../support/authorization-servers';
import type { Cluster } from './cluster';
import { post, type Answer } from './sender';

const JWT = 'webhookDispatchJwtOAuth2Api';

/** The rating automation, running in the cluster, with its ticket desk and authorization server. */
export interface Ratings {
	workflowId: string;
	authorizationServer: OidcProviderServer;
	/** Sends rating `number` of `series`; its comment names both. */
	submit(series: string, number: number, patience?: number): Promise<Answer>;
	desk(): Promise<DeskState>;
	/** Forgets tickets and requests. */
	clear(): Promise<void>;
	stop(): Promise<void>;
}

export const commentOf = (series: string, number: number) => `Rating ${number} of ${series}`;

/** The comment that a ticket request carried. */
export const commentIn = ({ body }: DeskState['requests'][number]): string =>
	(body as { ticket?: { comment?: { body?: string } } }).ticket?.comment?.body ?? '';

/** Imports and activates the shipped workflow, with the client assertion as its way to tokens. */
export async function startRatings({ client, webhook }: Cluster): Promise<Ratings> {
	const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
	const desk = { clientId: 'desk', clientSecret: 'secret-of-the-desk' };
	const scope = 'tickets:write';
	const authorizationServer = await startOidcProvider({
		scopes: [scope],
		clients: [
			{
				client_id: 'automation',
				token_endpoint_auth_method: 'private_key_jwt',
				jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key-1', use: 'sig' }] },
			},
			{ client_id: desk.clientId, client_secret: desk.clientSecret },
		],
	});
	const ticketDesk = await startServer('ticket-desk', {
		introspection: { url: authorizationServer.introspectionUrl, ...desk },
		rateLimit: { requests: 1_000_000, seconds: 60 },
	});
	const stop = async () => {
		await ticketDesk.stop();
		await authorizationServer.stop();
	};
	const credential = await client.credentials.create({
		name: 'Ticket Desk (JWT)',
		type: JWT,
		data: {
			accessTokenUrl: authorizationServer.tokenUrl,
			clientId: 'automation',
			privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
			keyId: 'key-1',
			algorithm: 'RS256',
			scope,
		},
	});
	const workflow = filledIn('rating-to-ticket.json', { ticketsUrl: ticketDesk.ticketsUrl, credentials: {} });
	const node = workflow.nodes.find((one) => one.name === 'Open Ticket')!;
	node.parameters.grantType = 'clientCredentialsJwt';
	node.credentials = using(credential);
	const { id: workflowId } = await client.workflows.create(workflow);
	await client.workflows.activate(workflowId);
	const url = `${webhook.url}/webhook/rating-submitted`;
	const submit = (series: string, number: number, patience?: number) =>
		post(
			url,
			{
				event: 'Rating Submitted',
				event_properties: {
					'User Rating': 1 + (number % 3),
					Comment: commentOf(series, number),
					'Campaign Id': 1700000000,
				},
				profile: { name: `Person ${number}`, email: `person-${number}@example.com` },
			},
			{},
			patience,
		);
	// A rating of five needs no ticket: the automation responds, and no token is asked for.
	const { status } = await askWebhook(url, { json: { event_properties: { 'User Rating': 5 } } });
	if (status !== 200) throw new Error(`The automation responded with ${status}`);
	return {
		workflowId,
		authorizationServer,
		submit,
		clear: async () => void (await fetch(ticketDesk.controlUrl, { method: 'DELETE' })),
		desk: async () => (await (await fetch(ticketDesk.controlUrl)).json()) as DeskState,
		stop,
	};
}
