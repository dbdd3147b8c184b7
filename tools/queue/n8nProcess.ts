import fs from 'node:fs';
import path from 'node:path';
import { endOf, startChild, type Child } from '../lib/process';
import { waitFor } from '../lib/wait';
import { n8nEnvironment, type Variables } from '../n8n/environment';
import type { InstalledN8n } from '../n8n/install';
import { installPackage } from '../n8n/package';
import { quietPort } from './ports';

/** Three or four of them start together, on two cores that others may use. */
const READY_WITHIN = 300_000;

/** How often it may end before it is ready: one whose database is just coming up, say. */
const STARTS = 2;

/** The commands of n8n. */
const COMMANDS = { main: 'start', webhook: 'webhook', worker: 'worker' };

/** One of n8n's processes. */
export interface QueueProcess {
	kind: keyof typeof COMMANDS;
	name: string;
	url: string;
	port: number;
	/** Of the process that runs now. */
	pid(): number;
	/** How often it was started. */
	starts(): number;
	start(): Child;
	/** Database and Redis reached, migrations done. One that ends and is started again gets its time, too. */
	ready(): Promise<void>;
	/** Everything it has printed, earlier runs first. */
	log(): string;
	ended(): string | undefined;
	/** As an out-of-memory killer or a lost machine would: no chance to do anything. Its task runner goes too. */
	kill(): Promise<void>;
	/** An orderly end: a worker finishes what it is doing, for at most `N8N_GRACEFUL_SHUTDOWN_TIMEOUT`. */
	stop(patience?: number): Promise<void>;
}

export interface QueueProcessOptions {
	kind: QueueProcess['kind'];
	/** Of its folder and log. */
	name: string;
	n8n: InstalledN8n;
	/** Where its user folder goes. */
	folder: string;
	/** From `preparePackage`. */
	packageFolder: string;
	/** What all processes share. */
	env: Variables;
	/** A free one when not given. */
	port?: number;
	/** Jobs at a time, of a worker. */
	concurrency?: number;
}

/** One process of an n8n in queue mode, with its own user folder as in a container; it is not started yet. */
export async function createQueueProcess({
	kind,
	name,
	n8n,
	folder,
	packageFolder,
	env,
	port,
	concurrency,
}: QueueProcessOptions): Promise<QueueProcess> {
	const userFolder = path.join(folder, name);
	const chosen = port ?? (await quietPort());
	const url = `http://127.0.0.1:${chosen}`;
	fs.mkdirSync(userFolder, { recursive: true });
	installPackage({ userFolder, packageFolder, n8nFolder: n8n.folder });
	const whole = await n8nEnvironment({
		port: chosen,
		userFolder,
		env: {
			QUEUE_HEALTH_CHECK_ACTIVE: 'true',
			QUEUE_HEALTH_CHECK_PORT: String(chosen),
			N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
			N8N_RUNNERS_BROKER_PORT: String(await quietPort()),
			...env,
		},
	});
	let child: Child | undefined;
	let starts = 0;
	const earlierLogs: string[] = [];
	const running = (): Child => {
		if (!child) throw new Error(`${name} was not started`);
		return child;
	};

	return {
		kind,
		name,
		url,
		port: chosen,
		pid: () => running().pid,
		starts: () => starts,
		start() {
			starts += 1;
			if (child) earlierLogs.push(child.log());
			child = startChild(n8n.command, {
				name,
				node: n8n.node,
				args: [COMMANDS[kind], ...(concurrency === undefined ? [] : [`--concurrency=${concurrency}`])],
				cwd: userFolder,
				env: whole,
				logFile: path.join(folder, 'logs', `${name}.log`),
			});
			return child;
		},
		async ready() {
			const before = starts;
			await waitFor(async () => (await fetch(`${url}/healthz/readiness`)).ok, {
				what: `n8n's ${name} at ${url}`,
				deadline: READY_WITHIN,
				giveUp: () => {
					const end = running().ended();
					return end && starts - before >= STARTS ? `${end}\n${endOf(running().log())}` : undefined;
				},
			});
		},
		log: () => [...earlierLogs, running().log()].join(''),
		ended: () => child?.ended(),
		kill: async () => await running().kill(),
		stop: async (patience = 40_000) => await child?.stop(patience),
	};
}
