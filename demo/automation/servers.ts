import path from 'node:path';
import { startServer, type AuthorizationServer, type RequestCatcher, type TicketDesk } from '../servers/process';
import { secretsOf, type Secrets } from '../servers/secrets';
import type { RateLimit } from '../servers/ticket-desk';

export interface DemoServers {
	secrets: Secrets;
	authorizationServer: AuthorizationServer;
	ticketDesk: TicketDesk;
	requestCatcher: RequestCatcher;
	stop(): Promise<void>;
}

export interface ServersOptions {
	/** Keeps secrets and logs. */
	folder: string;
	/** Free ones when not given. */
	ports?: { authorizationServer?: number; ticketDesk?: number; requestCatcher?: number };
	/** To run them with. */
	node?: string;
	/** Seconds. */
	tokenLifetime?: number;
	rateLimit?: RateLimit;
}

/**
 * What the automations talk to: the authorization server, the ticket desk that has its tokens checked there, and the
 * request catcher. Processes on loopback.
 */
export async function startServers({
	folder,
	ports = {},
	node,
	tokenLifetime,
	rateLimit,
}: ServersOptions): Promise<DemoServers> {
	const secrets = secretsOf(folder);
	const running: Array<{ stop(): Promise<void> }> = [];
	const start: typeof startServer = async (name, options) => {
		const server = await startServer(name, options, { node, logFile: path.join(folder, 'logs', `${name}.log`) });
		running.push(server);
		return server;
	};
	const stop = async (): Promise<void> => {
		await Promise.all(running.map((server) => server.stop()));
	};
	try {
		const authorizationServer = await start('authorization-server', {
			port: ports.authorizationServer,
			secrets,
			tokenLifetime,
		});
		const ticketDesk = await start('ticket-desk', {
			port: ports.ticketDesk,
			// By password, and by API token as Zendesk has it.
			agents: [secrets.agent, { ...secrets.agent, user: `${secrets.agent.user}/token` }],
			introspection: { url: authorizationServer.introspectionUrl, ...secrets.desk },
			oauthClients: [secrets.zendeskClient],
			rateLimit,
		});
		const requestCatcher = await start('request-catcher', { port: ports.requestCatcher });
		return { secrets, authorizationServer, ticketDesk, requestCatcher, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}
