'use strict';
const path = require('node:path');
const { forkServer } = require('./childServer');
const { startTokenFront } = require('./tokenFront');
const { withFront } = require('./withFront');

/**
 * @node-oauth/oauth2-server 5: password, refresh and client credentials grants, and a protected resource.
 *
 * Its ways: raw Basic (nothing decoded, so no colon in an ID), or ID and secret in a form body; visible ASCII alone in
 * IDs and secrets; JSON bodies refused. With `oneUseRefreshTokens` a refresh answer brings a new refresh token, and a
 * used one that comes again ends its whole chain; without, a refresh answer brings no refresh token.
 *
 * @param {import('./index').OAuth2ServerOptions} [options]
 * @returns {Promise<import('./index').OAuth2TestServer>}
 */
async function startOAuth2Server({
	clients = [],
	users = [],
	scopes = ['read', 'write'],
	accessTokenLifetime = 3600,
	refreshTokenLifetime = 86_400,
	oneUseRefreshTokens = true,
} = {}) {
	const front = await startTokenFront('/token');
	return withFront(front, async () => {
		const child = await forkServer('@node-oauth/oauth2-server', path.join(__dirname, 'oauth2Server.child.js'), {
			clients,
			users,
			scopes,
			accessTokenLifetime,
			refreshTokenLifetime,
			oneUseRefreshTokens,
		});
		front.passTo(child.ready.port);
		return {
			stop: child.stop,
			extra: {
				pid: child.pid,
				resourceUrl: `${front.origin}/resource`,
				output: child.output,
				advanceClock: (seconds) => child.call('advanceClock', seconds),
				revokeAccessTokens: () => child.call('revokeAccessTokens'),
				revokeRefreshTokens: () => child.call('revokeRefreshTokens'),
				replays: () => child.call('replays'),
			},
		};
	});
}

module.exports = { startOAuth2Server };
