import fs from 'node:fs';
import path from 'node:path';

import { freePort } from '../../tools/lib/ports';
import { pause, waitFor } from '../../tools/lib/wait';
import { startN8n } from '../../tools/n8n/process';
import { baseNode, chain, workflowOf } from '../../tools/n8n/sketch';
import { askWebhook } from '../../tools/n8n/webhook';
import type { MeasuredNode } from './nodes';
import type { BenchReceiver, Received } from './receiver';

const MEASURED = 'Measured';
/** So long n8n is not asked whether a run has ended: responding would take time from it. */
const UNASKED_MS = 60_000;

/** One execution. */
export interface Measurement {
	/** The measured node's execution time, as n8n records it in the execution's data. */
	ms: number;
	/** That the node output. */
	items: number;
	credentialReads: number;
	received: Received;
}

/** What the probe (`probe.js`) knows. */
interface ProbeState {
	credentialReads: number;
	/** Bytes, over the life of the process. */
	peakMemory: number;
	/** How long n8n's event loop was held at most while the measured node ran. */
	heldMs: number;
	/** n8n's Node, as `process.version`. */
	node: string;
}

export interface InstanceOptions {
	folder: string;
	packageFolder: string;
	receiver: BenchReceiver;
	/** To wait before each run; without it garbage is collected instead. */
	pauseSeconds?: number | undefined;
}

export type Instance = Awaited<ReturnType<typeof startInstance>>;

/** A real n8n with the package, the reference node, and the probe inside. */
export async function startInstance({ folder, packageFolder, receiver, pauseSeconds }: InstanceOptions) {
	const probePort = await freePort();
	const n8n = await startN8n({
		userFolder: folder,
		packageFolder,
		env: {
			NODE_OPTIONS: `--require ${path.join(__dirname, 'probe.js')}`,
			BENCH_PROBE_PORT: String(probePort),
			BENCH_PACKAGE: path.join(folder, '.n8n', 'nodes', 'node_modules', 'n8n-nodes-webhook-dispatch'),
			N8N_CUSTOM_EXTENSIONS: path.join(__dirname, 'reference-node'),
			NODE_EXTRA_CA_CERTS: receiver.certificateFile,
		},
	});
	const { client } = n8n;
	const probe = async (route: string): Promise<unknown> =>
		await (await fetch(`http://127.0.0.1:${probePort}${route}`)).json();
	const state = async () => (await probe('/state')) as ProbeState;
	const known = new Map<string, { id: string; hook: string }>();

	/** Published once: a webhook starts it, as automations are started, and not the editor. */
	async function publishedWith(node: MeasuredNode) {
		const key = JSON.stringify(node);
		const before = known.get(key);
		if (before) return before;
		const hook = `bench-${known.size}`;
		const { id } = await client.workflows.create(workflowWith(hook, node));
		await client.workflows.activate(id);
		known.set(key, { id, hook });
		return { id, hook };
	}

	return {
		client,
		state,
		stop: n8n.stop,
		/** How long n8n takes to say that it is well; rejects when it does not say so. */
		async healthz(): Promise<number> {
			const start = performance.now();
			await (await fetch(`${n8n.url}/healthz`)).text();
			return performance.now() - start;
		},
		/** Takes a CPU profile of n8n over some work. @param file absolute */
		async profile(file: string, work: () => Promise<unknown>): Promise<void> {
			await probe('/profile/start');
			await work();
			await probe(`/profile/stop?file=${encodeURIComponent(file)}`);
		},
		/**
		 * Runs a node once over so many items.
		 * @param during something to do until the node has ended
		 * @throws when the execution did not succeed
		 */
		async measure(
			node: MeasuredNode,
			items: number,
			during: (ended: Promise<unknown>) => Promise<void> = async () => undefined,
		): Promise<Measurement> {
			const { id, hook } = await publishedWith(node);
			const before = new Set((await client.executions.list({ workflowId: id })).map((execution) => execution.id));
			await Promise.all([receiver.reset(), probe('/reset')]);
			// As V8 does by itself in the pause between two executions of an automation.
			await (pauseSeconds === undefined ? probe('/collect') : pause(pauseSeconds * 1000));
			const started = await askWebhook(`${n8n.url}/webhook/${hook}?items=${items}`);
			if (!started.ok) throw new Error(`The webhook ${hook} answered ${started.status}`);
			// It does not end when the node fails: then n8n is asked.
			const ended = Promise.race([probe('/ended'), pause(UNASKED_MS, undefined, { ref: false })]);
			await Promise.all([ended, during(ended)]);
			const { id: executionId } = await waitFor(
				async () =>
					(await client.executions.list({ workflowId: id })).find(
						(execution) => !before.has(execution.id) && !['new', 'running', 'waiting'].includes(execution.status),
					),
				{ what: `an execution of ${hook}`, deadline: 900_000, every: 100 },
			);
			const [received, { credentialReads }] = await Promise.all([receiver.state(), state()]);
			// n8n may close a kept connection in the moment it is used again: a question may be asked twice.
			const execution = await waitFor(() => client.executions.get(executionId), { what: `execution ${executionId}` });
			const run = execution.data.resultData.runData[MEASURED]?.[0];
			if (execution.status !== 'success' || !run) {
				throw new Error(`The execution ended as ${execution.status}: ${execution.data.resultData.error?.message}`);
			}
			return { ms: run.executionTime, items: run.data?.main[0]?.length ?? 0, credentialReads, received };
		},
	};
}

/** Works with a separate n8n that has done nothing else, and takes it away afterwards. */
export async function withInstance<T>(
	bench: Pick<InstanceOptions, 'folder' | 'packageFolder' | 'receiver'>,
	name: string,
	work: (instance: Instance) => Promise<T>,
): Promise<T> {
	const { packageFolder, receiver } = bench;
	const folder = path.join(bench.folder, name);
	const instance = await startInstance({ folder, packageFolder, receiver });
	try {
		return await work(instance);
	} finally {
		await instance.stop();
		fs.rmSync(folder, { recursive: true, force: true });
	}
}

const reference = (name: string, work: string) => ({ name, type: 'CUSTOM.benchReference', parameters: { work } });

const workflowWith = (hook: string, node: MeasuredNode) =>
	workflowOf(
		hook,
		[
			baseNode(
				'Start',
				'webhook',
				{ path: hook, httpMethod: 'GET', responseMode: 'onReceived', options: {} },
				{ typeVersion: 2, webhookId: hook },
			),
			reference('Items', 'items'),
			{ name: MEASURED, ...node },
			reference('End', 'end'),
		],
		chain('Start', 'Items', MEASURED, 'End'),
	);
