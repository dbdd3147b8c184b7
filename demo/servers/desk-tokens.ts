'use strict';
const crypto = require('node:crypto');

const LIFETIME = { least: 300, usual: 1_800, most: 172_800 };

const refuse = (status, error, description) => ({ status, body: { error, error_description: description } });

/**
 * Zendesk's own `POST /oauth/tokens` for client credentials, which documents a JSON body
 * (developer.zendesk.com, ticketing/oauth/grant_type_tokens).
 * @param {Array<{ clientId: string, clientSecret: string }>} oauthClients
 */
function deskTokens(oauthClients = []) {
	const tokens = new Map();
	return {
		/** @param {string} token  @returns {string | undefined} its scopes while it is valid */
		scopeOf(token) {
			const entry = tokens.get(token);
			return entry && entry.until > Date.now() ? entry.scope : undefined;
		},
		/**
		 * @param {string | undefined} contentType  @param {string} text
		 * @returns {{ status: number, body: object }}
		 */
		issue(contentType, text) {
			if (!/^application\/json\b/i.test(contentType ?? '')) {
				return refuse(400, 'invalid_request', 'The request parameters must be formatted as JSON.');
			}
			let asked;
			try {
				asked = JSON.parse(text);
			} catch {
				return refuse(400, 'invalid_request', 'The request body is not valid JSON.');
			}
			if (asked?.grant_type !== 'client_credentials') {
				return refuse(
					400,
					'unsupported_grant_type',
					'The authorization grant type is not supported by the authorization server.',
				);
			}
			const known = oauthClients.some(
				({ clientId, clientSecret }) => clientId === asked.client_id && clientSecret === asked.client_secret,
			);
			if (!known) {
				return refuse(
					401,
					'invalid_client',
					'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.',
				);
			}
			const seconds = asked.expires_in ?? LIFETIME.usual;
			if (!(seconds >= LIFETIME.least && seconds <= LIFETIME.most)) {
				return refuse(
					400,
					'invalid_request',
					`expires_in must lie between ${LIFETIME.least} and ${LIFETIME.most} seconds.`,
				);
			}
			const token = crypto.randomBytes(32).toString('hex');
			const scope = asked.scope ?? 'read';
			tokens.set(token, { scope, until: Date.now() + seconds * 1000 });
			return { status: 200, body: { access_token: token, token_type: 'bearer', scope, expires_in: seconds } };
		},
		forgetAll: () => tokens.clear(),
	};
}

module.exports = { deskTokens };
