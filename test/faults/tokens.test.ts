import { runWorkflow } from '../support/engine';
import { FaultTable } from '../support/faults/table';
import { account, dispatchTo, itemsOf, kept, keysOf } from '../support/faults/scenario';
import { answer, busy, pathKey, Receiver, resetAfterBody, type Behaviour } from '../support/receiver';

/** Faults of the token endpoint, and tokens that end before their time. */

const COUNT = 20;
const items = itemsOf(COUNT);
const keys = keysOf(COUNT);
const table = new FaultTable(3, 'tokens');
let tokens: Receiver;
let receiver: Receiver;
let valid: Set<string>;
let issued: number;
let clients = 0;

/** Issues `token-1`, `token-2` …, each good for an hour. */
const issue = (): Behaviour => {
	issued += 1;
	valid.add(`Bearer token-${issued}`);
	return answer(200, { access_token: `token-${issued}`, token_type: 'Bearer', expires_in: 3600 });
};

/** A destination that accepts valid tokens only, and ends the validity of all after the given number of deliveries. */
const protectedBy = (validFor = Infinity): Behaviour => {
	let served = 0;
	let ended = false;
	return {
		name: 'needs a token',
		act: (response, request) => {
			if (served === validFor && !ended) {
				valid.clear();
				ended = true;
			}
			const good = valid.has(request.headers.authorization ?? '');
			if (good) served += 1;
			(good ? answer() : answer(401, { error: 'invalid_token' })).act(response, request);
		},
	};
};

beforeAll(async () => {
	tokens = await Receiver.start();
	receiver = await Receiver.start({ keyOf: pathKey });
});
afterAll(async () => await Promise.all([tokens.close(), receiver.close()]));
beforeEach(() => {
	tokens.clear();
	receiver.clear();
	valid = new Set();
	issued = 0;
	clients += 1;
	tokens.choose(() => issue());
});

/** Separate credentials for each test, for tokens are kept by the content of a credential. */
const request = (settings: Parameters<typeof dispatchTo>[1] = {}) => ({
	items,
	node: dispatchTo(receiver.origin, {
		...settings,
		parameters: { authentication: 'oAuth2', grantType: 'clientCredentials', ...settings.parameters },
	}),
	credentials: {
		webhookDispatchClientCredentialsOAuth2Api: {
			accessTokenUrl: tokens.url('/token'),
			clientId: `client-${clients}`,
			clientSecret: 'secret-of-the-client',
		},
	},
});

it('one token request serves a whole batch', async () => {
	const destination = protectedBy();
	receiver.choose(() => destination);
	const run = await runWorkflow(request());
	expect(account(run, [receiver], keys)).toMatchObject({ ...kept, delivered: COUNT, requests: COUNT });
	expect(tokens.requests).toHaveLength(1);
});

it.each([1, 5, 50])(
	'a token that expires in the middle of a batch is replaced once (concurrency %i)',
	async (concurrency) => {
		const destination = protectedBy(7);
		receiver.choose(() => destination);
		const run = await runWorkflow(request({ retryOnFail: false, parameters: { options: { concurrency } } }));
		const counts = account(run, [receiver], keys);
		table.add('Token expires in the middle of a batch', counts);
		expect(run.status).toBe('success');
		expect(counts).toMatchObject({ ...kept, delivered: COUNT });
		expect(tokens.requests).toHaveLength(2);
	},
);

it('a destination that refuses every token is given up, with one new token', async () => {
	receiver.choose(() => answer(401, { error: 'invalid_token' }));
	const run = await runWorkflow(request({ onError: 'continueErrorOutput' }));
	const counts = account(run, [receiver], keys);
	table.add('Every token is refused', counts);
	expect(counts).toMatchObject({ ...kept, failed: COUNT });
	expect(tokens.requests.length).toBeLessThanOrEqual(2);
	expect(JSON.stringify(run.data.resultData)).not.toContain('secret-of-the-client');
});

it.each([
	['503', () => busy(503)],
	['reset', () => resetAfterBody()],
	['429', () => busy(429)],
])('a token endpoint that is down (%s) and up again at the second try', async (_name, fault) => {
	tokens.choose((_key, nth) => (nth === 0 ? fault() : issue()));
	const destination = protectedBy();
	receiver.choose(() => destination);
	const run = await runWorkflow(request());
	const counts = account(run, [receiver], keys);
	table.add('Token endpoint down, then up', counts);
	expect(run.status).toBe('success');
	expect(counts).toMatchObject({ ...kept, delivered: COUNT, requests: COUNT });
});

it('a token endpoint that stays down fails the items; it is up when the execution is retried', async () => {
	let down = true;
	tokens.choose(() => (down ? busy(503) : issue()));
	const destination = protectedBy();
	receiver.choose(() => destination);
	const errors = await runWorkflow(request({ onError: 'continueErrorOutput' }));
	const failed = account(errors, [receiver], keys);
	table.add('Token endpoint down', failed);
	expect(failed).toMatchObject({ ...kept, failed: COUNT, requests: 0 });
	expect(errors.errorOutput[0]?.json.details).toMatchObject({ delivery: { code: 'TOKEN', retryable: true } });

	const first = await runWorkflow(request());
	expect(first.status).toBe('error');
	down = false;
	const run = await first.retry();
	const counts = account(run, [receiver], keys);
	table.add('Token endpoint down', counts, 2);
	expect(counts).toMatchObject({ ...kept, delivered: COUNT, requests: COUNT });
});

it('a token endpoint that refuses the client is not asked again within a run', async () => {
	tokens.choose(() => answer(401, { error: 'invalid_client', error_description: 'unknown client' }));
	const run = await runWorkflow(request({ onError: 'continueErrorOutput' }));
	const counts = account(run, [receiver], keys);
	table.add('Token endpoint refuses', counts);
	expect(counts).toMatchObject({ ...kept, failed: COUNT, requests: 0 });
	expect(run.errorOutput[0]?.json).toMatchObject({
		message: expect.stringContaining('invalid_client'),
		details: { delivery: { code: 'TOKEN', retryable: false } },
	});
	// One for each wave of deliveries at most, not one for each delivery.
	expect(tokens.requests.length).toBeLessThanOrEqual(3);
});
