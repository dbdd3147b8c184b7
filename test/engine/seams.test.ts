import { join, sep } from 'node:path';
import type { IDataObject } from 'n8n-workflow';

import { addHints } from '../../nodes/WebhookDispatch/operations/webhook/hints';
import { judge } from '../../lib/delivery/judge';
import { failureItem, receipt } from '../../nodes/WebhookDispatch/n8n/outputItem';
import { signStandardWebhook } from '../../lib/signature/standardWebhooks';
import { Transport } from '../../lib/http/transport';
import { tokenStore } from '../../lib/oauth2/token/tokenStore';
import { protectEgress } from '../support/engine';
import { network } from '../support/engine/container';
import { inputsOf, outcomesOf } from '../support/faults/scenario';
import { answer, receiversForTest, type Receiver } from '../support/receiver';
import { dispatch } from './support/dispatch';
import { Tokens } from './support/tokens';

/** Each part of a delivery throws or rejects once: it costs one delivery its own outcome, and no other anything. */

/** Wraps a module's function, so that a test can have it throw; a spy cannot replace what a module exports. */
function wrapped(path: string, ...names: string[]) {
	const actual = jest.requireActual<Record<string, (...given: unknown[]) => unknown>>(path);
	const mocks = names.map((name) => [name, jest.fn((...given: unknown[]) => actual[name]!(...given))]);
	return { ...actual, ...Object.fromEntries(mocks) } as typeof actual;
}
jest.mock('../../lib/delivery/judge', () => wrapped('../../lib/delivery/judge', 'judge'));
jest.mock('../../lib/signature/standardWebhooks', () =>
	wrapped('../../lib/signature/standardWebhooks', 'signStandardWebhook'),
);
jest.mock('../../nodes/WebhookDispatch/n8n/outputItem', () =>
	wrapped('../../nodes/WebhookDispatch/n8n/outputItem', 'receipt', 'failureItem'),
);
jest.mock('../../nodes/WebhookDispatch/operations/webhook/hints', () =>
	wrapped('../../nodes/WebhookDispatch/operations/webhook/hints', 'addHints'),
);

const COUNT = 7;
const SECRET = 'hunter2-what-an-error-says';
const startReceiver = receiversForTest();
let receiver: Receiver;
let tokens: Tokens;

beforeEach(async () => {
	receiver = await startReceiver();
	tokens = await Tokens.start();
	tokenStore.clear();
});
afterEach(async () => {
	jest.restoreAllMocks();
	protectEgress();
	await tokens.endpoint.close();
});

const error = () => new TypeError(SECRET);
type Mock = { mockImplementationOnce: (implementation: () => never) => unknown };
/** A function that has to give a promise can reject, and throw before it does. */
const ways = [
	[
		'throws',
		(mock: Mock) =>
			mock.mockImplementationOnce(() => {
				throw error();
			}),
	],
	['rejects', (mock: Mock) => mock.mockImplementationOnce(() => Promise.reject(error()) as never)],
] as const;

const guardOf =
	({ SsrfProtectionService }: NonNullable<typeof network>) =>
	() =>
		jest.spyOn(SsrfProtectionService.prototype as never, 'validateUrl' as never) as Mock;

/** The transport serves the token request, too. */
function onceItIsFor(origin: string): Mock {
	const send = Transport.prototype.send;
	return {
		mockImplementationOnce(implementation) {
			let isArmed = true;
			jest.spyOn(Transport.prototype, 'send').mockImplementation(function (this: Transport, ...given) {
				if (!isArmed || given[0].url.origin !== origin) return send.apply(this, given);
				isArmed = false;
				return implementation();
			});
		},
	};
}

const OWN_CODE = ['lib', 'credentials', 'nodes'].map((folder) => `${join(__dirname, '..', '..', folder)}${sep}`);

/** Whether a mock is called by the node's own code: n8n reads the clock, too, also on the node's behalf. */
const isAskedByNode = () => {
	const frames = (new Error().stack ?? '').split('\n').slice(1);
	const caller = frames.find((frame) => !/seams\.test|jest-mock/.test(frame)) ?? '';
	return OWN_CODE.some((folder) => caller.includes(folder));
};

function onceTheNodeAsks(clock: { now(): number }): Mock {
	const now = clock.now.bind(clock);
	return {
		mockImplementationOnce(implementation) {
			let isArmed = true;
			jest.spyOn(clock, 'now').mockImplementation(() => {
				if (!isArmed || !isAskedByNode()) return now();
				isArmed = false;
				return implementation();
			});
		},
	};
}

