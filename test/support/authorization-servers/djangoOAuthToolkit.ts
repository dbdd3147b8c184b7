'use strict';
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawnServer } = require('./childServer');
const { startTokenFront } = require('./tokenFront');
const { withFront } = require('./withFront');

/** Debian's Python, which is the one that has Debian's packages. */
const PYTHON = '/usr/bin/python3';
const PACKAGE = '/usr/lib/python3/dist-packages/oauth2_provider';

/**
 * django-oauth-toolkit 1.7 from Debian: password and refresh, or client credentials (an application has one grant).
 *
 * Its ways: form-encoded Basic (RFC 6749 section 2.3.1), or ID and secret in a form body; UTF-8 everywhere. With
 * `oneUseRefreshTokens` a used refresh token is refused when it comes again, but its chain lives on.
 *
 * @param {import('./index').DjangoOAuthToolkitOptions} [options]
 * @returns {Promise<import('./index').DjangoOAuthToolkitServer>}
 */
async function startDjangoOAuthToolkit({
	clients = [],
	users = [],
	scopes = ['read', 'write'],
	accessTokenLifetime = 3600,
	refreshTokenLifetime = 86_400,
	oneUseRefreshTokens = true,
} = {}) {
	if (!fs.existsSync(PACKAGE))
		throw new Error(
			'django-oauth-toolkit is not installed: run test/support/authorization-servers/install-debian.sh as root',
		);
	const front = await startTokenFront('/o/token/');
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'django-oauth-toolkit-'));
	const removeFolder = () => fs.rmSync(folder, { recursive: true, force: true });
	return withFront(front, async () => {
		const options = { clients, users, scopes, accessTokenLifetime, refreshTokenLifetime, oneUseRefreshTokens };
		let child;
		try {
			child = await spawnServer('django-oauth-toolkit', [PYTHON, '-u', path.join(__dirname, 'django', 'serve.py')], {
				cwd: folder,
				env: { PYTHONDONTWRITEBYTECODE: '1' },
				input: `${JSON.stringify(options)}\n`,
				ready: (output) => /^ready (\{.*\})$/m.exec(output)?.[1],
			});
		} catch (cause) {
			removeFolder();
			throw cause;
		}
		front.passTo(JSON.parse(child.ready).port);
		return {
			stop: async () => {
				await child.stop();
				removeFolder();
			},
			extra: { pid: child.pid, resourceUrl: `${front.origin}/resource/`, output: child.output },
		};
	});
}

module.exports = { startDjangoOAuthToolkit };
