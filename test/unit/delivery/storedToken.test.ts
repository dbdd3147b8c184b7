import type { DeliveryFault } from '../../../lib/delivery/delivery';
import { storedTokenAuthorization } from '../../../lib/delivery/storedToken';
import { fail, ok } from '../../../lib/result/result';

const fault: DeliveryFault = { code: 'TOKEN', retryable: false, message: 'm', description: 'd' };

/** A credential with `token-0`, renewed to `token-1`, `token-2` … unless it is told otherwise. */
function setUp({
	accessToken = 'token-0' as string | undefined,
	statuses = [401],
	faults = [] as DeliveryFault[],
} = {}) {
	const asked: Array<string | undefined> = [];
	const authorization = storedTokenAuthorization({
		accessToken,
		expiredStatusCodes: statuses,
		async renew(refused) {
			asked.push(refused);
			const failure = faults.shift();
			return await Promise.resolve(failure === undefined ? ok(`token-${asked.length}`) : fail(failure));
		},
	});
	const token = async () => {
		const result = await authorization.authorize();
		if (!result.ok) throw new Error(result.fault.message);
		return result.value;
	};
	return { authorization, token, asked };
}

it('is the stored token as Bearer, without a renewal', async () => {
	const { token, asked } = setUp();
	expect(await token()).toEqual({
		headers: { authorization: 'Bearer token-0' },
		headerNames: { authorization: 'Authorization' },
		secrets: ['token-0'],
		expiredStatusCodes: [401],
	});
	expect(asked).toEqual([]);
});

it('is had once where there is none yet', async () => {
	const authorization = storedTokenAuthorization({
		accessToken: undefined,
		expiredStatusCodes: [401],
		renew: async (refused) => await Promise.resolve(ok(`after ${refused ?? 'none'}`)),
	});
	const all = await Promise.all(Array.from({ length: 20 }, async () => await authorization.authorize()));
	expect(new Set(all.map((one) => one.ok && one.value.headers.authorization))).toEqual(new Set(['Bearer after none']));
});

it('is renewed once for all deliveries that were refused with it, also for those that say so late', async () => {
	const { authorization, token, asked } = setUp();
	const used = await Promise.all(Array.from({ length: 50 }, token));
	expect(used.slice(1).every((one) => authorization.isExpired(401, one))).toBe(true);
	const again = await Promise.all(Array.from({ length: 50 }, token));
	expect(authorization.isExpired(401, used[0]!)).toBe(true);
	expect([...again, await token()].every(({ secrets }) => secrets[0] === 'token-1')).toBe(true);
	expect(asked).toEqual(['token-0']);
});

it('a destination that takes no token costs one renewal; one that took the new one for a while gets another', async () => {
	const { authorization, token, asked } = setUp();
	for (let item = 0; item < 10; item += 1) authorization.isExpired(401, await token());
	expect(asked).toEqual(['token-0']);
	expect(authorization.isExpired(200, await token())).toBe(false);
	expect(authorization.isExpired(401, await token())).toBe(true);
	expect((await token()).secrets).toEqual(['token-2']);
});

it.each([200, 204, 302, 403, 500])('does not expire by %i, but by what the credential says', async (status) => {
	const one = setUp();
	expect(one.authorization.isExpired(status, await one.token())).toBe(false);
	const other = setUp({ statuses: [status] });
	expect(other.authorization.isExpired(status, await other.token())).toBe(true);
});

it('a renewal that is refused is asked for once a try, but not when the execution was cancelled', async () => {
	const { authorization, token, asked } = setUp({ faults: [{ ...fault, code: 'CANCELLED' }, fault] });
	authorization.isExpired(401, await token());
	expect(await authorization.authorize()).toMatchObject({ fault: { code: 'CANCELLED' } });
	for (let item = 0; item < 3; item += 1) expect(await authorization.authorize()).toEqual(fail(fault));
	expect(asked).toHaveLength(2);
});
