'use strict';
const crypto = require('node:crypto');
const path = require('node:path');
const { readJson, writeJson } = require('../lib/json');
const { waitFor } = require('../lib/wait');

/** n8n wants eight characters, a digit and a capital. It is printed and kept: it guards a demonstration on loopback. */
const newPassword = () => `Dispatch-${crypto.randomBytes(6).toString('hex')}1`;

/**
 * Signs the client in as the instance's owner; on the first start of a user folder the owner is set up first.
 * @param {ReturnType<import('./restClient').createRestClient>} client
 * @param {string} userFolder keeps the login in `login.json`
 * @returns {Promise<{ email: string, password: string }>}
 * @throws {Error} when the instance has another owner
 */
async function signIn(client, userFolder) {
	const file = path.join(userFolder, 'login.json');
	const login = readJson(file) ?? { email: 'owner@example.com', password: newPassword() };
	// The REST routes come up a moment after the readiness check passes.
	const settings = await waitFor(() => client.settings(), { what: "n8n's settings", deadline: 60_000 });
	if (settings.userManagement.showSetupOnFirstLoad) {
		writeJson(file, login, { mode: 0o600 });
		await client.setUpOwner({ ...login, firstName: 'Demo', lastName: 'Owner' });
	} else {
		await client.login(login);
	}
	return login;
}

module.exports = { signIn };
