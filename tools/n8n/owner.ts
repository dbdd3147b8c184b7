import crypto from 'node:crypto';
import path from 'node:path';
import { readJson, writeJson } from '../lib/json';
import { waitFor } from '../lib/wait';
import type { Login, RestClient } from './restClient';

/** n8n wants eight characters, a digit and a capital. It is printed and kept: it guards a demonstration on loopback. */
const newPassword = (): string => `Dispatch-${crypto.randomBytes(6).toString('hex')}1`;

/**
 * Signs the client in as the instance's owner; on the first start of a user folder the owner is set up first.
 * @param userFolder keeps the login in `login.json`
 * @throws when the instance has another owner
 */
export async function signIn(client: RestClient, userFolder: string): Promise<Login> {
	const file = path.join(userFolder, 'login.json');
	const login = readJson<Login>(file) ?? { email: 'owner@example.com', password: newPassword() };
	// The REST routes come up a moment after the readiness check passes.
	const { userManagement } = await waitFor(() => client.settings(), { what: "n8n's settings", deadline: 60_000 });
	if (userManagement.showSetupOnFirstLoad) {
		writeJson(file, login, { mode: 0o600 });
		await client.setUpOwner({ ...login, firstName: 'Demo', lastName: 'Owner' });
	} else {
		await client.login(login);
	}
	return login;
}
