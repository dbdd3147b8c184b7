import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** What n8n's editor installs from; another registry takes a licence (`getNpmRegistry` in n8n 2.40.7). */
export const PUBLIC_REGISTRY = 'registry.npmjs.org';

/**
 * An HTTP proxy (CONNECT, RFC 9110 9.3.6) under which the public registry's name leads to a port of this machine, and every
 * other name nowhere: whoever uses it reaches nothing else.
 * @param port where TLS for that name is spoken
 */
export async function startPublicName(port: number): Promise<{ url: string; stop(): Promise<void> }> {
	const sockets = new Set<Socket>();
	const keep = (socket: Socket) => {
		sockets.add(socket);
		socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
	};
	const server = createServer((_, response) => response.writeHead(502).end());
	server.on('connection', keep);
	server.on('connect', (request, client: Socket) => {
		if (request.url !== `${PUBLIC_REGISTRY}:443`) {
			client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
			return;
		}
		const upstream = connect(port, '127.0.0.1', () => {
			client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
			upstream.pipe(client).pipe(upstream);
		});
		keep(upstream);
		upstream.on('close', () => client.destroy());
		client.on('close', () => upstream.destroy());
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		stop: async () => {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
