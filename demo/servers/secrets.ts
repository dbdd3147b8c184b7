'use strict';
const crypto = require('node:crypto');
const path = require('node:path');
const { readJson, writeJson } = require('../../tools/lib/json');

const secret = () => crypto.randomBytes(24).toString('base64url');

/** RFC 7638, so that the key's name follows from the key. */
function thumbprint({ e, kty, n }) {
	return crypto.createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url');
}

function rsaPair() {
	const { privateKey, publicKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
	const publicJwk = publicKey.export({ format: 'jwk' });
	const keyId = thumbprint(publicJwk);
	return {
		keyId,
		privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
		privateJwk: { ...privateKey.export({ format: 'jwk' }), kid: keyId, use: 'sig', alg: 'RS256' },
		publicJwk: { ...publicJwk, kid: keyId, use: 'sig', alg: 'RS256' },
	};
}

/**
 * @typedef {object} Secrets everything the demonstration's servers and n8n must agree on
 * @property {{ clientId: string, clientSecret: string }} automation client credentials, secret in the header
 * @property {{ clientId: string, clientSecret: string }} automationPost client credentials, secret in the body
 * @property {{ clientId: string, keyId: string, privateKey: string, publicJwk: object }} automationJwt client assertion
 * @property {{ clientId: string, clientSecret: string }} desk what the ticket desk signs in with to have tokens checked
 * @property {{ user: string, password: string }} agent Basic at the ticket desk
 * @property {{ clientId: string, clientSecret: string }} zendeskClient for the desk's own `/oauth/tokens`
 * @property {{ keyId: string, privateJwk: object }} server the authorisation server's signing key
 * @property {string} cookieKey
 */

/** @returns {Secrets} new ones */
function makeSecrets() {
	const automationKey = rsaPair();
	const server = rsaPair();
	return {
		automation: { clientId: 'rating-automation', clientSecret: secret() },
		automationPost: { clientId: 'rating-automation-post', clientSecret: secret() },
		automationJwt: {
			clientId: 'rating-automation-jwt',
			keyId: automationKey.keyId,
			privateKey: automationKey.privateKey,
			publicJwk: automationKey.publicJwk,
		},
		desk: { clientId: 'ticket-desk', clientSecret: secret() },
		agent: { user: 'agent@example.com', password: secret() },
		zendeskClient: { clientId: 'zendesk-client', clientSecret: secret() },
		server: { keyId: server.keyId, privateJwk: server.privateJwk },
		cookieKey: secret(),
	};
}

/**
 * The secrets of a data folder, made at the first call.
 * @param {string} folder
 * @returns {Secrets}
 */
function secretsOf(folder) {
	const file = path.join(folder, 'secrets.json');
	const known = readJson(file);
	if (known) return known;
	const made = makeSecrets();
	writeJson(file, made, { mode: 0o600 });
	return made;
}

module.exports = { secretsOf, makeSecrets };
