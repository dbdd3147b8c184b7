import { whenReady } from '../lib/process';
import type { Program } from '../lib/program';

/** A Redis or PostgreSQL of ours. */
export interface Store {
	port: number;
	/** For n8n. */
	environment: Record<string, string>;
	/** Of the process that runs now. */
	pid(): number;
	/** Ends it by the signal and starts it on the same port and data; `meanwhile` runs while it is away. */
	restart(signal?: NodeJS.Signals, meanwhile?: () => Promise<void>): Promise<void>;
	ended(): string | undefined;
	stop(): Promise<void>;
}

export interface StoreOptions extends Pick<Store, 'port' | 'environment'> {
	name: string;
	/** What ends it for a restart when nothing else is asked for. */
	restartSignal: NodeJS.Signals;
	start(): Promise<Program>;
	/** Whether it takes connections. */
	answers(): Promise<boolean>;
	/** Milliseconds it has for that. */
	deadline: number;
}

/**
 * Starts a server that keeps something for n8n.
 * @throws with the end of its log, when it does not take connections
 */
export async function startStore({
	name,
	port,
	environment,
	restartSignal,
	start,
	answers,
	deadline,
}: StoreOptions): Promise<Store> {
	const startReady = async (): Promise<Program> => {
		const program = await start();
		await whenReady(program, answers, { what: `${name} on port ${port}`, deadline });
		return program;
	};
	let program = await startReady();
	return {
		port,
		environment,
		pid: () => program.pid,
		async restart(signal = restartSignal, meanwhile = async () => {}) {
			await program.end(signal);
			await meanwhile();
			program = await startReady();
		},
		ended: () => program.ended(),
		stop: async () => await program.stop(),
	};
}
