/** @node-oauth/oauth2-server in a separate process; started by ./oauth2Server. */
import { serveChild } from './serveChild';
import type { IncomingMessage, ServerResponse } from 'node:http';

import OAuth2Server from '@node-oauth/oauth2-server';

import { createModel, type OAuth2Client } from './oauth2Server.model';
import type { Settings } from './settings';

const { Request, Response } = OAuth2Server;

async function readForm(request: IncomingMessage): Promise<Record<string, string>> {
	const chunks: Buffer[] = [];
	for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
	return Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
}

serveChild(async (settings: Settings<OAuth2Client>) => {
	const { model, calls } = createModel(settings);
	const { accessTokenLifetime, refreshTokenLifetime, oneUseRefreshTokens } = settings;
	const server = new OAuth2Server({
		model,
		accessTokenLifetime,
		refreshTokenLifetime,
		alwaysIssueNewRefreshToken: oneUseRefreshTokens,
	});

	/** `/token` gives tokens; `/resource` is a protected resource: 200 with a live token, 401 without. */
	async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const body = await readForm(request);
		const { pathname, searchParams } = new URL(request.url ?? '', 'http://127.0.0.1');
		const asked = new Request({
			method: request.method ?? '',
			headers: request.headers as Record<string, string>,
			query: Object.fromEntries(searchParams),
			body,
		});
		const answer = new Response({ headers: {} });
		try {
			if (pathname === '/token') await server.token(asked, answer);
			else if (pathname === '/resource')
				answer.body = { user: (await server.authenticate(asked, answer)).user.username as string };
			else answer.status = 404;
		} catch (cause) {
			const fault = cause as Error & { code?: number };
			answer.status = fault.code ?? 500;
			answer.body = { error: fault.name, error_description: fault.message };
		}
		response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
		response.end(JSON.stringify(answer.body ?? {}));
	}
	return { handler: (request, response) => void handle(request, response), calls };
});
