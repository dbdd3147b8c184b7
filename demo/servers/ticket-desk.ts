/**
 * A ticket desk that behaves as Zendesk's Tickets API documents, on loopback. It really checks who comes: Basic by its
 * agents, Bearer tokens at the authorization server. `/` lists the tickets; `/control` is for tests.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createDoorkeeper, type Doorkeeper } from './desk-auth';
import { deskPage } from './desk-page';
import { deskTokens } from './desk-tokens';
import { answerWith, faultQueue, type Fault } from './faults';
import { listen, readBody, sendJson, type Answer } from './http';
import { idempotencyKeys } from './idempotency';
import { sendBack, sendPage } from './page';
import { runWhenMain } from './process';
import type { ClientSecret } from './secrets';
import {
	isObject,
	ticketOf,
	validate,
	type Entry,
	type Requester,
	type Ticket,
	type ValidTicket,
} from './ticket-rules';
import type { Attachment } from './uploads';
import { DOWNLOAD, UPLOAD, UPLOAD_LIMIT, uploadShelf } from './uploads';

const CREATE = /^\/api\/v2\/tickets(\.json)?$/;
const SHOW = /^\/api\/v2\/tickets\/(\d+)(\.json)?$/;

export interface RateLimit {
	requests: number;
	seconds: number;
}

export interface DeskOptions extends Pick<Doorkeeper, 'agents' | 'introspection'> {
	port?: number;
	/** For the desk's own `/oauth/tokens`. */
	oauthClients?: ClientSecret[];
	rateLimit?: RateLimit;
}

/** A request to the API of tickets and uploads. */
export interface TicketRequest {
	at: string;
	method: string;
	path: string;
	/** 0 while, or when, there is no response. */
	status: number;
	/** Of the Authorization header. */
	scheme?: string;
	idempotencyKey?: string;
	/** Whether the key was known: `hit` or `miss`. */
	lookup?: string;
	/** Whether it made a ticket. */
	committed?: boolean;
	/** JSON where it is that; of a file how many bytes. */
	body: unknown;
}

/** What `/control` shows. */
export interface DeskState {
	tickets: Array<Ticket & { requester?: Requester; attachments?: Attachment[] }>;
	requests: TicketRequest[];
	/** Those that are still to come. */
	faults: Fault[];
}

/** What `/control` accepts. */
export interface DeskOrders {
	faults?: Fault[];
	rateLimit?: RateLimit;
	forgetTokens?: boolean;
	/** Minutes by which tokens of uploads grow older. */
	uploadsAge?: number;
}

const USUAL_LIMIT: RateLimit = { requests: 700, seconds: 60 };

/** Zendesk's limit is so many requests a minute for the account. */
function rateLimiter({ requests, seconds }: RateLimit = USUAL_LIMIT) {
	let left = requests;
	let resets = 0;
	return {
		/** @returns `retryAfter` in seconds when there were too many */
		count(): { headers: Record<string, string>; retryAfter?: number } {
			const now = Date.now();
			if (now >= resets) {
				left = requests;
				resets = now + seconds * 1000;
			}
			left -= 1;
			const headers = { 'x-rate-limit': String(requests), 'x-rate-limit-remaining': String(Math.max(0, left)) };
			return left < 0 ? { headers, retryAfter: Math.max(1, Math.ceil((resets - now) / 1000)) } : { headers };
		},
		set(limit: RateLimit): void {
			({ requests, seconds } = limit);
			resets = 0;
		},
	};
}

