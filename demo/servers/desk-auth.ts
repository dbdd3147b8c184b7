'use strict';
const crypto = require('node:crypto');

const same = (a, b) => {
	const [left, right] = [a, b].map((value) => crypto.createHash('sha256').update(String(value)).digest());
	return crypto.timingSafeEqual(left, right);
};

const NOBODY = { status: 401, body: { error: "Couldn't authenticate you" } };
const BAD_TOKEN = {
	status: 401,
	body: {
		error: 'invalid_token',
		error_description: 'The access token provided is expired, revoked, malformed or invalid for other reasons.',
	},
	headers: { 'www-authenticate': 'Bearer realm="Zendesk", error="invalid_token"' },
};
const TOO_LITTLE = {
	status: 403,
	body: { error: 'insufficient_scope', error_description: 'The access token does not allow this.' },
};

const MAY_WRITE = ['tickets:write', 'write'];

/** @param {string} encoded  @returns {[string, string]} user and password of a Basic header (RFC 7617, UTF-8) */
function basicOf(encoded) {
	const text = Buffer.from(encoded, 'base64').toString('utf8');
	const colon = text.indexOf(':');
	return colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
}

/** Asks the authorisation server about a token (RFC 7662). */
async function introspect(token, { url, clientId, clientSecret }) {
	const secret = [clientId, clientSecret].map(encodeURIComponent).join(':');
	const response = await fetch(url, {
		method: 'POST',
		headers: { authorization: `Basic ${Buffer.from(secret).toString('base64')}` },
		body: new URLSearchParams({ token }),
	});
	if (!response.ok) throw new Error(`Introspection answered ${response.status}`);
	return await response.json();
}

/**
 * Who may use the desk: Basic by a list of agents, Bearer by its own tokens or by the authorisation server's word.
 * @param {{ agents?: Array<{ user: string, password: string }>, introspection?: { url: string, clientId: string, clientSecret: string },
 *   ownTokens: { scopeOf(token: string): string | undefined } }} options
 * @returns {(authorization: string | undefined) => Promise<{ status: number, body: object, headers?: Record<string, string> } | undefined>}
 *   the refusal, if any
 */
function createDoorkeeper({ agents = [], introspection, ownTokens }) {
	const scopeOf = async (token) => {
		const own = ownTokens.scopeOf(token);
		if (own !== undefined) return own;
		if (!introspection) return undefined;
		const answer = await introspect(token, introspection);
		return answer.active ? (answer.scope ?? '') : undefined;
	};
	return async (authorization) => {
		const [, scheme, value] = /^(\w+) +(\S+)$/.exec(authorization ?? '') ?? [];
		if (/^basic$/i.test(scheme ?? '')) {
			const [user, password] = basicOf(value);
			return agents.some((agent) => same(agent.user, user) && same(agent.password, password)) ? undefined : NOBODY;
		}
		if (!/^bearer$/i.test(scheme ?? '')) return NOBODY;
		const scope = await scopeOf(value);
		if (scope === undefined) return BAD_TOKEN;
		return scope.split(' ').some((one) => MAY_WRITE.includes(one)) ? undefined : TOO_LITTLE;
	};
}

module.exports = { createDoorkeeper };
