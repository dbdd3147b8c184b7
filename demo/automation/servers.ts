'use strict';
const path = require('node:path');
const { secretsOf } = require('../servers/secrets');
const { startServer } = require('../servers/process');

/**
 * What the automations talk to: the authorisation server, the ticket desk that has its tokens checked there, and the
 * request catcher. Processes on loopback.
 * @param {{ folder: string, ports?: { authorizationServer?: number, ticketDesk?: number, requestCatcher?: number }, node?: string,
 *   tokenLifetime?: number, rateLimit?: { requests: number, seconds: number } }} options
 *   `folder` keeps secrets and logs; ports: free ones when not given; `node` to run them with; `tokenLifetime` in seconds
 * @returns {Promise<{ secrets: import('../servers/secrets').Secrets, authorizationServer: any, ticketDesk: any, requestCatcher: any, stop(): Promise<void> }>}
 */
async function startServers({ folder, ports = {}, node, tokenLifetime, rateLimit }) {
	const secrets = secretsOf(folder);
	const running = [];
	const start = async (name, options) => {
		const server = await startServer(name, options, { node, logFile: path.join(folder, 'logs', `${name}.log`) });
		running.push(server);
		return server;
	};
	const stop = async () => {
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
			agents: [secrets.agent],
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

module.exports = { startServers };
