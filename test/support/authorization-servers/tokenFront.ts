/**
 * A door in front of an authorization server: it passes every byte on as it came, keeps a record of the token requests
 * and can, when asked to, answer in the server's place. So counts and faults are the same for every server.
 */
import https from 'node:https';
import type { TLSSocket } from 'node:tls';
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type ClientAuthentication = 'header' | 'body' | 'assertion' | 'none' | 'several';

/** One token request, as the server's front saw it. */
interface TokenRequestRecord {
	/** Milliseconds since the epoch. */
	at: number;
	grantType?: string;
	/** How the client said who it is; `several` when it did in more than one way. */
	clientAuthentication: ClientAuthentication;
	contentType: string;
	/** The Authorization header as it came. */
	authorization?: string;
	/** The body's parameters in the order sent, repeated ones repeated; from a form or from JSON. */
	parameters: Array<[string, string]>;
	/** The status of its response; absent while there is none. */
	status?: number;
	/** The `error` of an OAuth error response. */
	error?: string;
}

/** A response that is given in the server's place. */
interface Fault {
	status: number;
	/** How many token requests get it; 1 by default. Faults stand in a queue. */
	times?: number;
	headers?: Record<string, string>;
	body?: string;
}

export interface TokenFront {
	origin: string;
	tokenUrl: string;
	/** Requests go on to the server at this port of 127.0.0.1. */
	passTo(port: number): void;
	/** Token requests since the start or the last `forget`. */
	requests(): TokenRequestRecord[];
	forget(): void;
	/** The next `times` token requests get this response and never reach the server. */
	answerInstead(fault: Fault): void;
	/** The next `times` token requests (all, by default) wait this long before the server sees them. */
	delay(ms: number, times?: number): void;
	stop(): Promise<void>;
}

/** In the order sent; JSON arrays flattened. */
function readParameters(body: Buffer, contentType: string): Array<[string, string]> {
	const text = body.toString('utf8');
	if (!contentType.includes('json')) return [...new URLSearchParams(text)];
	try {
		return Object.entries(JSON.parse(text) as Record<string, unknown>).flatMap(([name, value]) =>
			(Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, String(one)]),
		);
	} catch {
		return [];
	}
}

function clientAuthentication(headers: IncomingHttpHeaders, parameters: Array<[string, string]>): ClientAuthentication {
	const names = new Set(parameters.map(([name]) => name));
	const used: ClientAuthentication[] = [
		...(headers.authorization === undefined ? [] : ['header' as const]),
		...(names.has('client_secret') ? ['body' as const] : []),
		...(names.has('client_assertion') ? ['assertion' as const] : []),
	];
	return used.length > 1 ? 'several' : (used[0] ?? 'none');
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of stream) chunks.push(chunk);
	return Buffer.concat(chunks);
}

/** The `error` of an OAuth error response (RFC 6749 section 5.2). */
function errorCode(body: Buffer): string | undefined {
	try {
		return (JSON.parse(body.toString('utf8')) as { error?: string }).error;
	} catch {
		return undefined;
	}
}

/** What a reverse proxy that ends TLS reports of the client's certificate: DER in Base64, and whether its issuer is trusted. */
function clientCertificate(socket: TLSSocket): Record<string, string> {
	const { raw } = socket.getPeerCertificate() as { raw?: Buffer };
	return {
		'x-client-certificate': raw?.toString('base64') ?? '',
		'x-client-authorized': String(socket.authorized),
		'x-forwarded-proto': 'https',
	};
}

/** Sends the request on and gives back the server's response, unread bytes and all. */
const forward = async (port: number | undefined, { method, url, headers, socket }: IncomingMessage, body: Buffer) =>
	await new Promise<{ answer: IncomingMessage; bytes: Buffer }>((resolve, reject) => {
		const sent = { ...headers, ...('getPeerCertificate' in socket ? clientCertificate(socket as TLSSocket) : {}) };
		const onward = http.request({ host: '127.0.0.1', port, method, path: url, headers: sent, agent: false }, (answer) =>
			readAll(answer).then((bytes) => resolve({ answer, bytes }), reject),
		);
		onward.on('error', reject);
		onward.end(body);
	});

/** TLS of a front that looks at the client's certificate. */
export interface FrontTls {
	cert: string;
	key: string;
	/** Who issues clients' certificates; those of others are taken, too, and distinguished. */
	ca: string;
}

/**
 * @param tokenPath the path whose POSTs are recorded
 * @param tls with it, the front speaks TLS; HTTP to the server behind it
 */
export async function startTokenFront(tokenPath: string, tls?: FrontTls): Promise<TokenFront> {
	let target: number | undefined;
	let records: TokenRequestRecord[] = [];
	const faults: Array<Required<Fault>> = [];
	let slow = { ms: 0, times: 0 };
	const waiting = new Set<NodeJS.Timeout>();

	const pause = async (ms: number) =>
		await new Promise<void>((resolve) => {
			const timer = setTimeout(() => {
				waiting.delete(timer);
				resolve();
			}, ms);
			waiting.add(timer);
		});

	function record({ headers }: IncomingMessage, body: Buffer): TokenRequestRecord {
		const contentType = headers['content-type'] ?? '';
		const parameters = readParameters(body, contentType);
		const made = {
			at: Date.now(),
			grantType: parameters.find(([name]) => name === 'grant_type')?.[1],
			clientAuthentication: clientAuthentication(headers, parameters),
			contentType,
			authorization: headers.authorization,
			parameters,
		};
		records.push(made);
		return made;
	}

	async function handle(request: IncomingMessage, response: ServerResponse) {
		const body = await readAll(request);
		const isToken = request.method === 'POST' && request.url?.split('?')[0] === tokenPath;
		const noted = isToken ? record(request, body) : undefined;
		if (noted) {
			if (slow.times > 0) {
				slow.times -= 1;
				await pause(slow.ms);
			}
			const fault = faults[0];
			if (fault) {
				fault.times -= 1;
				if (fault.times === 0) faults.shift();
				noted.status = fault.status;
				response.writeHead(fault.status, fault.headers).end(fault.body);
				return;
			}
		}
		const { answer, bytes } = await forward(target, request, body);
		const status = answer.statusCode ?? 502;
		if (noted) Object.assign(noted, { status, error: errorCode(bytes) });
		response.writeHead(status, answer.rawHeaders).end(bytes);
	}

	const listener = (request: IncomingMessage, response: ServerResponse) => {
		handle(request, response).catch((fault: Error) => {
			if (!response.headersSent) response.writeHead(502, { 'content-type': 'text/plain' });
			response.end(`test front: ${fault.message}`);
		});
	};
	const server = tls
		? https.createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, listener)
		: http.createServer(listener);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const origin = `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return {
		origin,
		tokenUrl: origin + tokenPath,
		passTo: (port) => {
			target = port;
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
		stop: async () =>
			await new Promise<void>((resolve) => {
				for (const timer of waiting) clearTimeout(timer);
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}
