import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { freePort } from '../../../tools/lib/ports';
import { whenReady, type Started } from '../../../tools/lib/process';
import { startProgram } from '../../../tools/lib/program';
import { PATIENCE } from './childServer';
import * as config from './glewlwyd.config';
import { settingsOf, type Settings } from './settings';
import { startTokenFront } from './tokenFront';
import { withFront, type AuthorizationServer } from './withFront';

const SCHEMA = '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3';
/** What the package's own schema creates, for a database on loopback in a temporary folder. */
const ADMINISTRATOR = { username: 'admin', password: 'password' };

export interface GlewlwydServer extends AuthorizationServer {
	issuer: string;
}

function createSigningKey() {
	const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
	return { ...privateKey.export({ format: 'jwk' }), alg: 'RS256', kid: 'server-key' };
}

/** Logs in to the administration API. @returns posts one object to it */
async function administration(server: Started, origin: string) {
	const post = async (where: string, body: object, headers: Record<string, string> = {}) =>
		await fetch(`${origin}/api/${where}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', ...headers },
			body: JSON.stringify(body),
		});
	const login = await whenReady(server, async () => await post('auth', ADMINISTRATOR), { every: 50 });
	const cookie = login.headers
		.getSetCookie()
		.map((one) => one.split(';')[0])
		.join('; ');
	return async (where: string, body: object): Promise<void> => {
		const answer = await post(where, body, { cookie });
		if (!answer.ok) throw new Error(`glewlwyd refused ${where} (${answer.status}): ${await answer.text()}`);
	};
}

/**
 * glewlwyd 2.7 from Debian (package `glewlwyd`, see ./install-debian.sh): password, refresh and client credentials grants,
 * Basic or body, private_key_jwt.
 *
 * Its ways: raw Basic (nothing decoded, so no colon in an ID), UTF-8; a scope with every request but a refresh; every
 * refusal of a client, password or scope is a 403 with an empty body, that of a refresh token a 400 with an empty body.
 * Assertions need a `kid`, `aud` exactly the token URL (as text, not in an array), a `jti` once only, an `exp` within the
 * hour, and neither `cty` nor `crit`. Every client and every user has all scopes. With `oneUseRefreshTokens` a used refresh token that comes again ends its chain.
 */
export async function startGlewlwyd(options: Partial<Settings<config.GlewlwydClient>> = {}): Promise<GlewlwydServer> {
	const { clients, users, scopes, ...tokens } = settingsOf(options);
	if (!fs.existsSync(SCHEMA))
		throw new Error('glewlwyd is not installed: run test/support/authorization-servers/install-debian.sh as root');
	const front = await startTokenFront(config.TOKEN_PATH);
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'glewlwyd-'));
	const removeFolder = () => fs.rmSync(folder, { recursive: true, force: true });
	return await withFront(front, async () => {
		const databaseFile = path.join(folder, 'glewlwyd.db');
		const configFile = path.join(folder, 'glewlwyd.conf');
		// It cannot be told to choose a port itself.
		const port = await freePort();
		let server: Started | undefined;
		const stop = async () => {
			await server?.stop(PATIENCE);
			removeFolder();
		};
		try {
			execFileSync('sqlite3', ['-bail', databaseFile], {
				input: `PRAGMA journal_mode=WAL; BEGIN;\n${fs.readFileSync(SCHEMA, 'utf8')}\nCOMMIT;`,
			});
			fs.writeFileSync(configFile, config.configurationFile({ port, externalUrl: front.origin, databaseFile }));
			server = await startProgram('glewlwyd', ['--config-file', configFile], { cwd: folder });
			const create = await administration(server, `http://127.0.0.1:${port}`);
			for (const name of scopes) await create('scope', config.scope(name));
			for (const user of users) await create('user', config.user(user, scopes));
			for (const client of clients) await create('client', config.client(client, scopes));
			await create(
				'mod/plugin',
				config.plugin({ externalUrl: front.origin, signingKey: createSigningKey(), ...tokens }),
			);
			front.passTo(port);
			return { issuer: front.origin, stop };
		} catch (cause) {
			await stop();
			throw cause;
		}
	});
}
