import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import type { JSONWebKeySet } from 'jose';

import { startProgram } from '../../../tools/lib/program';
import { whenReady } from '../../../tools/lib/process';
import { PATIENCE } from './childServer';
import { startTokenFront } from './tokenFront';
import { withFront, type AuthorizationServer } from './withFront';

/** Debian's Python, which is the one that has Debian's packages. */
const PYTHON = '/usr/bin/python3';
const PACKAGES = ['authlib', 'flask'].map((name) => `/usr/lib/python3/dist-packages/${name}`);

interface AuthlibClient {
	/** The issuer of its JWTs. */
	id: string;
	/** Its public keys, each with a `kid`. */
	jwks: { keys: object[] } | JSONWebKeySet;
	scopes: string[];
	/** Those who have given it permission. */
	users: string[];
	/** With one, it has to authenticate beside its JWT. */
	secret?: string;
}

interface AuthlibOptions {
	clients: AuthlibClient[];
	users: string[];
	scopes: string[];
}

export interface AuthlibServer extends AuthorizationServer {
	/** 200 and `{ client, user, scope }` with a live token as Bearer, 401 without. */
	resourceUrl: string;
}

/**
 * Authlib 1.2 from Debian (packages `python3-authlib` and `python3-flask`, see ./install-debian.sh): the JWT as
 * authorization grant (RFC 7523 section 2.1).
 *
 * Its ways: `aud` is exactly its token URL; `kid` is needed; the scope is a parameter of the request, and one that the
 * client may not have is left out; without `sub` the token is the client's.
 */
export async function startAuthlib(options: AuthlibOptions): Promise<AuthlibServer> {
	if (!PACKAGES.every((folder) => fs.existsSync(folder)))
		throw new Error(
			'Authlib or Flask is not installed: run test/support/authorization-servers/install-debian.sh as root',
		);
	const front = await startTokenFront('/token');
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'authlib-'));
	const removeFolder = () => fs.rmSync(folder, { recursive: true, force: true });
	return await withFront(front, async () => {
		const optionsFile = path.join(folder, 'options.json');
		fs.writeFileSync(optionsFile, JSON.stringify({ ...options, audience: front.tokenUrl }));
		try {
			const serve = path.join(__dirname, 'authlib', 'serve.py');
			const program = await startProgram(PYTHON, ['-B', '-u', serve, optionsFile], { name: 'authlib', cwd: folder });
			const port = await whenReady(program, () => /^ready (\d+)$/m.exec(program.log())?.[1], { every: 50 });
			front.passTo(Number(port));
			return {
				resourceUrl: `${front.origin}/resource`,
				stop: async () => {
					await program.stop(PATIENCE);
					removeFolder();
				},
			};
		} catch (cause) {
			removeFolder();
			throw cause;
		}
	});
}