export async function start({ port, agents, introspection, oauthClients, rateLimit }: DeskOptions = {}) {
	const tickets: Entry[] = [];
	const requests: TicketRequest[] = [];
	const requesters = new Map<string, number>();
	const faults = faultQueue();
	const keys = idempotencyKeys();
	const ownTokens = deskTokens(oauthClients);
	const limiter = rateLimiter(rateLimit);
	const shelf = uploadShelf(() => baseUrl);
	const refusalFor = createDoorkeeper({ agents, introspection, ownTokens });
	let baseUrl = '';

	/** Which counts when both are given is not documented by Zendesk: here the ID does, and no user is made. */
	const requesterId = ({ requester_id: given, requester }: ValidTicket): number => {
		if (given !== undefined && given !== null) return given;
		const who = requester?.email ?? requester?.name ?? 'agent';
		const id = requesters.get(who) ?? 5_001 + requesters.size;
		requesters.set(who, id);
		return id;
	};

	function create(text: string, key: string | undefined): Answer {
		const input = parse(text);
		if (input === undefined)
			return { status: 422, body: { error: 'Unprocessable Entity', message: 'Server could not parse JSON' } };
		if (!isObject(input) || !isObject(input.ticket)) {
			return {
				status: 400,
				body: {
					error: {
						title: 'Invalid attribute',
						message: 'You passed an invalid value for the ticket attribute. must be an object',
					},
				},
			};
		}
		const seen = keys.look(key, text);
		if (seen.kind === 'refused')
			return { status: 400, body: { error: 'IdempotentRequestError', description: seen.description } };
		if (seen.kind === 'hit')
			return { ...seen.answer, headers: { ...seen.answer.headers, 'x-idempotency-lookup': 'hit' } };
		const valid = validate(input.ticket, (id) => [...requesters.values()].includes(id));
		if (!valid.ok) {
			const { details } = valid;
			return { status: 422, body: { error: 'RecordInvalid', description: 'Record validation errors', details } };
		}
		if (!shelf.knows(valid.ticket.comment)) {
			const details = { base: [{ description: 'Uploads: a token is invalid or has expired', error: 'InvalidValue' }] };
			return { status: 422, body: { error: 'RecordInvalid', description: 'Record validation errors', details } };
		}
		const id = tickets.length + 1;
		const url = `${baseUrl}/api/v2/tickets/${id}.json`;
		const ticket = ticketOf(valid.ticket, { id, url, requesterId: requesterId(valid.ticket), now: new Date() });
		tickets.push({
			ticket,
			requester: valid.ticket.requester,
			attachments: shelf.attach(valid.ticket.comment),
		});
		const answer: Answer = { status: 201, body: { ticket }, headers: { location: url } };
		keys.keep(key, text, answer);
		return seen.kind === 'miss'
			? { ...answer, headers: { ...answer.headers, 'x-idempotency-lookup': 'miss' } }
			: answer;
	}

	function show(path: string): Answer {
		if (CREATE.test(path))
			return { status: 200, body: { tickets: tickets.map(({ ticket }) => ticket), count: tickets.length } };
		const found = tickets[Number(SHOW.exec(path)?.[1]) - 1];
		return found
			? { status: 200, body: { ticket: found.ticket } }
			: { status: 404, body: { error: 'RecordNotFound', description: 'Not found' } };
	}

	async function api(request: IncomingMessage, { pathname, searchParams }: URL, bytes: Buffer): Promise<Answer> {
		const refusal = await refusalFor(request.headers.authorization);
		if (refusal) return refusal;
		const { headers, retryAfter } = limiter.count();
		if (retryAfter) {
			const description = `Rate limit exceeded. Try again in ${retryAfter} seconds.`;
			return {
				status: 429,
				body: { error: 'TooManyRequests', description },
				headers: { ...headers, 'retry-after': String(retryAfter) },
			};
		}
		const answer = UPLOAD.test(pathname)
			? shelf.take({ query: searchParams, contentType: request.headers['content-type'], bytes })
			: request.method === 'POST'
				? create(bytes.toString('utf8'), keyOf(request))
				: show(pathname);
		return { ...answer, headers: { ...headers, ...answer.headers } };
	}

	async function handleApi(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
		const isUpload = UPLOAD.test(url.pathname);
		const bytes = await readBody(request, isUpload ? UPLOAD_LIMIT : undefined);
		const text = isUpload ? `${bytes.length} bytes` : bytes.toString('utf8');
		const record: TicketRequest = {
			at: new Date().toISOString(),
			method: request.method ?? '',
			path: url.pathname,
			status: 0,
			scheme: request.headers.authorization?.split(' ')[0],
			idempotencyKey: keyOf(request),
			body: parse(text) ?? text,
		};
		requests.push(record);
		const fault = faults.next();
		if (fault && !fault.commit && (fault.status || fault.silent || fault.drop)) {
			record.committed = false;
			record.status = await answerWith(fault, response, () => {});
			return;
		}
		const answer = await api(request, url, bytes);
		record.lookup = answer.headers?.['x-idempotency-lookup'];
		record.committed = !isUpload && answer.status === 201 && record.lookup !== 'hit';
		const send = (): void => sendJson(response, answer.status, answer.body, answer.headers);
		if (fault) record.status = await answerWith(fault, response, send);
		else {
			send();
			record.status = answer.status;
		}
	}

	/** As new, but for who may come in. */
	function clear(): void {
		for (const part of [faults, keys, requesters, shelf]) part.clear();
		tickets.length = 0;
		requests.length = 0;
		limiter.set(rateLimit ?? USUAL_LIMIT);
	}

	async function control(request: IncomingMessage, response: ServerResponse): Promise<void> {
		if (request.method === 'DELETE') clear();
		else if (request.method === 'POST') {
			const orders = JSON.parse((await readBody(request)).toString('utf8')) as DeskOrders;
			if (orders.faults) faults.add(orders.faults);
			if (orders.rateLimit) limiter.set(orders.rateLimit);
			if (orders.forgetTokens) ownTokens.forgetAll();
			if (orders.uploadsAge) shelf.letPass(orders.uploadsAge * 60_000);
		}
		const state: DeskState = {
			tickets: tickets.map(({ ticket, requester, attachments }) => ({ ...ticket, requester, attachments })),
			requests,
			faults: faults.waiting(),
		};
		sendJson(response, 200, state);
	}

	const server = await listen(async (request, response) => {
		const url = new URL(request.url ?? '', 'http://desk');
		const path = url.pathname;
		const isApi =
			(request.method === 'POST' && UPLOAD.test(path)) ||
			(request.method === 'POST' && CREATE.test(path)) ||
			(request.method === 'GET' && (CREATE.test(path) || SHOW.test(path)));
		if (path === '/control') return await control(request, response);
		if (isApi) return await handleApi(request, response, url);
		if (request.method === 'GET' && DOWNLOAD.test(path)) return sendFile(response, shelf.file(path));
		if (path === '/oauth/tokens' && request.method === 'POST') {
			const { status, body } = ownTokens.issue(
				request.headers['content-type'],
				(await readBody(request)).toString('utf8'),
			);
			return sendJson(response, status, body);
		}
		if (path === '/' && request.method === 'GET') {
			return sendPage(response, deskPage(tickets, requests, `${baseUrl}/api/v2/tickets.json`));
		}
		if (path === '/clear' && request.method === 'POST') {
			clear();
			return sendBack(response);
		}
		sendJson(response, 404, { error: 'InvalidEndpoint', description: 'Not found' });
	}, port);
	baseUrl = server.url;
	return {
		url: server.url,
		ticketsUrl: `${server.url}/api/v2/tickets.json`,
		controlUrl: `${server.url}/control`,
		stop: server.stop,
	};
}

/** As a download: nothing that was uploaded runs in the desk's pages. */
function sendFile(response: ServerResponse, file: ReturnType<ReturnType<typeof uploadShelf>['file']>): void {
	if (file === undefined) return sendJson(response, 404, { error: 'RecordNotFound', description: 'Not found' });
	response.writeHead(200, {
		'content-type': file.attachment.content_type,
		'content-disposition': 'attachment',
		'x-content-type-options': 'nosniff',
	});
	response.end(file.bytes);
}

const keyOf = (request: IncomingMessage): string | undefined => request.headers['idempotency-key']?.toString();

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

runWhenMain(module, start);
