import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** What went through a proxy: a tunnel, or one request in absolute form. */
export interface Passage {
	to: string;
	authorization: string | undefined;
	tunnel: boolean;
}

/**
 * An HTTP proxy: makes tunnels (RFC 9110 section 9.3.6), hands on requests in absolute form (RFC 9112 section 3.2.2), and
 * notes where to and with which authorization. `refuseTunnels` has it answer CONNECT as Squid's default rules do for every
 * port but 443.
 */
export class TestProxy {
	readonly passages: Passage[] = [];

	refuseTunnels = false;

	private readonly sockets = new Set<Socket>();

	private constructor(private readonly server: Server) {}

	static async start(host = '127.0.0.1'): Promise<TestProxy> {
		const server = createServer();
		const proxy = new TestProxy(server);
		server.on('connect', (incoming, socket: Socket, head: Buffer) => proxy.tunnel(incoming, socket, head));
		server.on('request', (incoming, response) => proxy.handOn(incoming, response));
		await new Promise<void>((resolve) => server.listen(0, host, resolve));
		return proxy;
	}

	get address(): string {
		const { address, port } = this.server.address() as AddressInfo;
		return `${address}:${port}`;
	}

	private tunnel({ url = '', headers }: IncomingMessage, socket: Socket, head: Buffer): void {
		if (this.refuseTunnels) {
			socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
			return;
		}
		this.passages.push({ to: url, authorization: headers['proxy-authorization'], tunnel: true });
		const [hostname = '', port = ''] = url.split(':');
		const onward = connect(Number(port), hostname, () => {
			socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
			onward.write(head);
			onward.pipe(socket).pipe(onward);
		});
		for (const end of [socket, onward]) {
			this.sockets.add(end);
			end.on('error', () => [socket, onward].forEach((one) => one.destroy()));
		}
	}

	private handOn(incoming: IncomingMessage, response: ServerResponse): void {
		const { 'proxy-authorization': authorization, ...headers } = incoming.headers;
		const url = new URL(incoming.url ?? '');
		this.passages.push({ to: url.host, authorization, tunnel: false });
		const onward = request(url, { method: incoming.method ?? 'GET', headers }, (answer) => {
			response.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(response);
		});
		onward.on('error', () => response.destroy());
		incoming.pipe(onward);
	}

	async close(): Promise<void> {
		const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
		for (const socket of this.sockets) socket.destroy();
		this.server.closeAllConnections();
		await closed;
	}
}
