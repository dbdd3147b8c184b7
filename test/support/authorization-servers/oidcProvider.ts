'use strict';
const path = require('node:path');
const { forkServer } = require('./childServer');
const { startTokenFront } = require('./tokenFront');
const { withFront } = require('./withFront');

/**
 * oidc-provider 9: client credentials with `client_secret_basic`, `client_secret_post` and `private_key_jwt`
 * (by `jwks`, or by a `jwks_uri` on loopback), resource indicators, introspection and revocation.
 *
 * Its ways: Basic form-encoded (RFC 6749 section 2.3.1); visible ASCII alone in IDs and secrets; a `jti` once only;
 * `crit` refused; `aud` the issuer or the token URL; a key set read from `jwks_uri` is kept for at least 60 s
 * (`advanceClock(61)` ages it); more than one `resource` answered with `invalid_target`.
 *
 * @param {import('./index').OidcProviderOptions} [options]
 * @returns {Promise<import('./index').OidcProviderServer>}
 */
async function startOidcProvider({
	clients = [],
	accessTokenLifetime = 3600,
	scopes = ['read', 'write'],
	resources = [],
} = {}) {
	const front = await startTokenFront('/token');
	return withFront(front, async () => {
		const child = await forkServer('oidc-provider', path.join(__dirname, 'oidcProvider.child.js'), {
			issuer: front.origin,
			clients,
			accessTokenLifetime,
			scopes,
			resources,
		});
		front.passTo(child.ready.port);
		return {
			stop: child.stop,
			extra: {
				pid: child.pid,
				issuer: front.origin,
				introspectionUrl: `${front.origin}/token/introspection`,
				revocationUrl: `${front.origin}/token/revocation`,
				output: child.output,
				advanceClock: (seconds) => child.call('advanceClock', seconds),
			},
		};
	});
}

module.exports = { startOidcProvider };
