import fs from 'node:fs';
import path from 'node:path';

import { readJson } from '../../tools/lib/json';
import { waitFor } from '../../tools/lib/wait';

/**
 * @param folder for the responses
 * @returns variables of a process that is to be asked
 */
export function liveMemoryEnvironment(folder: string): Record<string, string> {
	fs.mkdirSync(folder, { recursive: true });
	return { NODE_OPTIONS: `--require ${path.join(__dirname, 'liveMemory.preload.js')}`, LIVE_MEMORY_FOLDER: folder };
}

/**
 * What a process really holds on to: heap and buffers after a full collection of garbage.
 * @param folder as given to `liveMemoryEnvironment`
 * @returns MB; nothing when it does not respond
 */
export async function liveMemory(folder: string, pid: number): Promise<number | undefined> {
	const file = path.join(folder, `${pid}.json`);
	fs.rmSync(file, { force: true });
	try {
		process.kill(pid, 'SIGUSR2');
		const { bytes } = await waitFor(() => readJson<{ bytes: number }>(file), {
			what: 'live memory',
			every: 50,
			deadline: 20_000,
		});
		return bytes / 1024 / 1024;
	} catch {
		return undefined;
	}
}
