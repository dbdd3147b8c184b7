'use strict';
/** What @node-oauth/oauth2-server asks for: clients, users and tokens, kept in memory. */

/**
 * @param {{ clients: { id: string, secret: string, grants?: string[] }[], users: { username: string, password: string }[],
 *   scopes: string[], oneUseRefreshTokens: boolean }} options
 */
function createModel({ clients, users, scopes, oneUseRefreshTokens }) {
	/** @type {Map<string, object>} */
	const byAccessToken = new Map();
	/** @type {Map<string, object>} */
	const byRefreshToken = new Map();
	/** Refresh tokens that have been used, and the chain each belonged to. @type {Map<string, string>} */
	const used = new Map();
	/** The chain that the running refresh continues; the server saves the new token right after revoking the old. */
	const continuing = new WeakMap();
	let chains = 0;
	let replays = 0;

	/** A used refresh token that comes again shows that someone else has it: nothing of its chain is good any more. */
	function killChain(chain) {
		replays += 1;
		for (const tokens of [byAccessToken, byRefreshToken]) {
			for (const [key, token] of tokens) if (token.chain === chain) tokens.delete(key);
		}
	}

	const model = {
		getClient(id, secret) {
			const client = clients.find((one) => one.id === id && one.secret === secret);
			return client && { grants: ['password', 'refresh_token', 'client_credentials'], ...client };
		},
		getUser: (username, password) => users.find((one) => one.username === username && one.password === password),
		getUserFromClient: (client) => ({ username: `client ${client.id}` }),
		validateScope: (user, client, asked) => (asked ?? scopes).every((one) => scopes.includes(one)) && (asked ?? scopes),
		saveToken(token, client, user) {
			const chain = continuing.get(user) ?? `chain ${++chains}`;
			continuing.delete(user);
			// A user object of its own for each token: it carries the chain from revokeToken to saveToken.
			const kept = { ...token, client: { id: client.id }, user: { ...user }, chain };
			byAccessToken.set(token.accessToken, kept);
			if (token.refreshToken) byRefreshToken.set(token.refreshToken, kept);
			return kept;
		},
		getAccessToken: (accessToken) => byAccessToken.get(accessToken),
		getRefreshToken(refreshToken) {
			if (used.has(refreshToken)) killChain(used.get(refreshToken));
			return byRefreshToken.get(refreshToken);
		},
		revokeToken(token) {
			if (oneUseRefreshTokens) {
				if (!byRefreshToken.delete(token.refreshToken)) return false;
				used.set(token.refreshToken, token.chain);
			}
			continuing.set(token.user, token.chain);
			return true;
		},
	};
	const calls = {
		/** Forgets every access token, as a server does that is told to; their refresh tokens stay good. */
		revokeAccessTokens: () => byAccessToken.clear(),
		/** Forgets every refresh token: the next refresh gets `invalid_grant`. */
		revokeRefreshTokens: () => byRefreshToken.clear(),
		/** How often a used refresh token came again. */
		replays: () => replays,
	};
	return { model, calls };
}

module.exports = { createModel };
