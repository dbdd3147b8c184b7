import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NODE = 'dist/nodes/WebhookDispatch/WebhookDispatch.node.js';
const DESCRIPTION = 'Deliver webhooks, ';

/**
 * Another version of a packed package: with its number in the manifest, and in the text that n8n shows for the node, so that
 * the code that runs can be found from the files that are there.
 * @param archive of `npm pack`
 * @param folder takes the unpacked package
 * @returns the folder to publish
 */
export function otherVersion(archive: string, version: string, folder: string): string {
	mkdirSync(folder, { recursive: true });
	execFileSync('tar', ['-xzf', archive, '-C', folder]);
	const unpacked = join(folder, 'package');
	const change = (file: string, how: (text: string) => string) => {
		const path = join(unpacked, file);
		const [before, after] = [readFileSync(path, 'utf8'), how(readFileSync(path, 'utf8'))];
		if (after === before) throw new Error(`${file} of the packed package is not as expected`);
		writeFileSync(path, after);
	};
	change('package.json', (text) => JSON.stringify({ ...(JSON.parse(text) as object), version }, null, '\t'));
	change(NODE, (text) => text.replace(DESCRIPTION, `${version}. ${DESCRIPTION}`));
	return unpacked;
}
