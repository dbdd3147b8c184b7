import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** When a destination ends its connections: after a quiet time, at the second request without a response, after each response. */
export type Stale = { kind: 'idle'; idleMs: number } | { kind: 'second' } | { kind: 'after' };

/** What such a destination has read. */
export interface StaleAccount {
	connections: number;
	requests: Array<{ key: string; acknowledged: boolean }>;
}

/** A destination that keeps connections and ends them without saying so, on a separate thread. */
export class StaleServer {
	private constructor(
		private readonly worker: Worker,
		/** The address it listens on, without a path. */
		readonly origin: string,
	) {}

	static async start(workerData: Stale): Promise<StaleServer> {
		const hook = join(__dirname, '../../../tools/typescript.js');
		const script = join(__dirname, 'staleServer.worker.ts');
		const worker = new Worker(script, { workerData, execArgv: ['--require', hook] });
		const [port] = (await once(worker, 'message')) as [number];
		return new StaleServer(worker, `http://127.0.0.1:${port}`);
	}

	/** What it has read so far; a key is a path. */
	async account(): Promise<StaleAccount> {
		const answered = once(this.worker, 'message');
		this.worker.postMessage('account');
		const [account] = (await answered) as [StaleAccount];
		return account;
	}

	async close(): Promise<void> {
		await this.worker.terminate();
	}
}
