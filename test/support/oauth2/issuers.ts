import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

import { flood, HostileTokenServer, type HostileRequest } from './hostileTokenServer';

/** What an issuer says about itself, each in its own way: `what` is what a client then reports. */
export const hostileMetadata: Record<
	string,
	{ act: (response: ServerResponse, issuer: string) => void; what: RegExp }
> = {
	mismatch: json(
		(issuer) => ({ issuer: issuer.replace('mismatch', 'good'), token_endpoint: `${issuer}/token` }),
		/belongs to the issuer \S+good, not to \S+mismatch$/,
	),
	slash: json(
		(issuer) => ({ issuer: `${issuer}/`, token_endpoint: `${issuer}/token` }),
		/belongs to the issuer \S+slash\/, not to \S+slash$/,
	),
	redirect: {
		act: (response, issuer) => {
			const location = `${issuer.replace('redirect', 'good')}/.well-known/openid-configuration`;
			response.writeHead(302, { location }).end();
		},
		what: /^There is no metadata of the issuer .* responded with 302, a redirect$/,
	},
	html: {
		act: (response) =>
			void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in'),
		what: /200 and a web page$/,
	},
	text: {
		act: (response) => void response.writeHead(200).end('{"issuer": "http'),
		what: /200 and something other than a JSON object$/,
	},
	endless: {
		act: (response) => {
			response.writeHead(200, { 'content-type': 'application/json' });
			flood(response, Buffer.alloc(65_536, ' '), 64 * 1024 * 1024);
		},
		what: /^No response from the metadata URL .*endless.*larger/,
	},
	bomb: {
		act: (response) => {
			response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
			response.end(gzipSync(Buffer.alloc(16 * 1024 * 1024, ' ')));
		},
		what: /^No response from the metadata URL .*bomb.*larger/,
	},
	broken: {
		act: (response) => {
			response.writeHead(200, { 'content-length': 1000 });
			response.write('{');
			response.socket?.end();
		},
		what: /^No response from the metadata URL .*broken.*connection/,
	},
	nothing: json((issuer) => ({ issuer }), /^The token_endpoint in the metadata of \S+nothing is missing/),
	list: json((issuer) => ({ issuer, token_endpoint: [`${issuer}/token`] }), /is missing or cannot be used$/),
	plain: json((issuer) => ({ issuer, token_endpoint: 'http://token.example/' }), /is not encrypted$/),
	file: json((issuer) => ({ issuer, token_endpoint: 'file:///etc/passwd' }), /must start with https:\/\/$/),
	busy: { act: (response) => void response.writeHead(503).end(), what: /responded with 503$/ },
};

function json(document: (issuer: string) => object, what: RegExp) {
	return {
		act: (response: ServerResponse, issuer: string) =>
			void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document(issuer))),
		what,
	};
}

/**
 * An authorization server of many issuers, `/realms/good` and those of `hostileMetadata`, with their metadata where OpenID
 * Connect has it. Every token endpoint gives `token-of-<realm>`.
 */
export class Issuers {
	/** Added to the metadata of those that are good: all others than the hostile ones. */
	more: Record<string, unknown> = {};

	private constructor(readonly server: HostileTokenServer) {
		server.behave((response, request) => this.respond(response, request));
	}

	static async start(): Promise<Issuers> {
		return new Issuers(await HostileTokenServer.start());
	}

	issuer(realm: string): string {
		return `${new URL(this.server.url).origin}/realms/${realm}`;
	}

	/** What was asked of a realm, in order. */
	paths(realm: string): string[] {
		return this.server.requests.map(({ url }) => url).filter((url) => url.split(/[/?]/).includes(realm));
	}

	private respond(response: ServerResponse, { url }: HostileRequest): void {
		const [, realm = '', path] = /^\/realms\/([^/]+)\/(.*)$/.exec(url) ?? [];
		if (path === 'token') {
			const token = { access_token: `token-of-${realm}`, token_type: 'Bearer', expires_in: 3600 };
			response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(token));
			return;
		}
		if (path !== '.well-known/openid-configuration') {
			response.writeHead(404).end();
			return;
		}
		const issuer = this.issuer(realm);
		const good = json(() => ({ issuer, token_endpoint: `${issuer}/token`, ...this.more }), /^$/);
		(hostileMetadata[realm] ?? good).act(response, issuer);
	}
}
