import { Worker } from 'node:worker_threads';

import { fail, ok, type Result } from '../result/result';
import { makeBcryptPbkdf } from './bcryptPbkdf';

/** What takes a passphrase a lot of work: opening an encrypted PEM key, or deriving the key of an OpenSSH one. */
export type OpeningJob =
	| { readonly kind: 'pem'; readonly pem: string; readonly passphrase: string }
	| {
			readonly kind: 'bcrypt';
			readonly passphrase: string;
			readonly salt: Uint8Array;
			readonly rounds: number;
			readonly size: number;
	  };

/** Why there are no bytes: node:crypto's code (no text of it), too slow, or the thread broke. What it means to the user depends on the job. */
export type OpeningFailure =
	{ readonly reason: 'refused'; readonly code: string } | { readonly reason: 'timeout' | 'broken' };

/** PKCS#8 DER or derived bytes. */
type OpeningResult = Result<Buffer, OpeningFailure>;

/** Longer than the most work that is let through takes on a slow machine. */
const OPENING_DEADLINE_MS = 30_000;

/** Each takes a processor for itself. */
const OPENINGS_AT_ONCE = 2;

/** Text, not a file: the same in n8n, in jest and wherever this package is bundled. */
const WORKER_SOURCE = `
const { parentPort, workerData: job } = require('node:worker_threads');
const crypto = require('node:crypto');
const open = {
	pem: () => crypto.createPrivateKey({ key: job.pem, passphrase: job.passphrase }).export({ type: 'pkcs8', format: 'der' }),
	bcrypt: () => (${makeBcryptPbkdf.toString()})(crypto.createHash)(Buffer.from(job.passphrase), job.salt, job.rounds, job.size),
};
let result;
try {
	result = { bytes: Uint8Array.from(open[job.kind]()) };
} catch (error) {
	result = { code: String(error && error.code) };
}
parentPort.postMessage(result);
`;

let running = 0;
const waiting: Array<() => void> = [];

/**
 * Does one job in a separate thread, so that n8n goes on in the meantime: with the rounds that keys are
 * encrypted under today, opening one takes from a quarter of a second to several seconds.
 *
 * The thread is referenced while it works (somebody waits for it) and ended afterwards.
 * @returns never rejects; the bytes are the caller's to clear
 */
export async function openOffThread(
	job: OpeningJob,
	{ source = WORKER_SOURCE, deadlineMs = OPENING_DEADLINE_MS }: { source?: string; deadlineMs?: number } = {},
): Promise<OpeningResult> {
	if (running >= OPENINGS_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
	else running += 1;
	try {
		return await inWorker(job, source, deadlineMs);
	} finally {
		// The place goes to the next in line, or is given up.
		const next = waiting.shift();
		if (next) next();
		else running -= 1;
	}
}

async function inWorker(job: OpeningJob, source: string, deadlineMs: number): Promise<OpeningResult> {
	let worker: Worker;
	try {
		// Nothing of this process' environment and flags (an inspector, a preloaded module) is passed on.
		worker = new Worker(source, { eval: true, workerData: job, env: {}, execArgv: [] });
	} catch {
		return fail({ reason: 'broken' });
	}
	let timer: NodeJS.Timeout | undefined;
	const result = await new Promise<OpeningResult>((resolve) => {
		timer = setTimeout(() => resolve(fail({ reason: 'timeout' })), deadlineMs);
		worker.once('message', (answer: unknown) => resolve(readAnswer(answer)));
		worker.once('messageerror', () => resolve(fail({ reason: 'broken' })));
		worker.once('error', () => resolve(fail({ reason: 'broken' })));
		worker.once('exit', () => resolve(fail({ reason: 'broken' })));
	});
	clearTimeout(timer);
	// What is in native code cannot be ended before it is through; nobody waits for that.
	worker.unref();
	void worker.terminate();
	return result;
}

function readAnswer(answer: unknown): OpeningResult {
	if (typeof answer === 'object' && answer !== null) {
		if ('bytes' in answer && ArrayBuffer.isView(answer.bytes) && answer.bytes.byteLength > 0) {
			const { buffer, byteOffset, byteLength } = answer.bytes;
			return ok(Buffer.from(buffer, byteOffset, byteLength));
		}
		if ('code' in answer && typeof answer.code === 'string') return fail({ reason: 'refused', code: answer.code });
	}
	return fail({ reason: 'broken' });
}
