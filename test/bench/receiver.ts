import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { startChild } from '../../tools/lib/process';
import { issueCertificate } from '../support/receiver/certificates';

/** What arrived since the last reset. */
export interface Received {
	requests: number;
	bodyBytes: number;
	/** That were opened. */
	connections: number;
	/** That are open. */
	open: number;
	/** Of all, at once. */
	mostOpen: number;
}

/** The destination of the measurements. */
export interface BenchReceiver {
	/** A URL without a slash at its end. */
	http: string;
	/** The same over TLS. */
	https: string;
	certificateFile: string;
	reset(): Promise<void>;
	state(): Promise<Received>;
	stop(): Promise<void>;
}

/** @param folder for its certificate */
export async function startReceiver(folder: string): Promise<BenchReceiver> {
	const identity = issueCertificate();
	const certificateFile = path.join(folder, 'receiver.pem');
	fs.writeFileSync(certificateFile, identity.cert);
	const { ask, stop } = startChild(path.join(__dirname, 'receiver.child.ts'), { name: 'the receiver' });
	const addresses = await ask<Pick<BenchReceiver, 'http' | 'https'>>('start', identity);
	return {
		...addresses,
		certificateFile,
		reset: async () => await ask('reset'),
		state: async () => await ask<Received>('state'),
		stop: async () => await stop(2_000),
	};
}

/** What the numbers were measured on: processor, cores, memory, system. */
export function machine(): string {
	const cpus = os.cpus();
	const gigabytes = Math.round(os.totalmem() / 2 ** 30);
	return `${cpus.length} × ${cpus[0]?.model.trim() ?? 'unknown'}, ${gigabytes} GB, ${os.type()} ${os.release()}`;
}
