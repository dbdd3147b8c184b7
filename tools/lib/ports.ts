import net from 'node:net';

/** The port, 0 for any, when it can be listened on at 127.0.0.1. */
const probePort = async (port: number): Promise<number | undefined> =>
	await new Promise((resolve) => {
		const server = net.createServer();
		server.once('error', () => resolve(undefined));
		server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
			const free = portOf(server);
			server.close(() => resolve(free));
		});
	});

/** Where a server that listens does so. */
export function portOf(server: net.Server): number {
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port');
	return address.port;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
	const port = await probePort(0);
	if (port === undefined) throw new Error('There is no free port on 127.0.0.1');
	return port;
}

/**
 * @param taken ports that are promised to somebody already
 * @returns the preferred port, or the next free one among the following fifty, or any
 */
export async function portFrom(preferred: number, taken: ReadonlySet<number> = new Set()): Promise<number> {
	for (let port = preferred; port < preferred + 50; port++) {
		if (!taken.has(port) && (await probePort(port)) !== undefined) return port;
	}
	return await freePort();
}
