import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { npmEnvironment, run } from '../../../tools/lib/run';

const readme = readFileSync(join(__dirname, '../../../README.md'), 'utf8');

/** What the README says to type, by the remark behind it. */
export type Purpose = 'install' | 'update' | 'remove';

/**
 * Types a command of the README's chapter on installation.
 * @param home where `~` is, and where one is when typing it
 * @param env besides
 */
export async function asInReadme(purpose: Purpose, home: string, env: Record<string, string>): Promise<void> {
	const [, chapter = ''] = readme.split('\n## Installation\n');
	const command = new RegExp(`^\\s*(npm .*?)\\s+# ${purpose}$`, 'm').exec(chapter.split('\n## ')[0] ?? '')?.[1];
	if (!command) throw new Error(`The README has no command with the remark "# ${purpose}" under Installation`);
	await run('sh', ['-c', command], { label: command, cwd: home, env: npmEnvironment({ ...env, HOME: home }) });
}
