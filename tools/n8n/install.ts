import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { freshFolderBeside } from '../lib/folders';
import { readJson, writeJson } from '../lib/json';
import { withLock } from '../lib/lock';
import { cacheFolder } from '../lib/paths';
import { say, startProgress } from '../lib/progress';
import { npm } from '../lib/run';
import { ensureNode24 } from './node24';
import { DRIVER_VERSION, N8N_VERSION } from './versions';

/** An n8n that is here: `node command start` runs it. */
export interface InstalledN8n {
	/** Paths. */
	node: string;
	command: string;
	version: string;
	/** Has its `node_modules`. */
	folder: string;
}

const execute = promisify(execFile);
const folder = path.join(cacheFolder, `n8n-${N8N_VERSION}`);
const stampOf = (base: string): string => path.join(base, 'ready.json');
const commandOf = (base: string): string => path.join(base, 'node_modules', 'n8n', 'bin', 'n8n');

/** Written last, after a check: a folder without it is an installation that was interrupted. */
const isStamped = (base: string): boolean =>
	readJson<{ n8n: string }>(stampOf(base))?.n8n === N8N_VERSION && fs.existsSync(commandOf(base));

/** Opens and closes a database in memory: the one native part that n8n cannot do without. */
const TRY_SQLITE = 'new (require("sqlite3").Database)(":memory:", (e) => { if (e) throw e; console.log("open"); })';

/** Whether the installation in a folder really runs with this Node. */
async function works(base: string, node: string): Promise<boolean> {
	try {
		const version = await execute(node, [commandOf(base), '--version'], { timeout: 60_000 });
		const sqlite = await execute(node, ['-e', TRY_SQLITE], { cwd: base, timeout: 60_000 });
		return version.stdout.includes(N8N_VERSION) && sqlite.stdout.includes('open');
	} catch {
		return false;
	}
}

/** Takes an installation that nothing says is complete, when it is. */
async function adopt(base: string, node: string): Promise<boolean> {
	if (!fs.existsSync(commandOf(base))) return false;
	const progress = startProgress(`Checking the n8n ${N8N_VERSION} in ${base}`);
	const good = await works(base, node);
	if (good) progress.done(`n8n ${N8N_VERSION} is here`);
	else progress.fail(`The n8n in ${base} is not complete; getting it again`);
	if (good) writeJson(stampOf(base), { n8n: N8N_VERSION });
	return good;
}

/** n8n's database driver: compiled where no prebuilt one can be fetched, which takes as long as a third of the rest. */
const DRIVER = 'sqlite3';
const driverIn = (base: string): string => path.join(base, 'node_modules', DRIVER);

const PROJECT = {
	private: true,
	// Newer npm runs install scripts only where the project says so, per package.
	allowScripts: { [DRIVER]: true },
	// n8n before 2.32 takes this one from its maker's own host; later ones take the same from the registry.
	overrides: { xlsx: 'npm:@e965/xlsx@0.20.3' },
};

/**
 * Gets the driver by itself, while npm is busy with n8n's other packages.
 *
 * @param base a folder for it
 */
async function getDriver(base: string): Promise<void> {
	fs.mkdirSync(base);
	fs.writeFileSync(
		path.join(base, 'package.json'),
		JSON.stringify({ private: true, allowScripts: { [DRIVER]: true } }),
	);
	await npm(['install', `${DRIVER}@${DRIVER_VERSION}`, '--ignore-scripts=false'], { cwd: base });
}

/** Puts a driver that was got by itself where n8n looks for it, if it is the one that n8n wants. */
function useDriver(from: string, to: string): boolean {
	const versionIn = (base: string) => readJson<{ version: string }>(path.join(driverIn(base), 'package.json'))?.version;
	if (versionIn(from) === undefined || versionIn(from) !== versionIn(to)) return false;
	fs.cpSync(path.join(driverIn(from), 'build'), path.join(driverIn(to), 'build'), { recursive: true });
	return true;
}

/**
 * npm must run n8n's dependencies' install scripts for none but sqlite3: most of them fetch prebuilt binaries from hosts
 * that need not be reachable, and n8n runs without them.
 */
async function install(node: string): Promise<void> {
	const parts = freshFolderBeside(folder);
	const side = path.join(parts, 'driver');
	// What goes wrong here is found by what follows: the driver is then got in its place.
	const driver = getDriver(side).then(
		() => true,
		() => false,
	);
	try {
		fs.writeFileSync(path.join(parts, 'package.json'), JSON.stringify(PROJECT));
		await npm(['install', `n8n@${N8N_VERSION}`, '--save-exact', '--omit=dev', '--ignore-scripts', '--loglevel=http'], {
			label: `Getting n8n ${N8N_VERSION}`,
			done: `n8n ${N8N_VERSION} is here`,
			cwd: parts,
			folder: parts,
		});
		const isThere = (await driver) && useDriver(side, parts) && (await works(parts, node));
		fs.rmSync(side, { recursive: true, force: true });
		if (!isThere) {
			await npm(['rebuild', DRIVER, '--ignore-scripts=false', '--foreground-scripts'], {
				label: `Getting its database driver (${DRIVER})`,
				done: 'The database driver is here',
				cwd: parts,
			});
		}
		if (!isThere && !(await works(parts, node))) {
			throw new Error(
				`n8n ${N8N_VERSION} was installed, but its database driver (${DRIVER}) does not load. ` +
					'Where no prebuilt one can be fetched it is compiled, which takes Python 3, make and a C++ compiler.',
			);
		}
		writeJson(stampOf(parts), { n8n: N8N_VERSION });
		fs.rmSync(folder, { recursive: true, force: true });
		fs.renameSync(parts, folder);
	} finally {
		await driver;
		fs.rmSync(parts, { recursive: true, force: true });
	}
}

/**
 * The pinned n8n and its Node, from the cache or the npm registry. Safe to call from several processes at once.
 * @throws with npm's last words
 */
export async function ensureN8n(): Promise<InstalledN8n> {
	const node = await ensureNode24();
	const result = { node, command: commandOf(folder), version: N8N_VERSION, folder };
	if (isStamped(folder)) return result;
	return await withLock(
		`${folder}.lock`,
		async () => {
			if (!isStamped(folder) && !(await adopt(folder, node))) await install(node);
			return result;
		},
		(pid) => say(`  … n8n is being installed by another start (process ${pid}); waiting for it`),
	);
}
