import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { say } from '../lib/progress';
import { stderrOf } from '../lib/stderrOf';

/** Paths. */
export interface Programs {
	redis: { server: string };
	postgres: { server: string; initdb: string };
}

/** Debian keeps PostgreSQL's programs by version, outside PATH; Homebrew and others put them on PATH. */
const POSTGRES_FOLDER = '/usr/lib/postgresql';

/** The path of a program in one of these folders. */
const lookIn = (name: string, folders: string[]): string | undefined =>
	folders.map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file));

const onPath = (): string[] => (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);

/** The newest first. */
function postgresFolders(): string[] {
	if (!fs.existsSync(POSTGRES_FOLDER)) return [];
	const versions = fs.readdirSync(POSTGRES_FOLDER).sort((a, b) => Number(b) - Number(a));
	return versions.map((version) => path.join(POSTGRES_FOLDER, version, 'bin'));
}

/** What is needed of each, the Debian package that has it, and where to look. */
const NEEDED: { [Name in keyof Programs]: { debianPackage: string; find(): Programs[Name] | undefined } } = {
	redis: {
		debianPackage: 'redis-server',
		find: () => {
			const server = lookIn('redis-server', [...onPath(), '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']);
			return server === undefined ? undefined : { server };
		},
	},
	postgres: {
		debianPackage: 'postgresql',
		find: () => {
			const folders = [...postgresFolders(), ...onPath(), '/opt/homebrew/bin'];
			const server = lookIn('postgres', folders);
			const initdb = lookIn('initdb', folders);
			return server === undefined || initdb === undefined ? undefined : { server, initdb };
		},
	},
};

const POLICY = '/usr/sbin/policy-rc.d';

/**
 * Installs Debian packages without letting their services start (Debian policy 9.3.3.2: `policy-rc.d`), nor later on:
 * only our own instances are to run.
 */
function installQuietly(packages: string[]): void {
	const run = (command: string, args: string[]): Buffer =>
		execFileSync(command, args, {
			stdio: ['ignore', 'ignore', 'pipe'],
			env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
		});
	const ours = !fs.existsSync(POLICY);
	if (ours) fs.writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
	try {
		const install = (): Buffer => run('apt-get', ['install', '-y', '--no-install-recommends', ...packages]);
		try {
			install();
		} catch {
			// An image without package lists.
			run('apt-get', ['update']);
			install();
		}
		// Where systemd rules, a service that was not started now would be started at the next boot.
		if (fs.existsSync('/run/systemd/system')) run('systemctl', ['disable', ...packages]);
	} finally {
		if (ours) fs.rmSync(POLICY, { force: true });
	}
}

/** What a user without root can do. */
const advice = (packages: string[]): string =>
	`This needs ${packages.join(' and ')}. Install ${packages.length > 1 ? 'them' : 'it'} once, as root:\n` +
	`  apt-get install ${packages.join(' ')}\n` +
	'Their services need not run. Or use servers you have: QUEUE_BULL_REDIS_HOST and DB_POSTGRESDB_HOST (docs/queue-mode.md).';

/**
 * Redis' and PostgreSQL's programs, from what is installed, or from Debian when this runs as root there.
 * @throws which says what to install, when something is missing and cannot be installed from here
 */
export function ensurePrograms<Name extends keyof Programs>(names: Name[]): Pick<Programs, Name> {
	const missing = names.filter((name) => !NEEDED[name].find()).map((name) => NEEDED[name].debianPackage);
	if (missing.length > 0) {
		if (process.getuid?.() !== 0 || !lookIn('apt-get', ['/usr/bin'])) throw new Error(advice(missing));
		say(`  … Installing ${missing.join(' and ')} (apt-get); their services are not started`);
		try {
			installQuietly(missing);
		} catch (cause) {
			throw new Error(`${advice(missing)}\napt-get said: ${stderrOf(cause).trim().slice(-500)}`, { cause });
		}
	}
	const found: Partial<Programs> = {};
	for (const name of names) found[name] = NEEDED[name].find();
	return found as Pick<Programs, Name>;
}