const seams: Array<[name: string, mock: () => Mock, isAsync: boolean]> = [
	// Older versions of n8n have no such protection.
	...(network === undefined ? [] : [['guard', guardOf(network), true] as [string, () => Mock, boolean]]),
	['transport', () => onceItIsFor(receiver.origin), true],
	['token store', () => jest.spyOn(tokenStore, 'get') as never, true],
	['signer', () => signStandardWebhook as never, false],
	['judge', () => judge as never, false],
	['receipt', () => receipt as never, false],
	['hints', () => addHints as never, false],
	['clock', () => onceTheNodeAsks(Date), false],
	['steady clock', () => onceTheNodeAsks(performance), false],
];
const cases = seams.flatMap(([seam, mock, isAsync]) =>
	ways.filter(([way]) => isAsync || way === 'throws').map(([way, arm]) => [seam, way, () => arm(mock())] as const),
);

const run = async (settings: IDataObject = {}) =>
	await dispatch({
		items: Array.from({ length: COUNT }, (_, n) => ({ n })),
		settings: { onError: 'continueErrorOutput', ...settings },
		parameters: {
			url: `=${receiver.origin}/{{ $json.n }}`,
			authentication: 'oAuth2',
			grantType: 'clientCredentials',
			signing: 'standardWebhooks',
			options: { concurrency: 3 },
		},
		credentials: {
			webhookDispatchClientCredentialsOAuth2Api: {
				accessTokenUrl: tokens.url,
				clientId: 'client',
				clientSecret: 'secret-of-client',
			},
			webhookDispatchSigningApi: { secret: `whsec_${Buffer.alloc(32, 1).toString('base64')}` },
		},
	});

const allOnce = Array<number>(COUNT).fill(1);
const outcomes = (result: Awaited<ReturnType<typeof run>>) => {
	const counts = Array<number>(COUNT).fill(0);
	for (const index of outcomesOf(result).flatMap(inputsOf)) counts[index]! += 1;
	return counts;
};

describe.each(cases)('the %s %s once', (seam, _way, arm) => {
	it('all others are delivered, each once; every item has an outcome, which shows nothing of the error', async () => {
		if (network !== undefined) protectEgress({ allowedIpRanges: ['127.0.0.1/32'] });
		arm();
		const result = await run();
		expect(result.status).toBe('success');
		expect(outcomes(result)).toEqual(allOnce);
		expect(result.errorOutput.length).toBeLessThanOrEqual(seam === 'guard' ? COUNT : 1);
		expect(receiver.repeated()).toBe(0);
		// What the destination acknowledged is delivered, whatever became of the rest.
		expect(result.output(0).map(({ json }) => (json.delivery as IDataObject | undefined)?.status)).toEqual(
			Array(receiver.acknowledged().size).fill('delivered'),
		);
		expect(JSON.stringify([result.output(0), result.errorOutput])).not.toContain(SECRET);
	});

	it('with Retry On Fail all are delivered, none twice', async () => {
		if (network !== undefined) protectEgress({ allowedIpRanges: ['127.0.0.1/32'] });
		arm();
		const result = await run({ retryOnFail: true, maxTries: 3, waitBetweenTries: 1 });
		expect([result.status, result.errorOutput]).toEqual(['success', []]);
		expect(outcomes(result)).toEqual(allOnce);
		expect([...receiver.acknowledged().values()]).toEqual(allOnce);
	});
});

it('a clock that fails at any of its first 60 readings costs nothing but one try', async () => {
	const now = Date.now;
	for (let nth = 1; nth <= 60; nth += 1) {
		receiver.clear();
		let reading = 0;
		const spy = jest.spyOn(Date, 'now').mockImplementation(() => {
			if (!isAskedByNode()) return now();
			reading += 1;
			if (reading === nth) throw error();
			return now();
		});
		const result = await run({ retryOnFail: true, maxTries: 3, waitBetweenTries: 1 });
		spy.mockRestore();
		expect([nth, result.status, receiver.repeated()]).toEqual([nth, 'success', 0]);
		expect([nth, outcomes(result)]).toEqual([nth, allOnce]);
	}
});

it('a failure that cannot be saved is still one', async () => {
	(failureItem as unknown as Mock).mockImplementationOnce(() => {
		throw error();
	});
	receiver.script('/3', answer(404));
	const result = await run({ retryOnFail: true, maxTries: 2, waitBetweenTries: 1 });
	expect(outcomes(result)).toEqual(allOnce);
	expect([receiver.repeated(), receiver.acknowledged().size]).toEqual([0, COUNT - 1]);
});
