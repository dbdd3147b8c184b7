import fc from 'fast-check';

import { PRESETS } from '../../../../lib/signature/hmac/presets';
import { seedFrom } from '../../../support/random';
import { vendors } from '../../../support/signature/vendors';
import { delivery, sign } from './credential';

/** What each preset signs is taken by the service's own library, whatever the body; and nothing else is. */
const seed = seedFrom('HMAC_SEED');
const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };

const presets = Object.keys(PRESETS);

it('each preset has the library of its service', () => {
	expect(Object.keys(vendors).sort()).toEqual([...presets].sort());
});

/** Printable, as they are in credentials, or any text; none that n8n's users could not type. */
const secrets = fc.oneof(
	fc.stringMatching(/^[0-9a-f]{8,64}$/),
	fc.stringMatching(/^[!-~]([ -~]{0,40}[!-~])?$/),
	fc.constant('süß ☃'),
);
/** Well-formed, as UTF-8 makes of a JavaScript string. */
const bodies = fc.oneof(
	fc.json(),
	fc.string({ unit: 'grapheme', minLength: 1 }),
	fc.string({ unit: 'binary', minLength: 1 }).map((text) => Buffer.from(text, 'utf8').toString('utf8')),
);
/** Twilio sends no parameter without a name, and none that JavaScript's objects would sort as a number. */
const forms = fc
	.array(fc.tuple(fc.stringMatching(/^[A-Z][A-Za-z]{0,8}$/), fc.string({ unit: 'grapheme' })), { minLength: 1 })
	.map((fields) => new URLSearchParams(fields).toString());

/** A request as it arrives, signed now. */
async function received(preset: string, secret: string, body: string, headers: Record<string, string>) {
	const timestampSeconds = Math.floor(Date.now() / 1000);
	const made = await sign({ scheme: 'hmac', preset, secret }, { timestampSeconds, body, headers });
	if (!made.ok) throw new Error(`${made.fault.message}. ${made.fault.description}`);
	const url = (made.value.url ?? delivery.url).href;
	return { url, headers: { ...headers, ...made.value.headers }, body };
}

describe.each(presets)('%s', (preset) => {
	const verify = vendors[preset]!;
	const isStartedWhsec = (secret: string) => /^\s*(v1a,)?wh[sp]k_|^whsec_/.test(secret);

	it(`takes every body (HMAC_SEED=${seed})`, async () => {
		await fc.assert(
			fc.asyncProperty(
				secrets.filter((secret) => !isStartedWhsec(secret)),
				bodies,
				async (secret, body) => {
					const request = await received(preset, secret, body, json);
					expect(await verify(secret, request)).toBe(true);
					expect(await verify(`${secret}x`, request)).toBe(false);
					expect(await verify(secret, { ...request, body: `${body}x` })).toBe(false);
				},
			),
			{ seed, numRuns: 60 },
		);
	});
});

it(`Twilio takes every form (HMAC_SEED=${seed})`, async () => {
	await fc.assert(
		fc.asyncProperty(forms, async (body) => {
			const request = await received('twilio', '12345', body, form);
			expect(await vendors.twilio!('12345', request)).toBe(true);
			expect(await vendors.twilio!('12345', { ...request, body: `${body}&Zz=1` })).toBe(false);
		}),
		{ seed, numRuns: 100 },
	);
});

it('Twilio takes a request without a body', async () => {
	const request = await received('twilio', '12345', '', {});
	expect(await vendors.twilio!('12345', request)).toBe(true);
	expect(request.url).toBe(delivery.url.href);
});

it('Stripe takes either secret of a rotation', async () => {
	const [secret, previousSecret] = ['whsec_new', 'whsec_old'];
	const timestampSeconds = Math.floor(Date.now() / 1000);
	const made = await sign({ scheme: 'hmac', preset: 'stripe', secret, previousSecret }, { timestampSeconds });
	if (!made.ok) throw new Error(made.fault.message);
	const request = { url: '', headers: made.value.headers, body: delivery.body as string };
	for (const known of [secret, previousSecret]) expect(await vendors.stripe!(known, request)).toBe(true);
	expect(await vendors.stripe!('whsec_other', request)).toBe(false);
});
