'use strict';
/**
 * A ticket desk that behaves as Zendesk's Tickets API documents, on loopback. It really checks who comes: Basic by its
 * agents, Bearer tokens at the authorisation server. `/` lists the tickets; `/control` is for tests.
 */
const { createDoorkeeper } = require('./desk-auth');
const { deskTokens } = require('./desk-tokens');
const { deskPage } = require('./desk-page');
const { answerWith, faultQueue } = require('./faults');
const { listen, readBody, sendJson } = require('./http');
const { idempotencyKeys } = require('./idempotency');
const { sendPage } = require('./page');
const { runWhenMain } = require('./process');
const { isObject, ticketOf, validateTicket } = require('./ticket-rules');

const CREATE = /^\/api\/v2\/tickets(\.json)?$/;
const SHOW = /^\/api\/v2\/tickets\/(\d+)(\.json)?$/;

/** @typedef {{ status: number, body: object, headers?: Record<string, string> }} Answer */

/** Zendesk's limit is so many requests a minute for the account. */
function rateLimiter({ requests, seconds } = { requests: 700, seconds: 60 }) {
	let left = requests;
	let resets = 0;
	return {
		/** @returns {{ headers: Record<string, string>, retryAfter?: number }} `retryAfter` in seconds when there were too many */
		count() {
			const now = Date.now();
			if (now >= resets) {
				left = requests;
				resets = now + seconds * 1000;
			}
			left -= 1;
			const headers = { 'x-rate-limit': String(requests), 'x-rate-limit-remaining': String(Math.max(0, left)) };
			return left < 0 ? { headers, retryAfter: Math.max(1, Math.ceil((resets - now) / 1000)) } : { headers };
		},
		set(limit) {
			({ requests, seconds } = limit);
			resets = 0;
		},
	};
}

/**
 * @typedef {object} DeskOptions
 * @property {number} [port]
 * @property {Array<{ user: string, password: string }>} [agents] Basic
 * @property {{ url: string, clientId: string, clientSecret: string }} [introspection] where Bearer tokens are checked
 * @property {Array<{ clientId: string, clientSecret: string }>} [oauthClients] for the desk's own `/oauth/tokens`
 * @property {{ requests: number, seconds: number }} [rateLimit]
 */

/**
 * @param {DeskOptions} [options]
 * @returns {Promise<{ url: string, ticketsUrl: string, controlUrl: string, stop(): Promise<void> }>}
 */
async function start({ port, agents, introspection, oauthClients, rateLimit } = {}) {
	const tickets = [];
	const requests = [];
	const requesters = new Map();
	const faults = faultQueue();
	const keys = idempotencyKeys();
	const ownTokens = deskTokens(oauthClients);
	const limiter = rateLimiter(rateLimit);
	const refusalFor = createDoorkeeper({ agents, introspection, ownTokens });
	let baseUrl = '';

	const requesterId = ({ requester }) => {
		const who = requester?.email ?? requester?.name ?? 'agent';
		if (!requesters.has(who)) requesters.set(who, 5_001 + requesters.size);
		return requesters.get(who);
	};

	/** @param {string} text  @param {string | undefined} key  @returns {Answer} */
	function create(text, key) {
		const input = parse(text);
		if (input === undefined)
			return { status: 422, body: { error: 'Unprocessable Entity', message: 'Server could not parse JSON' } };
		if (!isObject(input?.ticket)) {
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
		const details = validateTicket(input.ticket);
		if (details)
			return { status: 422, body: { error: 'RecordInvalid', description: 'Record validation errors', details } };
		const id = tickets.length + 1;
		const url = `${baseUrl}/api/v2/tickets/${id}.json`;
		const ticket = ticketOf(input.ticket, { id, url, requesterId: requesterId(input.ticket), now: new Date() });
		tickets.push({ ticket, requester: input.ticket.requester });
		const answer = { status: 201, body: { ticket }, headers: { location: url } };
		keys.keep(key, text, answer);
		return seen.kind === 'miss'
			? { ...answer, headers: { ...answer.headers, 'x-idempotency-lookup': 'miss' } }
			: answer;
	}

	/** @returns {Answer} */
	function show(path) {
		if (CREATE.test(path))
			return { status: 200, body: { tickets: tickets.map(({ ticket }) => ticket), count: tickets.length } };
		const found = tickets[Number(SHOW.exec(path)[1]) - 1];
		return found
			? { status: 200, body: { ticket: found.ticket } }
			: { status: 404, body: { error: 'RecordNotFound', description: 'Not found' } };
	}

	/** @returns {Promise<Answer>} */
	async function ticketsApi(request, path, text) {
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
		const answer = request.method === 'POST' ? create(text, request.headers['idempotency-key']) : show(path);
		return { ...answer, headers: { ...headers, ...answer.headers } };
	}

	async function handleTickets(request, response, path) {
		const text = (await readBody(request)).toString('utf8');
		const record = {
			at: new Date().toISOString(),
			method: request.method,
			path,
			status: 0,
			scheme: request.headers.authorization?.split(' ')[0],
			idempotencyKey: request.headers['idempotency-key'],
			body: parse(text) ?? text,
		};
		requests.push(record);
		const fault = faults.next();
		const spared = fault && !fault.commit && (fault.status || fault.silent || fault.drop);
		const answer = spared ? undefined : await ticketsApi(request, path, text);
		record.committed = answer?.status === 201 && answer.headers['x-idempotency-lookup'] !== 'hit';
		record.lookup = answer?.headers?.['x-idempotency-lookup'];
		const send = () => sendJson(response, answer.status, answer.body, answer.headers);
		if (fault) record.status = await answerWith(fault, response, send);
		else {
			send();
			record.status = answer.status;
		}
	}

	async function control(request, response) {
		if (request.method === 'DELETE') {
			for (const part of [faults, keys, requesters]) part.clear();
			tickets.length = 0;
			requests.length = 0;
			limiter.set(rateLimit ?? { requests: 700, seconds: 60 });
		} else if (request.method === 'POST') {
			const orders = JSON.parse((await readBody(request)).toString('utf8'));
			if (orders.faults) faults.add(orders.faults);
			if (orders.rateLimit) limiter.set(orders.rateLimit);
			if (orders.forgetTokens) ownTokens.forgetAll();
		}
		sendJson(response, 200, {
			tickets: tickets.map(({ ticket, requester }) => ({ ...ticket, requester })),
			requests,
			faults: faults.waiting(),
		});
	}

	const server = await listen(async (request, response) => {
		const path = new URL(request.url, 'http://desk').pathname;
		const isTicket =
			(request.method === 'POST' && CREATE.test(path)) ||
			(request.method === 'GET' && (CREATE.test(path) || SHOW.test(path)));
		if (path === '/control') return await control(request, response);
		if (isTicket) return await handleTickets(request, response, path);
		if (path === '/oauth/tokens' && request.method === 'POST') {
			const { status, body } = ownTokens.issue(
				request.headers['content-type'],
				(await readBody(request)).toString('utf8'),
			);
			return sendJson(response, status, body);
		}
		if (path === '/' && request.method === 'GET') return sendPage(response, deskPage(tickets, requests));
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

function parse(text) {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

runWhenMain(module, start);

module.exports = { start };
