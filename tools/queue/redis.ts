'use strict';
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { waitFor } = require('../lib/wait');
const { quietPort } = require('./ports');
const { startProgram } = require('../lib/program');

/** @returns {Promise<boolean>} whether Redis answers there and has loaded its data */
const answers = (port) =>
	new Promise((resolve) => {
		const socket = net.connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
		const settle = (value) => {
			socket.destroy();
			resolve(value);
		};
		socket.setTimeout(2_000, () => settle(false));
		socket.once('data', (data) => settle(String(data).startsWith('+PONG')));
		socket.once('error', () => settle(false));
	});

/**
 * A Redis of our own on loopback, which keeps the queue on disk (append-only file): with Redis' defaults a restart would
 * lose the jobs since its last snapshot. Ends with this process.
 * @param {{ server: string, folder: string, port?: number }} options `server`: the program; a free port when not given
 * @returns {Promise<{ port: number, environment: Record<string, string>, pid(): number,
 *   restart(signal?: NodeJS.Signals, meanwhile?: () => Promise<void>): Promise<void>, ended(): string | undefined, stop(): Promise<void> }>}
 *   `environment` for n8n · `restart`: ended by the signal (SIGKILL when not given) and started on the same port and data; `meanwhile` runs while it is away
 */
async function startRedis({ server, folder, port }) {
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
	const start = async () => {
		const program = await startProgram(
			server,
			Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
			{
				cwd: data,
				logFile: path.join(folder, 'logs', 'redis.log'),
			},
		);
		await waitFor(() => answers(chosen), {
			what: `Redis on port ${chosen}`,
			deadline: 60_000,
			giveUp: () => program.ended() && program.log(),
		});
		return program;
	};
	let program = await start();
	return {
		port: chosen,
		environment: { QUEUE_BULL_REDIS_HOST: '127.0.0.1', QUEUE_BULL_REDIS_PORT: String(chosen) },
		pid: () => program.pid,
		async restart(signal = 'SIGKILL', meanwhile = async () => {}) {
			await program.end(signal);
			await meanwhile();
			program = await start();
		},
		ended: () => program.ended(),
		stop: () => program.stop(),
	};
}

module.exports = { startRedis };
