import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Variables } from '../../../tools/n8n/environment';
import { preparePackage } from '../../../tools/n8n/package';
import { startN8n, type RunningN8n } from '../../../tools/n8n/process';
import type { Workflow, WorkflowNode } from '../../../tools/n8n/rest/workflows';
import { Receiver } from '../receiver';
import type { ReceiverOptions } from '../receiver/receiver';

const workflows = join(__dirname, '../../../workflows');

/** A real n8n with this package, in a separate folder, which can be stopped and started again. */
export class Instance {
	readonly folder = mkdtempSync(join(tmpdir(), 'webhook-dispatch-e2e-'));

	private running: RunningN8n | undefined;

	private port: number | undefined;

	/** @param env n8n's variables, over the quiet defaults */
	constructor(private readonly env: Variables = {}) {}

	get n8n(): RunningN8n {
		if (!this.running) throw new Error('n8n does not run');
		return this.running;
	}

	get client() {
		return this.n8n.client;
	}

	/** The first start takes a new port, every other one the same. */
	async start(): Promise<void> {
		const { env, port } = this;
		this.running = await startN8n({
			userFolder: join(this.folder, 'n8n'),
			packageFolder: await preparePackage(),
			env,
			port,
		});
		this.port = Number(new URL(this.running.url).port);
	}

	/** As by a power cut: nothing is written down any more, nothing waited for. */
	async kill(): Promise<void> {
		process.kill(this.n8n.pid, 'SIGKILL');
		await this.n8n.closed;
		await this.n8n.stop();
	}

	/** Ends n8n and takes its folder away. */
	async end(): Promise<void> {
		await this.running?.stop();
		rmSync(this.folder, { recursive: true, force: true });
	}
}

/**
 * An instance and a receiver for the tests of a file: there before the first of them, gone after the last.
 * @param started gets the receiver
 */
export function startForTests(
	instance: Instance,
	started: (receiver: Receiver) => void,
	options?: ReceiverOptions,
): void {
	let receiver: Receiver | undefined;
	beforeAll(async () => {
		receiver = await Receiver.start(options);
		started(receiver);
		await instance.start();
	}, 600_000);
	afterAll(async () => {
		await instance.end();
		await receiver?.close();
	}, 60_000);
}

/**
 * A file of `workflows/` with other settings in some of its nodes.
 * @param changes by the node's name, what it becomes
 */
export function workflowFile(
	file: string,
	changes: Record<string, (node: WorkflowNode) => Partial<WorkflowNode>> = {},
): Workflow {
	const workflow = JSON.parse(readFileSync(join(workflows, file), 'utf8')) as Workflow;
	for (const name of Object.keys(changes)) {
		if (!workflow.nodes.some((node) => node.name === name)) throw new Error(`${file} has no node ${name}`);
	}
	return { ...workflow, nodes: workflow.nodes.map((node) => ({ ...node, ...changes[node.name]?.(node) })) };
}

/** A change for `workflowFile`: some parameters become others. */
export const parameters =
	(some: WorkflowNode['parameters']) =>
	(node: WorkflowNode): Partial<WorkflowNode> => ({ parameters: { ...node.parameters, ...some } });
