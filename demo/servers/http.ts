'use strict';
const http = require('node:http');

/** More than any webhook of the demonstration; a bigger one is answered 413 instead of filling the memory. */
const BODY_LIMIT = 2 * 2 ** 20;

class BodyTooLarge extends Error {}

/**
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<Buffer>}
 * @throws {BodyTooLarge}
 */
async function readBody(request) {
	const chunks = [];
	let size = 0;
	for await (const chunk of request) {
		size += chunk.length;
		if (size > BODY_LIMIT) throw new BodyTooLarge();
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status  @param {unknown} body  @param {Record<string, string>} [headers]
 */
function sendJson(response, status, body, headers = {}) {
	const text = body === undefined ? '' : JSON.stringify(body);
	response.writeHead(status, { ...(text ? { 'content-type': 'application/json; charset=utf-8' } : {}), ...headers });
	response.end(text);
}

/**
 * A server on loopback.
 * @param {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => Promise<void> | void} handler
 * @param {number} [port] a free one when not given
 * @returns {Promise<{ url: string, port: number, stop(): Promise<void> }>} `url` without a slash at its end
 * @throws {Error} when the port is taken
 */
async function listen(handler, port = 0) {
	const server = http.createServer((request, response) => {
		Promise.resolve(handler(request, response)).catch((error) => {
			if (response.headersSent || response.destroyed) response.destroy();
			else if (error instanceof BodyTooLarge)
				sendJson(response, 413, { error: 'Payload Too Large' }, { connection: 'close' });
			else if (request.destroyed && error.code === 'ECONNRESET') response.destroy();
			else {
				console.error(error);
				sendJson(response, 500, { error: 'Internal Server Error' });
			}
		});
	});
	await new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen({ port, host: '127.0.0.1' }, resolve);
	});
	const bound = server.address().port;
	return {
		url: `http://127.0.0.1:${bound}`,
		port: bound,
		stop: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

module.exports = { listen, readBody, sendJson };
