import fs from 'node:fs';
import path from 'node:path';
import { freePort } from '../lib/ports';
import { orEnd, startChild, type Started } from '../lib/process';
import { startProgress } from '../lib/progress';
import { waitFor } from '../lib/wait';
import { n8nEnvironment, type Variables } from './environment';
import { ensureN8n } from './install';
import { signIn } from './owner';
import { installPackage } from './package';
import { createRestClient, type Login, type RestClient } from './restClient';

/** A start with a new database takes 10 s on two idle cores; a busy machine gets its time. */
const READY_WITHIN = 180_000;

/** An n8n with its owner's login. */
export interface RunningN8n extends Started, Login {
	/** Without a slash at its end. */
	url: string;
	/** Signed in. */
	client: RestClient;
}

export interface N8nOptions {
	userFolder: string;
	/** A free one when not given. */
	port?: number;
	/** Over the quiet defaults. */
	env?: Variables;
	/** From `preparePackage`; without it n8n has its own nodes only. */
	packageFolder?: string;
}

/**
 * Starts the pinned n8n on loopback, on SQLite, with the package installed as a community package, and signs in. A user
 * folder that was used before is used again: database, encryption key, owner.
 * @throws with the end of n8n's log, when it does not become ready
 */
export async function startN8n({ userFolder, port, env, packageFolder }: N8nOptions): Promise<RunningN8n> {
	const n8n = await ensureN8n();
	const chosen = port ?? (await freePort());
	fs.mkdirSync(userFolder, { recursive: true });
	if (packageFolder) installPackage({ userFolder, packageFolder, n8nFolder: n8n.folder });
	const started = startChild(n8n.command, {
		name: 'n8n',
		node: n8n.node,
		args: ['start'],
		cwd: userFolder,
		env: await n8nEnvironment({ port: chosen, userFolder, env }),
		logFile: path.join(userFolder, 'n8n.log'),
	});
	const url = `http://127.0.0.1:${chosen}`;
	const client = createRestClient(url);
	const login = await orEnd(started, async () => {
		await waitFor(async () => (await fetch(`${url}/healthz/readiness`)).ok, {
			what: `n8n at ${url}`,
			deadline: READY_WITHIN,
			giveUp: started.ended,
		});
		return await signIn(client, userFolder);
	});
	return { ...started, ...login, url, client };
}

/** The same, for a terminal: it takes a while. */
export async function startN8nWithProgress(options: N8nOptions): Promise<RunningN8n> {
	const progress = startProgress('Starting n8n');
	try {
		const n8n = await startN8n(options);
		progress.done('n8n is ready');
		return n8n;
	} catch (error) {
		progress.fail();
		throw error;
	}
}
