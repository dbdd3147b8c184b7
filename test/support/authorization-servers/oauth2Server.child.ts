'use strict';
/** @node-oauth/oauth2-server in a process of its own; started by ./oauth2Server.js. */
const { serveChild } = require('./serveChild');
const OAuth2Server = require('@node-oauth/oauth2-server');
const { createModel } = require('./oauth2Server.model');

const { Request, Response } = OAuth2Server;

async function readForm(request) {
	const chunks = [];
	for await (const chunk of request) chunks.push(chunk);
	return Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
}

serveChild(async ({ accessTokenLifetime, refreshTokenLifetime, oneUseRefreshTokens, ...options }) => {
	const { model, calls } = createModel({ ...options, oneUseRefreshTokens });
	const server = new OAuth2Server({
		model,
		accessTokenLifetime,
		refreshTokenLifetime,
		alwaysIssueNewRefreshToken: oneUseRefreshTokens,
	});

	/** `/token` gives tokens; `/resource` is a protected resource: 200 with a live token, 401 without. */
	async function handler(request, response) {
		const body = await readForm(request);
		const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1');
		const asked = new Request({
			method: request.method,
			headers: request.headers,
			query: Object.fromEntries(searchParams),
			body,
		});
		const answer = new Response({ headers: {} });
		try {
			if (pathname === '/token') await server.token(asked, answer);
			else if (pathname === '/resource')
				answer.body = { user: (await server.authenticate(asked, answer)).user.username };
			else answer.status = 404;
		} catch (fault) {
			answer.status = fault.code ?? 500;
			answer.body = { error: fault.name, error_description: fault.message };
		}
		response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
		response.end(JSON.stringify(answer.body ?? {}));
	}
	return { handler, calls };
});
