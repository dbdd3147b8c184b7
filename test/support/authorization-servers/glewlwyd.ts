'use strict';
const { execFileSync } = require('node:child_process');
const { generateKeyPairSync } = require('node:crypto');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { spawnServer } = require('./childServer');
const { TOKEN_PATH, ...config } = require('./glewlwyd.config');
const { startTokenFront } = require('./tokenFront');
const { withFront } = require('./withFront');

const SCHEMA = '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3';
/** What the package's own schema creates, for a database on loopback in a temporary folder. */
const ADMINISTRATOR = { username: 'admin', password: 'password' };

/** glewlwyd cannot be told to choose a port itself. */
const freePort = () =>
	new Promise((resolve, reject) => {
		const server = net.createServer().once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});

function createSigningKey() {
	const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
	return { ...privateKey.export({ format: 'jwk' }), alg: 'RS256', kid: 'server-key' };
}

/** On a loaded machine it says that it has started a moment before it takes connections. */
async function whenListening(ask, deadline = Date.now() + 10_000) {
	for (;;) {
		try {
			return await ask();
		} catch (cause) {
			if (Date.now() > deadline) throw cause;
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	}
}

/** Logs in to the administration API. @returns {(path: string, body: object) => Promise<void>} posts one object to it */
async function administration(origin) {
	const post = (where, body, headers = {}) =>
		fetch(`${origin}/api/${where}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', ...headers },
			body: JSON.stringify(body),
		});
	const login = await whenListening(() => post('auth', ADMINISTRATOR));
	const cookie = login.headers
		.getSetCookie()
		.map((one) => one.split(';')[0])
		.join('; ');
	return async (where, body) => {
		const answer = await post(where, body, { cookie });
		if (!answer.ok) throw new Error(`glewlwyd refused ${where} (${answer.status}): ${await answer.text()}`);
	};
}

/**
 * glewlwyd 2.7 from Debian: password, refresh and client credentials grants, Basic or body, private_key_jwt.
 *
 * Its ways: raw Basic (nothing decoded, so no colon in an ID), UTF-8; a scope with every request but a refresh; every
 * refusal of a client, password or scope is a 403 with an empty body, that of a refresh token a 400 with an empty body.
 * Assertions need a `kid`, `aud` exactly the token URL (as text, not in an array), a `jti` once only, an `exp` within the
 * hour, and neither `cty` nor `crit`. With `oneUseRefreshTokens` a used refresh token that comes again ends its chain.
 *
 * @param {import('./index').GlewlwydOptions} [options]
 * @returns {Promise<import('./index').GlewlwydServer>}
 */
async function startGlewlwyd({
	clients = [],
	users = [],
	scopes = ['read', 'write'],
	accessTokenLifetime = 3600,
	refreshTokenLifetime = 86_400,
	oneUseRefreshTokens = true,
} = {}) {
	if (!fs.existsSync(SCHEMA))
		throw new Error('glewlwyd is not installed: run test/support/authorization-servers/install-debian.sh as root');
	const front = await startTokenFront(TOKEN_PATH);
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'glewlwyd-'));
	const removeFolder = () => fs.rmSync(folder, { recursive: true, force: true });
	return withFront(front, async () => {
		const databaseFile = path.join(folder, 'glewlwyd.db');
		const configFile = path.join(folder, 'glewlwyd.conf');
		const port = await freePort();
		let child;
		try {
			execFileSync('sqlite3', ['-bail', databaseFile], {
				input: `PRAGMA journal_mode=WAL; BEGIN;\n${fs.readFileSync(SCHEMA, 'utf8')}\nCOMMIT;`,
			});
			fs.writeFileSync(configFile, config.configurationFile({ port, externalUrl: front.origin, databaseFile }));
			child = await spawnServer('glewlwyd', ['glewlwyd', '--config-file', configFile], {
				cwd: folder,
				ready: (output) => output.includes('Glewlwyd started on port') || undefined,
			});
			const create = await administration(`http://127.0.0.1:${port}`);
			for (const name of scopes) await create('scope', config.scope(name));
			for (const user of users) await create('user', config.user(user, scopes));
			for (const client of clients) await create('client', config.client(client, scopes));
			await create(
				'mod/plugin',
				config.plugin({
					externalUrl: front.origin,
					signingKey: createSigningKey(),
					accessTokenLifetime,
					refreshTokenLifetime,
					oneUseRefreshTokens,
				}),
			);
		} catch (cause) {
			await child?.stop();
			removeFolder();
			throw cause;
		}
		front.passTo(port);
		return {
			stop: async () => {
				await child.stop();
				removeFolder();
			},
			extra: { pid: child.pid, issuer: front.origin, output: child.output },
		};
	});
}

module.exports = { startGlewlwyd };
