'use strict';
const crypto = require('node:crypto');

/** An answer of n8n's REST API that is no 2xx. */
class RestFault extends Error {
	/** @param {string} what @param {number} status @param {any} body */
	constructor(what, status, body) {
		super(`${what} answered ${status}: ${body?.message ?? JSON.stringify(body)}`);
		this.status = status;
		this.body = body;
	}
}

/**
 * The REST API that n8n's editor uses, with the cookie of one login.
 * @param {string} url of the instance
 */
function createRestClient(url) {
	let cookie = '';
	// n8n binds a login to the browser it was made in.
	const browserId = crypto.randomUUID();

	/**
	 * @param {string} method @param {string} route below `/rest` @param {unknown} [body]
	 * @returns {Promise<any>} the whole answer
	 */
	async function whole(method, route, body) {
		const response = await fetch(`${url}/rest${route}`, {
			method,
			headers: {
				'browser-id': browserId,
				cookie,
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
			},
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const set = response.headers.getSetCookie().find((each) => each.startsWith('n8n-auth='));
		if (set) cookie = set.split(';')[0];
		const text = await response.text();
		const answer = parse(text);
		if (!response.ok) throw new RestFault(`${method} /rest${route}`, response.status, answer);
		return answer;
	}

	/** As `whole`, without the envelope `{ data }` that most routes have. */
	const call = async (method, route, body) => {
		const answer = await whole(method, route, body);
		return answer && typeof answer === 'object' && 'data' in answer ? answer.data : answer;
	};

	return {
		url,
		call,
		whole,
		/** The headers of a signed-in browser, for routes that are not here (an event stream, a page). */
		headers: () => ({ 'browser-id': browserId, cookie }),
		browserId,
		settings: () => call('GET', '/settings'),
		setUpOwner: (owner) => call('POST', '/owner/setup', owner),
		login: ({ email, password }) => call('POST', '/login', { emailOrLdapLoginId: email, password }),
		credentials: require('./rest/credentials').credentialRoutes(call),
		workflows: require('./rest/workflows').workflowRoutes(call),
		executions: require('./rest/executions').executionRoutes(call),
		dataTables: require('./rest/dataTables').dataTableRoutes(call),
		/** Node types as the editor gets them. */
		nodeTypes: async () =>
			await (await fetch(`${url}/types/nodes.json`, { headers: { 'browser-id': browserId, cookie } })).json(),
		credentialTypes: async () =>
			await (await fetch(`${url}/types/credentials.json`, { headers: { 'browser-id': browserId, cookie } })).json(),
	};
}

function parse(text) {
	try {
		return text === '' ? undefined : JSON.parse(text);
	} catch {
		return text;
	}
}

module.exports = { createRestClient, RestFault };
