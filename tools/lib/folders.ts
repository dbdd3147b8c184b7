import fs from 'node:fs';
import path from 'node:path';

/**
 * An empty folder to install into, to be renamed to `folder` when all is well, and removes what interrupted
 * installations have left. Call it while holding the lock of `folder`.
 */
export function freshFolderBeside(folder: string): string {
	const prefix = `${path.basename(folder)}.partial-`;
	const parent = path.dirname(folder);
	fs.mkdirSync(parent, { recursive: true });
	for (const name of fs.readdirSync(parent)) {
		if (name.startsWith(prefix)) fs.rmSync(path.join(parent, name), { recursive: true, force: true });
	}
	return fs.mkdtempSync(path.join(parent, prefix));
}
