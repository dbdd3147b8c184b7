import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A folder that PostgreSQL's own user can get into; `forget` removes it. */
export function temporaryFolder(name: string): { folder: string; forget(): void } {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), `webhook-dispatch-${name}-`));
	fs.chmodSync(folder, 0o711);
	return { folder, forget: () => fs.rmSync(folder, { recursive: true, force: true }) };
}
