import type { AuthorizationServer } from '../../demo/servers/process';
import type { Instance } from './instance';
import type { BenchCredentials } from './nodes';
import type { BenchReceiver } from './receiver';

/** Connections of the node unless a row says something else: its default. */
export const CONCURRENCY = 50;

/** What a row needs to be measured. */
export interface Bench {
	instance: Instance;
	receiver: BenchReceiver;
	authorizationServer: AuthorizationServer & { tokenRequests(): Promise<number> };
	credentials: BenchCredentials;
	/** The Node that n8n runs on. */
	node: string;
	packageFolder: string;
	folder: string;
	runs: number;
	items: number;
	/** Says what is going on. */
	note(text: string): void;
}

/** One line of the table. */
export interface Row {
	id: string;
	/** What was measured, and what is beside it where that is not HTTP Request. */
	work: string;
	unit: string;
	ours: number[];
	beside: number[];
	result: string;
	target: string;
	reached: boolean;
	/** How many times as fast as HTTP Request. */
	ratio?: number;
}

/** Measures a row that has no other of its kind. */
export type Measure = (bench: Bench) => Promise<Omit<Row, 'id'>>;
