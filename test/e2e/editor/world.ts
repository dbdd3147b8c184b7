import { join } from 'node:path';

import { startEditor, type Editor } from '../../../tools/browser/editor';
import type { RestClient } from '../../../tools/n8n/restClient';
import {
	startOAuth2Server,
	startOidcProvider,
	type OAuth2TestServer,
	type OidcProviderServer,
} from '../../support/authorization-servers';
import { newKey } from '../../support/authorization-servers/tokenClient';
import { Instance } from '../../support/n8n/instance';
import { Receiver } from '../../support/receiver';
import { CANARY } from './hostileValues';

/** `EDITOR_THEME=dark` for screenshots of the dark theme. */
const dark = process.env.EDITOR_THEME === 'dark';
/** Where the screenshots of the last run are (not in git). */
const artefacts = join(__dirname, '../../../artefacts', dark ? 'editor-dark' : 'editor');

/** A real n8n, its editor in a real browser, and what a user's workflow talks to. */
export interface World {
	client: RestClient;
	editor: Editor;
	receiver: Receiver;
	oidc: OidcProviderServer;
	passwords: OAuth2TestServer;
	/** Of the client `with-key` at `oidc`. */
	key: Awaited<ReturnType<typeof newKey>>;
	close(): Promise<void>;
}

/** Starts all of it; `close` ends it, also when only a part has come up. */
export async function startWorld(): Promise<World> {
	const instance = new Instance(CANARY);
	const ends: Array<() => Promise<unknown>> = [async () => await instance.end()];
	const close = async () => {
		await Promise.allSettled(
			ends
				.splice(0)
				.reverse()
				.map(async (end) => await end()),
		);
	};
	try {
		await instance.start();
		const { client } = instance;
		const receiver = await Receiver.start();
		ends.push(async () => await receiver.close());
		const key = await newKey('RS256');
		const oidc = await startOidcProvider({
			clients: [
				{ client_id: 'with-secret', client_secret: 'the secret of a client' },
				{ client_id: 'with-key', token_endpoint_auth_method: 'private_key_jwt', jwks: key.jwks },
			],
		});
		ends.push(async () => await oidc.stop());
		const passwords = await startOAuth2Server({
			clients: [{ id: 'app', secret: 'app-secret' }],
			users: [{ username: 'ada', password: 'lovelace' }],
		});
		ends.push(async () => await passwords.stop());
		const { editor, close: closeEditor } = await startEditor({
			url: instance.n8n.url,
			headers: client.headers(),
			folder: artefacts,
			dark,
		});
		ends.push(closeEditor);
		return { client, editor, receiver, oidc, passwords, key, close };
	} catch (error) {
		await close();
		throw error;
	}
}
