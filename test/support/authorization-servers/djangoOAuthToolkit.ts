import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { startProgram } from '../../../tools/lib/program';
import { whenReady } from '../../../tools/lib/process';
import { PATIENCE } from './childServer';
import { settingsOf, type Settings } from './settings';
import { startTokenFront } from './tokenFront';
import { withFront, type AuthorizationServer } from './withFront';

/** Debian's Python, which is the one that has Debian's packages. */
const PYTHON = '/usr/bin/python3';
const PACKAGE = '/usr/lib/python3/dist-packages/oauth2_provider';

/** An application has one grant, `password` (with refresh) by default. */
interface DjangoClient {
	id: string;
	secret: string;
	grant?: 'password' | 'client_credentials';
}

export interface DjangoOAuthToolkitServer extends AuthorizationServer {
	/** 200 and `{ user }` with a live token as Bearer, 403 without. */
	resourceUrl: string;
}

/**
 * django-oauth-toolkit 1.7 from Debian (package `python3-django-oauth-toolkit`, see ./install-debian.sh): password and
 * refresh, or client credentials (an application has one grant).
 *
 * Its ways: form-encoded Basic (RFC 6749 section 2.3.1), or ID and secret in a form body; UTF-8 everywhere. With
 * `oneUseRefreshTokens` a used refresh token is refused when it comes again, but its chain lives on.
 */
export async function startDjangoOAuthToolkit(
	options: Partial<Settings<DjangoClient>> = {},
): Promise<DjangoOAuthToolkitServer> {
	if (!fs.existsSync(PACKAGE))
		throw new Error(
			'django-oauth-toolkit is not installed: run test/support/authorization-servers/install-debian.sh as root',
		);
	const front = await startTokenFront('/o/token/');
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'django-oauth-toolkit-'));
	const removeFolder = () => fs.rmSync(folder, { recursive: true, force: true });
	return await withFront(front, async () => {
		const optionsFile = path.join(folder, 'options.json');
		fs.writeFileSync(optionsFile, JSON.stringify(settingsOf(options)));
		try {
			const serve = path.join(__dirname, 'django', 'serve.py');
			const program = await startProgram(PYTHON, ['-B', '-u', serve, optionsFile], {
				name: 'django-oauth-toolkit',
				cwd: folder,
			});
			const port = await whenReady(program, () => /^ready (\d+)$/m.exec(program.log())?.[1], { every: 50 });
			front.passTo(Number(port));
			return {
				resourceUrl: `${front.origin}/resource/`,
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
