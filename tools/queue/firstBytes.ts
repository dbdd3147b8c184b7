import net from 'node:net';

/** Milliseconds without a byte. */
const SILENCE = 2_000;

/**
 * Says hello to a server on loopback.
 * @returns the first bytes it responds, if it does
 */
export const firstBytes = async (port: number, hello: Uint8Array): Promise<Buffer | undefined> =>
	await new Promise((resolve) => {
		const socket = net.connect(port, '127.0.0.1', () => socket.write(hello));
		const settle = (bytes: Buffer | undefined): void => {
			socket.destroy();
			resolve(bytes);
		};
		socket.setTimeout(SILENCE, () => settle(undefined));
		socket.once('data', settle);
		socket.once('error', () => settle(undefined));
	});
