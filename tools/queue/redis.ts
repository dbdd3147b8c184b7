import fs from 'node:fs';
import path from 'node:path';
import { startProgram } from '../lib/program';
import { startStore, type Store } from './store';
import { firstBytes } from './firstBytes';
import { quietPort } from './ports';

export interface RedisOptions {
	/** The program. */
	server: string;
	/** Keeps its data and its log. */
	folder: string;
	/** A free one when not given. */
	port?: number;
}

/** Whether Redis responds there and has loaded its data. */
const answers = async (port: number): Promise<boolean> =>
	(await firstBytes(port, Buffer.from('PING\r\n')))?.toString('latin1').startsWith('+PONG') ?? false;

/**
 * A Redis of our own on loopback, which keeps the queue on disk (append-only file): with Redis' defaults a restart would
 * lose the jobs since its last snapshot. Ends with this process. A restart kills it when no signal is given.
 */
export async function startRedis({ server, folder, port }: RedisOptions): Promise<Store> {
	const chosen = port ?? (await quietPort());
	const data = path.join(folder, 'redis');
	fs.mkdirSync(data, { recursive: true });
	const options = {
		port: chosen,
		bind: '127.0.0.1',
		dir: data,
		appendonly: 'yes',
		appendfsync: 'everysec',
		save: '',
		'maxmemory-policy': 'noeviction',
		daemonize: 'no',
	};
	const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
	return await startStore({
		name: 'Redis',
		port: chosen,
		environment: { QUEUE_BULL_REDIS_HOST: '127.0.0.1', QUEUE_BULL_REDIS_PORT: String(chosen) },
		restartSignal: 'SIGKILL',
		start: async () => await startProgram(server, args, { cwd: data, logFile: path.join(folder, 'logs', 'redis.log') }),
		answers: async () => await answers(chosen),
		deadline: 60_000,
	});
}
