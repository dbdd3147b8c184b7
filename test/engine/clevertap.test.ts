import { answer, Receiver } from '../support/receiver';
import { bodies, deliveryOf, dispatch, pairs } from './support/dispatch';

/** What `docs/coming-from-clevertap.md` and the recipes promise of the reference's rules and payloads (mission rows C1 to C4). */

let receiver: Receiver;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(() => receiver.clear());

/** The recipe: three retries, 15 s apart, each with 3 s, and 200 alone. */
const olderRule = {
	timeout: 3000,
	retrySchedule: '15s, 15s, 15s',
	successStatus: '200',
	idempotencyHeader: 'Idempotency-Key',
};
const settings = { onError: 'continueErrorOutput' } as const;

it('three retries, 15 s apart: each failure says when, the last one that there is no more', async () => {
	receiver.choose(() => answer(503));
	let item = { n: 1 } as Record<string, unknown>;
	for (const round of [1, 2, 3, 4]) {
		const before = Date.now();
		const run = await dispatch({
			items: [item as never],
			settings,
			parameters: { url: receiver.url('/hook'), options: olderRule },
		});
		const after = Date.now();
		item = run.errorOutput[0]?.json ?? {};
		const { attempts, retryAt } = deliveryOf(item as never);
		expect(attempts).toBe(round);
		if (round === 4) expect(retryAt).toBeUndefined();
		else {
			const at = Date.parse(String(retryAt));
			// 15 s after the attempt and up to a fifth later, whatever the run itself took.
			expect(at - before).toBeGreaterThanOrEqual(15_000);
			expect(at - after).toBeLessThanOrEqual(18_000);
		}
	}
	expect(new Set(receiver.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
	expect(bodies(receiver.requests)).toEqual(Array(4).fill('{"n":1}'));
});

it.each([201, 202, 204])('with Success Status 200, %i is not delivered', async (status) => {
	receiver.choose(() => answer(status));
	const run = await dispatch({ items: [{}], settings, parameters: { url: receiver.url('/hook'), options: olderRule } });
	expect(run.errorOutput.map(({ json }) => deliveryOf(json).statusCode)).toEqual([status]);
});

it('a webhook as an action after a push has payload as a main key of a profile', async () => {
	const payload = { title: 'Sale', body: 'Today', kvs: { deeplink: 'app://sale' } };
	const profile = { identity: 'foo', all_identities: ['foo'], objectId: '__o', payload };
	await dispatch({
		items: [{ ...profile, plan: 'gold', systemProfileData: { EMAILSUBSCRIPTION: 'Subscribed', age: '2 years' } }],
		parameters: {
			url: receiver.url('/hook'),
			body: 'profiles',
			recipients: 'broadcast',
			targetId: '1659684581',
			keyValues: pairs(),
		},
	});
	expect(JSON.parse(bodies(receiver.requests)[0] ?? '')).toEqual({
		targetId: 1659684581,
		key_values: {},
		profiles: [
			{
				...profile,
				profileData: { plan: 'gold' },
				systemProfileData: { emailSubscription: 'Subscribed', age: '2 years' },
			},
		],
	});
});
