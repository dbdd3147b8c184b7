import { createServer, type AddressInfo } from 'node:net';

/** An address on which no one listens: a port that was free a moment ago. */
export async function refusingUrl(path = '/'): Promise<string> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise<void>((resolve) => server.close(() => resolve()));
	return `http://127.0.0.1:${port}${path}`;
}
