'use strict';
/**
 * A door in front of an authorisation server: it passes every byte on as it came, keeps a record of the token requests
 * and can, when asked to, answer in the server's place. So counts and faults are the same for every server.
 */
const http = require('node:http');

/** @param {Buffer} body @param {string} contentType @returns {[string, string][]} in the order sent; JSON arrays flattened */
function readParameters(body, contentType) {
	const text = body.toString('utf8');
	if (!contentType.includes('json')) return [...new URLSearchParams(text)];
	try {
		const flatten = ([name, value]) =>
			Array.isArray(value) ? value.map((one) => [name, String(one)]) : [[name, String(value)]];
		return Object.entries(JSON.parse(text)).flatMap(flatten);
	} catch {
		return [];
	}
}

/** How the client said who it is. @returns {'header' | 'body' | 'assertion' | 'none' | 'several'} */
function clientAuthentication(headers, parameters) {
	const names = new Set(parameters.map(([name]) => name));
	const used = [
		headers.authorization !== undefined && 'header',
		names.has('client_secret') && 'body',
		names.has('client_assertion') && 'assertion',
	].filter(Boolean);
	if (used.length > 1) return 'several';
	return used[0] ?? 'none';
}

const readAll = async (stream) => {
	const chunks = [];
	for await (const chunk of stream) chunks.push(chunk);
	return Buffer.concat(chunks);
};

/** @returns {string | undefined} the `error` of an OAuth error answer (RFC 6749 section 5.2) */
function errorCode(body) {
	try {
		return JSON.parse(body.toString('utf8')).error;
	} catch {
		return undefined;
	}
}

/** Sends the request on and gives back the server's answer, unread bytes and all. */
function forward(port, request, body) {
	return new Promise((resolve, reject) => {
		const onward = http.request(
			{ host: '127.0.0.1', port, method: request.method, path: request.url, headers: request.headers, agent: false },
			(answer) => readAll(answer).then((bytes) => resolve({ answer, bytes }), reject),
		);
		onward.on('error', reject);
		onward.end(body);
	});
}

/**
 * @param {string} tokenPath the path whose POSTs are recorded
 * @returns {Promise<{
 *   origin: string, port: number, tokenUrl: string, passTo(port: number): void, requests(): object[], forget(): void,
 *   answerInstead(fault: object): void, delay(ms: number, times?: number): void, stop(): Promise<void> }>}
 */
async function startTokenFront(tokenPath) {
	let target;
	let records = [];
	/** @type {{ times: number, status: number, headers: object, body: string }[]} */
	const faults = [];
	let slow = { ms: 0, times: 0 };
	const waiting = new Set();

	const pause = (ms) =>
		new Promise((resolve) => {
			const timer = setTimeout(() => {
				waiting.delete(timer);
				resolve();
			}, ms);
			waiting.add(timer);
		});

	async function handle(request, response) {
		const body = await readAll(request);
		const isToken = request.method === 'POST' && request.url.split('?')[0] === tokenPath;
		const record = {};
		if (isToken) {
			const contentType = request.headers['content-type'] ?? '';
			const parameters = readParameters(body, contentType);
			const first = (name) => parameters.find(([key]) => key === name)?.[1];
			Object.assign(record, {
				at: Date.now(),
				grantType: first('grant_type'),
				clientAuthentication: clientAuthentication(request.headers, parameters),
				contentType,
				authorization: request.headers.authorization,
				parameters,
			});
			records.push(record);
			if (slow.times > 0) {
				slow.times -= 1;
				await pause(slow.ms);
			}
			const fault = faults[0];
			if (fault) {
				fault.times -= 1;
				if (fault.times === 0) faults.shift();
				record.status = fault.status;
				response.writeHead(fault.status, fault.headers).end(fault.body);
				return;
			}
		}
		const { answer, bytes } = await forward(target, request, body);
		record.status = answer.statusCode;
		record.error = errorCode(bytes);
		response.writeHead(answer.statusCode, answer.rawHeaders).end(bytes);
	}

	const server = http.createServer((request, response) => {
		handle(request, response).catch((fault) => {
			if (!response.headersSent) response.writeHead(502, { 'content-type': 'text/plain' });
			response.end(`test front: ${fault.message}`);
		});
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address();
	const origin = `http://127.0.0.1:${port}`;
	return {
		origin,
		port,
		tokenUrl: origin + tokenPath,
		passTo: (childPort) => {
			target = childPort;
		},
		requests: () => [...records],
		forget: () => {
			records = [];
		},
		answerInstead: ({ status, times = 1, headers = { 'content-type': 'application/json' }, body = '' }) => {
			faults.push({ status, times, headers, body });
		},
		delay: (ms, times = Infinity) => {
			slow = { ms, times };
		},
		stop: () =>
			new Promise((resolve) => {
				for (const timer of waiting) clearTimeout(timer);
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

module.exports = { startTokenFront };
