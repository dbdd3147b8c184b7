import http from 'node:http';
import type { AddressInfo } from 'node:net';

import { buildSchema, execute, GraphQLError, type ExecutionArgs } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/http';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { deliveryOf, dispatch } from '../engine/support/dispatch';
import type { NodeSettings } from '../support/engine';

/** Option *Fails When* against a real GraphQL server: graphql-js behind graphql-http, the reference implementation. */

const schema = buildSchema(`
	type Ticket { id: ID! owner: String }
	type Query { ticket(id: ID!): Ticket }
	type Mutation { open(id: ID!): Ticket }
`);
/** What arrived at the resolvers, in order. */
const opened: string[] = [];
/** How often opening a ticket goes wrong before it works, by its ID. */
const busy = new Map<string, number>();
/** Delivery IDs, one a request. */
const ids: unknown[] = [];

const rootValue = {
	open({ id }: { id: string }) {
		opened.push(id);
		const left = busy.get(id) ?? 0;
		busy.set(id, left - 1);
		if (left > 0) throw new GraphQLError(`Ticket ${id} is locked`, { extensions: { code: 'LOCKED' } });
		// Of a mutation that is done, a part of the response can be missing.
		const owner = () => {
			if (id === 'partial') throw new GraphQLError('The owner is not available');
			return 'ada';
		};
		return { id, owner };
	},
};

const usual = createHandler({ schema, rootValue });
/** Some servers always write a list of errors. */
const withEmptyList = createHandler({
	schema,
	rootValue,
	execute: async (args: ExecutionArgs) => ({ errors: [], ...(await execute(args)) }),
});

let server: http.Server;
let origin: string;
beforeAll(async () => {
	server = http.createServer((request, response) => {
		ids.push(request.headers['idempotency-key']);
		void (request.url === '/empty-list' ? withEmptyList : usual)(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
	opened.length = 0;
	ids.length = 0;
	busy.clear();
});

const rule = (tryAgain: boolean) => ({ rules: [{ path: 'errors', condition: 'notEmpty', value: '', tryAgain }] });
const OPEN = 'mutation ($id: ID!) { open(id: $id) { id owner } }';

interface Sending {
	query?: string;
	path?: string;
	options?: INodeParameters;
	settings?: NodeSettings;
}

/** One mutation for each ID. */
const send = async (
	ids: string[],
	{ query = OPEN, path = '/', options = { failsWhen: rule(false) }, settings = {} }: Sending = {},
) =>
	await dispatch({
		items: ids.map((id) => ({ query, variables: { id } })),
		settings: { onError: 'continueErrorOutput', ...settings },
		parameters: { url: `${origin}${path}`, options },
	});

const messages = (items: Array<{ json: IDataObject }>) => items.map(({ json }) => json.message);
const host = () => new URL(origin).host;

it('without a condition an error with 200 counts as delivered, as its status says', async () => {
	busy.set('1', 1);
	const result = await send(['1'], { options: {} });
	expect(result.output().map(({ json }) => json.response)).toEqual([
		expect.objectContaining({ errors: [expect.objectContaining({ message: 'Ticket 1 is locked' })] }),
	]);
});

it('rejects what the server says no to, in its own words; the others are delivered', async () => {
	busy.set('2', 1);
	const result = await send(['1', '2', '3']);
	expect(result.output()).toHaveLength(2);
	expect(messages(result.errorOutput)).toEqual([
		`${host()} responded with 200 and rejected the delivery (errors is not empty): open: Ticket 2 is locked [item 1]`,
	]);
	expect(deliveryOf(result.errorOutput[0]!.json)).toMatchObject({
		code: 'REJECTED',
		statusCode: 200,
		retryable: false,
		attempts: 1,
	});
	expect(opened.sort()).toEqual(['1', '2', '3']);
});

it('rejects a query that does not fit the schema', async () => {
	const result = await send(['1'], { query: 'mutation ($id: ID!) { close(id: $id) { id } }' });
	expect(messages(result.errorOutput)).toEqual([
		expect.stringMatching(
			/rejected the delivery \(errors is not empty\): Cannot query field "close" on type "Mutation"\./,
		),
	]);
	expect(opened).toEqual([]);
});

it('rejects partial data, which is in the failed item', async () => {
	const result = await send(['partial']);
	expect(messages(result.errorOutput)).toEqual([
		expect.stringContaining('open.owner: The owner is not available [item 0]'),
	]);
	expect(result.errorOutput[0]?.json.details).toMatchObject({
		response: { data: { open: { id: 'partial', owner: null } } },
	});
	expect(opened).toEqual(['partial']);
});

it('passes an empty list of errors', async () => {
	const result = await send(['1', '2'], { path: '/empty-list' });
	expect(result.output().map(({ json }) => json.response)).toEqual(
		['1', '2'].map((id) => ({ errors: [], data: { open: { id, owner: 'ada' } } })),
	);
	expect(result.errorOutput).toEqual([]);
});

it('sends again what may pass, under the same ID, and nothing that was accepted', async () => {
	busy.set('2', 2);
	const result = await send(['1', '2', '3'], {
		options: { failsWhen: rule(true), idempotencyHeader: 'Idempotency-Key' },
		settings: { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 },
	});
	expect(result.errorOutput).toEqual([]);
	expect(result.output().map(({ json }) => deliveryOf(json).attempts)).toEqual([1, 3, 1]);
	expect(opened.sort()).toEqual(['1', '2', '2', '2', '3']);
	expect([ids.length, new Set(ids).size, ids.includes(undefined)]).toEqual([5, 3, false]);
});

it('reads the code that the server gives in extensions', async () => {
	busy.set('1', 1);
	const failsWhen = {
		rules: [
			{ path: 'errors.0.extensions.code', condition: 'equals', value: 'LOCKED', tryAgain: true },
			{ path: 'errors', condition: 'notEmpty', value: '', tryAgain: false },
		],
	};
	const result = await send(['1', 'partial'], {
		options: { failsWhen },
		settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 },
	});
	expect(messages(result.errorOutput)).toEqual([expect.stringContaining('open.owner: The owner is not available')]);
	expect(opened.sort()).toEqual(['1', '1', 'partial']);
});
