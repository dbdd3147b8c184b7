import crypto from 'node:crypto';
import type { Answer } from './http';
import type { ClientSecret } from './secrets';

export interface Doorkeeper {
	/** Basic. */
	agents?: Array<{ user: string; password: string }>;
	/** Where Bearer tokens are checked. */
	introspection?: Introspection;
	/** The desk's own tokens. */
	ownTokens: { scopeOf(token: string): string | undefined };
}

interface Introspection extends ClientSecret {
	url: string;
}

const digest = (text: string): Buffer => crypto.createHash('sha256').update(text).digest();
const same = (a: string, b: string): boolean => crypto.timingSafeEqual(digest(a), digest(b));

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

/** User and password of a Basic header (RFC 7617, UTF-8). */
function basicOf(encoded: string): [string, string] {
	const text = Buffer.from(encoded, 'base64').toString('utf8');
	const colon = text.indexOf(':');
	return colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
}

/** Asks the authorization server about a token (RFC 7662). */
async function introspect(
	token: string,
	{ url, clientId, clientSecret }: Introspection,
): Promise<{ active: boolean; scope?: string }> {
	const secret = [clientId, clientSecret].map(encodeURIComponent).join(':');
	const response = await fetch(url, {
		method: 'POST',
		headers: { authorization: `Basic ${Buffer.from(secret).toString('base64')}` },
		body: new URLSearchParams({ token }),
	});
	if (!response.ok) throw new Error(`Introspection responded with ${response.status}`);
	return (await response.json()) as { active: boolean; scope?: string };
}

/**
 * Who may use the desk: Basic by a list of agents, Bearer by its own tokens or by the authorization server's word.
 * @returns what refuses a request by its Authorization header, if it is refused
 */
export function createDoorkeeper({
	agents = [],
	introspection,
	ownTokens,
}: Doorkeeper): (authorization: string | undefined) => Promise<Answer | undefined> {
	const scopeOf = async (token: string): Promise<string | undefined> => {
		const own = ownTokens.scopeOf(token);
		if (own !== undefined) return own;
		if (!introspection) return undefined;
		const answer = await introspect(token, introspection);
		return answer.active ? (answer.scope ?? '') : undefined;
	};
	return async (authorization) => {
		const [, scheme = '', value = ''] = /^(\w+) +(\S+)$/.exec(authorization ?? '') ?? [];
		if (/^basic$/i.test(scheme)) {
			const [user, password] = basicOf(value);
			return agents.some((agent) => same(agent.user, user) && same(agent.password, password)) ? undefined : NOBODY;
		}
		if (!/^bearer$/i.test(scheme)) return NOBODY;
		const scope = await scopeOf(value);
		if (scope === undefined) return BAD_TOKEN;
		return scope.split(' ').some((one) => MAY_WRITE.includes(one)) ? undefined : TOO_LITTLE;
	};
}
