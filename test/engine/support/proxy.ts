import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** An HTTP proxy that makes tunnels (RFC 9110 section 9.3.6), and notes where to and with which authorization. */
export class TunnelProxy {
	readonly tunnels: Array<{ to: string; authorization: string | undefined }> = [];

	private readonly sockets = new Set<Socket>();

	private constructor(private readonly server: Server) {}

	static async start(host = '127.0.0.1'): Promise<TunnelProxy> {
		const server = createServer();
		const proxy = new TunnelProxy(server);
		server.on('connect', ({ url = '', headers }, socket: Socket, head: Buffer) => {
			proxy.tunnels.push({ to: url, authorization: headers['proxy-authorization'] });
			const [hostname = '', port = ''] = url.split(':');
			const onward = connect(Number(port), hostname, () => {
				socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
				onward.write(head);
				onward.pipe(socket).pipe(onward);
			});
			for (const end of [socket, onward]) {
				proxy.sockets.add(end);
				end.on('error', () => [socket, onward].forEach((one) => one.destroy()));
			}
		});
		await new Promise<void>((resolve) => server.listen(0, host, resolve));
		return proxy;
	}

	get address(): string {
		const { address, port } = this.server.address() as AddressInfo;
		return `${address}:${port}`;
	}

	async close(): Promise<void> {
		const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
		for (const socket of this.sockets) socket.destroy();
		this.server.closeAllConnections();
		await closed;
	}
}
