import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { freshFolderBeside } from '../lib/folders';
import { readJson, writeJson } from '../lib/json';
import { withLock } from '../lib/lock';
import { cacheFolder, root, sha256 } from '../lib/paths';
import { npm } from '../lib/run';
import { contentHash, withSetUpLock } from '../setup/build';

const NAME = 'n8n-nodes-webhook-dispatch';
const KEPT = 5;
const packages = path.join(cacheFolder, 'packages');

/** Packs this clone; the archive is then in `folder`. */
async function pack(folder: string): Promise<string> {
	await npm(['pack', root, '--ignore-scripts', '--silent', '--pack-destination', folder], {
		label: 'Packing the package',
		cwd: folder,
	});
	const archive = fs.readdirSync(folder).find((name) => name.endsWith('.tgz'));
	if (archive === undefined) throw new Error('npm pack has left no archive');
	return path.join(folder, archive);
}

/**
 * This clone's package as it would be published.
 * @param folder an empty one, to take the archive
 * @returns the archive
 */
export const packThisClone = async (folder: string): Promise<string> =>
	await withSetUpLock(async () => await pack(folder));

/**
 * The steps n8n's own installer of community packages takes, from this clone instead of from a registry: `npm pack`,
 * unpack, drop what is not for run time, install the rest beside it with scripts off.
 */
async function prepare(target: string): Promise<void> {
	const parts = freshFolderBeside(target);
	try {
		await promisify(execFile)('tar', ['-xzf', await pack(parts)], { cwd: parts });
		const unpacked = path.join(parts, 'package');
		const manifest = readJson<Record<string, unknown>>(path.join(unpacked, 'package.json')) ?? {};
		for (const part of ['devDependencies', 'peerDependencies', 'optionalDependencies']) delete manifest[part];
		writeJson(path.join(unpacked, 'package.json'), manifest);
		await npm(
			[
				'install',
				'--ignore-scripts',
				'--install-strategy=shallow',
				'--package-lock=false',
				'--bin-links=false',
				'--prefer-offline',
			],
			{ label: 'Installing its run-time dependencies', done: 'Package ready for n8n', cwd: unpacked },
		);
		fs.rmSync(target, { recursive: true, force: true });
		fs.renameSync(unpacked, target);
	} finally {
		fs.rmSync(parts, { recursive: true, force: true });
	}
}

/** Every change of the sources makes another one; the newest few are enough. */
function forgetOld(): void {
	const ages = fs
		.readdirSync(packages, { withFileTypes: true })
		.filter((entry) => entry.isDirectory() && !entry.name.includes('.partial-'))
		.map((entry) => ({ name: entry.name, time: fs.statSync(path.join(packages, entry.name)).mtimeMs }))
		.sort((a, b) => b.time - a.time);
	for (const { name } of ages.slice(KEPT)) fs.rmSync(path.join(packages, name), { recursive: true, force: true });
}

/**
 * This clone's package, as built now, as n8n's installer would lay it out, with its run-time dependencies inside.
 * @returns a folder to be copied, not linked: from a link, modules would be looked for in the wrong place
 */
export async function preparePackage(): Promise<string> {
	return await withSetUpLock(async () => {
		const manifest = fs.readFileSync(path.join(root, 'package.json'));
		const target = path.join(packages, sha256(`${contentHash(['dist'])} ${sha256(manifest)}`).slice(0, 16));
		const isThere = (): boolean => fs.existsSync(path.join(target, 'package.json'));
		if (!isThere()) {
			// Clones share the cache.
			await withLock(`${target}.lock`, async () => {
				if (!isThere()) await prepare(target);
				forgetOld();
			});
		}
		return target;
	});
}

/** Where n8n has its community package. */
export const installedPackage = (userFolder: string): string =>
	path.join(userFolder, '.n8n', 'nodes', 'node_modules', NAME);

/**
 * Installs a prepared package as a community package of the n8n that uses this user folder.
 * @param options `packageFolder`: from `preparePackage`; `n8nFolder`: from `ensureN8n`
 */
export function installPackage({
	userFolder,
	packageFolder,
	n8nFolder,
}: {
	userFolder: string;
	packageFolder: string;
	n8nFolder: string;
}): void {
	const target = installedPackage(userFolder);
	const modules = path.dirname(target);
	const stamp = path.join(modules, '.webhook-dispatch.json');
	if (readJson<{ from: string }>(stamp)?.from !== packageFolder || !fs.existsSync(target)) {
		fs.rmSync(stamp, { force: true });
		fs.rmSync(target, { recursive: true, force: true });
		fs.mkdirSync(modules, { recursive: true });
		fs.cpSync(packageFolder, target, { recursive: true });
		writeJson(stamp, { from: packageFolder });
	}
	shareWorkflowModule(modules, n8nFolder);
}

/**
 * n8n resolves the peer dependency n8n-workflow from its own `node_modules` (through NODE_PATH), but only when the folders
 * above the package have none. A user folder inside this clone finds the clone's development copy there, and two copies
 * break `instanceof NodeApiError`. A link to n8n's own copy, nearer to the package, settles it.
 */
function shareWorkflowModule(modules: string, n8nFolder: string): void {
	const link = path.join(modules, 'n8n-workflow');
	const own = fs.realpathSync(path.join(n8nFolder, 'node_modules', 'n8n-workflow'));
	fs.rmSync(link, { recursive: true, force: true });
	for (let folder = path.dirname(modules); folder !== path.dirname(folder); folder = path.dirname(folder)) {
		if (
			fs.existsSync(path.join(folder, 'node_modules', 'n8n-workflow')) &&
			path.join(folder, 'node_modules') !== modules
		) {
			fs.symlinkSync(own, link, 'junction');
			return;
		}
	}
}
