import fc from 'fast-check';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { Webhook as SvixWebhook } from 'svix';

import { runWorkflow } from '../support/engine';
import { seedFrom } from '../support/random';
import { receivedItem } from '../support/signature/received';

/** ESM only, and found through `exports`, which this project's TypeScript does not read. */
const { sign: octokitSign } = jest.requireActual<{ sign(secret: string, payload: string): Promise<string> }>(
	'@octokit/webhooks-methods',
);

/** Signature: Verify, with signers that no one here wrote, and what becomes of a genuine request with one bit changed. */
const seed = seedFrom('VERIFY_SEED');
/** Three secrets: of now, of before, and of somebody else. */
const secretsWith = (prefix: string) =>
	[5, 6, 8].map((byte) => `${prefix}${Buffer.alloc(32, byte).toString('base64')}`) as [string, string, string];
const body = '{"order": 12, "note": "Zoë"}';

interface Signer {
	name: string;
	secrets: [string, string, string];
	/** The credential, as a receiver has it. */
	data: Record<string, unknown>;
	sign: (at: Date, key: string) => Promise<Record<string, string>> | Record<string, string>;
	/** Headers of which every bit counts. */
	signed: string[];
	/** Whether a time is signed. */
	isTimed: boolean;
}

const standardHeaders = (at: Date, signature: string) => ({
	'webhook-id': 'msg_1',
	'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
	'webhook-signature': signature,
});

const signers: Signer[] = [
	{
		name: 'standardwebhooks',
		secrets: secretsWith('whsec_'),
		data: {},
		sign: (at, key) => standardHeaders(at, new StandardWebhook(key).sign('msg_1', at, body)),
		signed: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
		isTimed: true,
	},
	{
		name: 'svix',
		secrets: secretsWith('whsec_'),
		data: { scheme: 'standardWebhooks' },
		sign: (at, key) => standardHeaders(at, new SvixWebhook(key).sign('msg_1', at, body)),
		signed: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
		isTimed: true,
	},
	{
		name: '@octokit/webhooks-methods',
		secrets: secretsWith(''),
		data: { scheme: 'hmac', preset: 'github' },
		sign: async (_at, key) => ({ 'X-Hub-Signature-256': await octokitSign(key, body), 'X-GitHub-Delivery': 'd-1' }),
		signed: ['X-Hub-Signature-256'],
		isTimed: false,
	},
	{
		name: 'stripe',
		secrets: secretsWith('whsec_'),
		data: { scheme: 'hmac', preset: 'stripe' },
		sign: (at, key) => ({
			'Stripe-Signature': new Stripe('sk_test_x').webhooks.generateTestHeaderString({
				payload: body,
				secret: key,
				timestamp: Math.floor(at.getTime() / 1000),
			}),
		}),
		signed: ['Stripe-Signature'],
		isTimed: true,
	},
];

type Request = { headers: Record<string, string>; body: string | Buffer };

/** `genuine`, or the reason, for each of these requests. */
async function verify(data: Record<string, unknown>, requests: Request[]): Promise<string[]> {
	const run = await runWorkflow({
		items: requests.map(receivedItem),
		node: { onError: 'continueErrorOutput', parameters: { resource: 'signature', operation: 'verify' } },
		credentials: { webhookDispatchSigningApi: data as never },
	});
	const outcome = new Map<number, string>();
	const indexOf = (paired: unknown) => (paired as { item: number }).item;
	for (const { pairedItem } of run.output(0)) outcome.set(indexOf(pairedItem), 'genuine');
	for (const { pairedItem, json } of run.errorOutput) {
		outcome.set(indexOf(pairedItem), (json.details as { signature: { reason: string } }).signature.reason);
	}
	expect(outcome.size).toBe(requests.length);
	return requests.map((_request, index) => outcome.get(index) ?? 'lost');
}

const flipped = (bytes: Buffer, at: number): Buffer => {
	const copy = Buffer.from(bytes);
	copy[(at >> 3) % copy.length]! ^= 1 << (at & 7);
	return copy;
};

describe.each(signers)('$name', ({ secrets, data: fields, sign, signed, isTimed }) => {
	const [secret, before] = secrets;
	const data = { ...fields, secret };

	it('is taken, with either secret of a rotation, and not with another', async () => {
		const now = new Date();
		const requests = await Promise.all(
			secrets.map(async (key) => ({
				headers: await sign(now, key),
				body,
			})),
		);
		expect(await verify({ ...data, previousSecret: before }, requests)).toEqual(['genuine', 'genuine', 'NO_MATCH']);
		expect(await verify(data, requests)).toEqual(['genuine', 'NO_MATCH', 'NO_MATCH']);
	});

	it('is taken within the tolerance only, where a time is signed', async () => {
		const ages = [290, 310, -290, -320];
		const requests = await Promise.all(
			ages.map(async (age) => ({ headers: await sign(new Date(Date.now() - age * 1000), secret), body })),
		);
		expect(await verify(data, requests)).toEqual(
			isTimed ? ['genuine', 'TOO_OLD', 'genuine', 'TOO_OLD'] : ages.map(() => 'genuine'),
		);
	});

	it('is not taken without a header', async () => {
		const headers = await sign(new Date(), secret);
		const requests = signed.map((name) => ({
			headers: Object.fromEntries(Object.entries(headers).filter(([other]) => other !== name)),
			body,
		}));
		expect(await verify(data, requests)).toEqual(signed.map(() => 'MISSING_HEADER'));
	});

	it(`is not taken with a bit changed (VERIFY_SEED=${seed})`, async () => {
		const headers = await sign(new Date(), secret);
		const choices = fc.sample(fc.tuple(fc.constantFrom('body', ...signed), fc.nat()), { seed, numRuns: 150 });
		const requests = choices.flatMap(([what, at]): Request[] => {
			if (what === 'body') return [{ headers, body: flipped(Buffer.from(body), at) }];
			const value = headers[what] ?? '';
			const other = flipped(Buffer.from(value), at).toString('latin1');
			return saysTheSame(value, other) ? [] : [{ headers: { ...headers, [what]: other }, body }];
		});
		expect(requests.length).toBeGreaterThan(100);
		const outcomes = await verify(data, [...requests, { headers, body }]);
		expect(outcomes.pop()).toBe('genuine');
		expect(requests.filter((_request, index) => outcomes[index] === 'genuine')).toEqual([]);
	});
});

/** Hex has two letter cases, and the last bits of Base64 before its padding are no part of a signature. */
function saysTheSame(one: string, other: string): boolean {
	if (one.toLowerCase() === other.toLowerCase() && /[0-9a-f]{64}$/i.test(other)) return true;
	const bytes = (text: string) => Buffer.from(/^v1,([A-Za-z0-9+/]{43}=)$/.exec(text)?.[1] ?? text, 'base64');
	return one.startsWith('v1,') && other.startsWith('v1,') && other.endsWith('=') && bytes(one).equals(bytes(other));
}
