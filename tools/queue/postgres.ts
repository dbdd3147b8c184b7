import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { readJson, writeJson } from '../lib/json';
import { stderrOf } from '../lib/stderrOf';
import { startProgram } from '../lib/program';
import { firstBytes } from './firstBytes';
import { quietPort } from './ports';
import { startStore, type Store } from './store';

/** Whom a program runs as. */
interface User {
	uid: number;
	gid: number;
}

export interface PostgresOptions {
	/** The programs. */
	server: string;
	initdb: string;
	/** Keeps its password and its log, and its data where that can be. */
	folder: string;
	/** A free one when not given. */
	port?: number;
}

/** PostgreSQL refuses to run as root: then it is this user, made by Debian's package, or nobody. */
const USERS = ['postgres', 'nobody'];

/** For root alone: who PostgreSQL is to be. */
function unprivilegedUser(): User | undefined {
	if (process.getuid?.() !== 0) return undefined;
	const lines = fs
		.readFileSync('/etc/passwd', 'utf8')
		.split('\n')
		.map((line) => line.split(':'));
	const entry = USERS.map((user) => lines.find(([name]) => name === user)).find(Boolean);
	if (!entry)
		throw new Error('PostgreSQL does not run as root, and there is no user "postgres" or "nobody" here to run it as.');
	return { uid: Number(entry[2]), gid: Number(entry[3]) };
}

/** Whether anybody may walk down to this folder: a home folder of root's, say, is closed. */
function isReachable(folder: string): boolean {
	for (let place = folder; place !== path.dirname(place); place = path.dirname(place)) {
		const stat = fs.statSync(place, { throwIfNoEntry: false });
		if (stat && (stat.mode & 0o001) === 0) return false;
	}
	return true;
}

/** Where the database is kept: below `folder`, unless the user it runs as cannot get there. */
function dataFolderFor(folder: string, user: User | undefined): string {
	if (!user || isReachable(path.dirname(folder))) return path.join(folder, 'postgres');
	const name = crypto.createHash('sha256').update(folder).digest('hex').slice(0, 12);
	return path.join('/var/tmp', `webhook-dispatch-postgres-${name}`);
}

/** A start-up message (PostgreSQL's protocol 3.0) for the user and database that exist; the password is not reached. */
const HELLO = (() => {
	const body = Buffer.from('\0\x03\0\0user\0n8n\0database\0postgres\0\0', 'latin1');
	const length = Buffer.alloc(4);
	length.writeInt32BE(body.length + 4);
	return Buffer.concat([length, body]);
})();

/** Whether it takes connections: it then asks for the password ("R"); while it starts or recovers it says "E". */
const answers = async (port: number): Promise<boolean> =>
	(await firstBytes(port, HELLO))?.toString('latin1').startsWith('R') ?? false;

/** Makes an empty database cluster. @returns its password */
function initialize({
	initdb,
	data,
	user,
	secretFile,
}: {
	initdb: string;
	data: string;
	user: User | undefined;
	secretFile: string;
}): string {
	const password = crypto.randomBytes(18).toString('base64url');
	const passwordFile = `${data}.password`;
	fs.mkdirSync(data, { recursive: true, mode: 0o700 });
	fs.writeFileSync(passwordFile, password, { mode: 0o600 });
	if (user) for (const place of [data, passwordFile]) fs.chownSync(place, user.uid, user.gid);
	try {
		execFileSync(
			initdb,
			['-D', data, '-U', 'n8n', '-E', 'UTF8', '--locale=C', '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
			{
				cwd: data,
				stdio: ['ignore', 'ignore', 'pipe'],
				...user,
			},
		);
	} catch (cause) {
		fs.rmSync(data, { recursive: true, force: true });
		throw new Error(`PostgreSQL's initdb did not work: ${stderrOf(cause).trim().slice(-500)}`, { cause });
	} finally {
		fs.rmSync(passwordFile, { force: true });
	}
	writeJson(secretFile, { password }, { mode: 0o600 });
	return password;
}

/**
 * A PostgreSQL of our own on loopback, by password, without a Unix socket. Ends with this process. For a restart, SIGINT
 * ends connections and then itself ("fast"); SIGQUIT, when no signal is given, leaves everything as it is ("immediate": the
 * next start recovers from the log as after a crash).
 */
export async function startPostgres({ server, initdb, folder, port }: PostgresOptions): Promise<Store> {
	const chosen = port ?? (await quietPort());
	const user = unprivilegedUser();
	const data = dataFolderFor(folder, user);
	const secretFile = path.join(folder, 'postgres.json');
	const known = fs.existsSync(path.join(data, 'PG_VERSION'))
		? readJson<{ password: string }>(secretFile)?.password
		: undefined;
	if (!known) fs.rmSync(data, { recursive: true, force: true });
	const password = known ?? initialize({ initdb, data, user, secretFile });
	const settings = { listen_addresses: '127.0.0.1', port: chosen, unix_socket_directories: '', max_connections: 200 };
	const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
	return await startStore({
		name: 'PostgreSQL',
		port: chosen,
		environment: {
			DB_POSTGRESDB_HOST: '127.0.0.1',
			DB_POSTGRESDB_PORT: String(chosen),
			DB_POSTGRESDB_DATABASE: 'postgres',
			DB_POSTGRESDB_USER: 'n8n',
			DB_POSTGRESDB_PASSWORD: password,
		},
		restartSignal: 'SIGQUIT',
		start: async () =>
			await startProgram(server, args, {
				cwd: data,
				logFile: path.join(folder, 'logs', 'postgres.log'),
				user,
				stopSignal: 'SIGINT',
			}),
		answers: async () => await answers(chosen),
		deadline: 90_000,
	});
}
