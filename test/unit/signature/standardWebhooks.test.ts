import { createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import { inspect } from 'node:util';

import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';

import {
	isSignableId,
	readSigningSecret,
	signStandardWebhook,
	type SigningSecret,
} from '../../../lib/signature/standardWebhooks';
import { secretForms } from '../keys/canaries';

/** The key pair that the documentation of the reference implementation publishes. */
const publishedPrivate =
	'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==';
const publishedPublic = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=';
const publishedSeed = 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc=';

function secretOf(text: string): SigningSecret {
	const read = readSigningSecret(text);
	if (!read.ok) throw new Error(`${read.fault.message}: ${read.fault.description}`);
	return read.value;
}

describe('known answers', () => {
	it.each([
		// The examples of the reference libraries' and the reference server's own tests.
		[
			'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
			'msg_p5jXN8AQM9LWM0D4loKWxJek',
			1614265330,
			'{"test": 2432232314}',
			'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
		],
		[
			'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
			'msg_27UH4WbU6Z5A5EzD8u03UvzRbpk',
			1649367553,
			'{"email":"test@example.com","username":"test_user"}',
			'v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=',
		],
		[
			publishedPrivate,
			'msg_p5jXN8AQM9LWM0D4loKWxJek',
			1614265330,
			'{"test": 2432232314}',
			'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
		],
		[
			publishedSeed,
			'msg_p5jXN8AQM9LWM0D4loKWxJek',
			1614265330,
			'{"test": 2432232314}',
			'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
		],
	])('%s', (secret, id, timestampSeconds, body, signature) => {
		const headers = { 'webhook-id': id, 'webhook-timestamp': String(timestampSeconds), 'webhook-signature': signature };
		const secrets = [secretOf(secret)];
		expect(signStandardWebhook({ id, timestampSeconds, body, secrets })).toEqual(headers);
		expect(signStandardWebhook({ id, timestampSeconds, body: Buffer.from(body), secrets })).toEqual(headers);
	});
});

describe.each([
	['standardwebhooks', StandardWebhook],
	['svix', SvixWebhook],
])('the reference library %s', (_name, Webhook) => {
	const now = () => Math.floor(Date.now() / 1000);

	it.each(['{}', '{"name":"Zoë 🎟 \\u0000"}', '"\u2028"', `[${'1,'.repeat(50_000)}1]`])(
		'accepts what is sent: %#',
		(body) => {
			const secret = `whsec_${randomBytes(32).toString('base64')}`;
			const headers = signStandardWebhook({ id: 'a-1', timestampSeconds: now(), body, secrets: [secretOf(secret)] });
			const verified = new Webhook(secret).verify(body, headers);
			expect(verified).toEqual(JSON.parse(body));
			expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow('No matching signature');
			expect(() => new Webhook(secret).verify(body, { ...headers, 'webhook-id': 'a-2' })).toThrow(
				'No matching signature',
			);
		},
	);

	it('accepts a request without a body', () => {
		const secret = `whsec_${randomBytes(32).toString('base64')}`;
		const timestampSeconds = now();
		const headers = signStandardWebhook({ id: 'a', timestampSeconds, body: '', secrets: [secretOf(secret)] });
		expect(new Webhook(secret).sign('a', new Date(timestampSeconds * 1000), '')).toBe(headers['webhook-signature']);
	});

	it('accepts either secret while a rotation lasts, also beside an Ed25519 key', () => {
		const [first, second] = [24, 64].map((size) => `whsec_${randomBytes(size).toString('base64')}`) as [string, string];
		const secrets = [first, publishedPrivate, second].map(secretOf);
		const headers = signStandardWebhook({ id: 'a', timestampSeconds: now(), body: '{}', secrets });
		expect(headers['webhook-signature'].split(' ').map((part) => part.split(',')[0])).toEqual(['v1', 'v1a', 'v1']);
		for (const secret of [first, second]) expect(new Webhook(secret).verify('{}', headers)).toEqual({});
		expect(() => new Webhook(`whsec_${randomBytes(32).toString('base64')}`).verify('{}', headers)).toThrow();
	});
});

describe('bytes that are no text', () => {
	const body = Buffer.from([0xff, 0x00, 0xfe, 0x80]);

	it('are signed as they are, with Ed25519', () => {
		const headers = signStandardWebhook({ id: 'a', timestampSeconds: 5, body, secrets: [secretOf(publishedPrivate)] });
		const x = Buffer.from(publishedPublic.slice(5), 'base64').toString('base64url');
		const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
		const signature = Buffer.from(headers['webhook-signature'].slice('v1a,'.length), 'base64');
		expect(verify(null, Buffer.concat([Buffer.from('a.5.'), body]), publicKey, signature)).toBe(true);
		expect(verify(null, Buffer.concat([Buffer.from('a.6.'), body]), publicKey, signature)).toBe(false);
	});

	it('give another signature than the text they would turn into', () => {
		const secrets = [secretOf('whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD')];
		const asBytes = signStandardWebhook({ id: 'a', timestampSeconds: 5, body, secrets });
		const asText = signStandardWebhook({ id: 'a', timestampSeconds: 5, body: body.toString(), secrets });
		expect(asBytes['webhook-signature']).not.toBe(asText['webhook-signature']);
	});
});

describe('reading a secret', () => {
	const bytes = randomBytes(32);

	it.each([
		['without prefix', bytes.toString('base64')],
		['with blanks around', ` whsec_${bytes.toString('base64')}\n`],
		['after its version', `v1,whsec_${bytes.toString('base64')}`],
		['after its version, without prefix', `v1,${bytes.toString('base64')}`],
		['after its version and a blank', ' v1, whsec_' + bytes.toString('base64')],
		['in double quotes', `"whsec_${bytes.toString('base64')}"`],
		['in single quotes, after its version', ` 'v1,whsec_${bytes.toString('base64')}'\n`],
		['in quotes with blanks', `" whsec_${bytes.toString('base64')} "`],
		['with characters that are not seen', `\ufeffwhsec_${bytes.toString('base64')}\u200b`],
		['without padding', `whsec_${bytes.toString('base64').replace(/=+$/, '')}`],
	])('takes it %s', (_name, text) => {
		const sign = (secret: SigningSecret) =>
			signStandardWebhook({ id: 'a', timestampSeconds: 1, body: '', secrets: [secret] });
		expect(sign(secretOf(text))).toEqual(sign(secretOf(`whsec_${bytes.toString('base64')}`)));
	});

	it.each([`v1a,${publishedPrivate}`, `v1a, ${publishedSeed}`, `"v1a,${publishedPrivate}"`])(
		'takes a private key after its version: %s',
		(text) => {
			const sign = (secret: SigningSecret) =>
				signStandardWebhook({ id: 'a', timestampSeconds: 1, body: '', secrets: [secret] });
			expect(sign(secretOf(text))).toEqual(sign(secretOf(publishedPrivate)));
		},
	);

	const { d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
	const seed = Buffer.from(d, 'base64url');
	const refused: Array<[name: string, text: string, message: string]> = [
		['nothing', '', 'is empty'],
		['blanks', '  ', 'is empty'],
		['a prefix alone', 'whsec_', 'not Base64'],
		['23 bytes', `whsec_${randomBytes(23).toString('base64')}`, 'has 23 bytes, 24 to 64 are allowed'],
		['65 bytes', `whsec_${randomBytes(65).toString('base64')}`, 'has 65 bytes'],
		['no Base64', 'whsec_this is no secret at all, but a sentence', 'not Base64'],
		['Base64url', `whsec_${'-_'.repeat(20)}`, 'not Base64'],
		['cut-off Base64', `whsec_${bytes.toString('base64').slice(0, 41)}`, 'not Base64'],
		['too much padding', 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD=', 'not Base64'],
		['a secret as a key', `v1a,whsec_${bytes.toString('base64')}`, 'written as v1a'],
		['a key without its prefix', `v1a,${bytes.toString('base64')}`, 'written as v1a'],
		['a key as a secret', `v1,${publishedSeed}`, 'written as v1,'],
		['a version of its own', `v2,whsec_${bytes.toString('base64')}`, 'not Base64'],
		['a version alone', 'v1,', 'not Base64'],
		['quotes alone', '""', 'is empty'],
		['a quote that does not end', `"whsec_${bytes.toString('base64')}`, 'not Base64'],
		['a signature', `v1,${bytes.toString('base64')} v1,${bytes.toString('base64')}`, 'not Base64'],
		['two secrets', `whsec_${bytes.toString('base64')} whsec_${bytes.toString('base64')}`, 'more than one'],
		[
			'two secrets after their versions',
			`v1,whsec_${bytes.toString('base64')}|v1,whsec_${bytes.toString('base64')}`,
			'more than one',
		],
		['a public key after its version', `v1a,${publishedPublic}`, 'public key (whpk_)'],
		['a public key', publishedPublic, 'public key (whpk_)'],
		['another prefix', `whxyz_${bytes.toString('base64')}`, 'prefix that is not known'],
		['an Ed25519 key of 33 bytes', `whsk_${randomBytes(33).toString('base64')}`, '33 bytes, 32 or 64'],
		['halves that do not match', `whsk_${Buffer.concat([seed, bytes]).toString('base64')}`, 'do not belong together'],
	];

	it.each(refused)('refuses %s, and shows nothing of it', (_name, text, message) => {
		const read = readSigningSecret(text);
		expect(read).toEqual({
			ok: false,
			fault: { message: expect.stringContaining(message), description: expect.any(String) },
		});
		const body = text.trim().replace(/^wh[a-z]+_/, '');
		expect(secretForms([body]).filter((form) => inspect(read).includes(form))).toEqual([]);
	});

	it('a secret that was read shows nothing of itself', () => {
		for (const text of [`whsec_${bytes.toString('base64')}`, publishedPrivate]) {
			const secret = secretOf(text);
			const shown = inspect(secret, { depth: Infinity, showHidden: true }) + JSON.stringify(secret);
			expect(secretForms([text.replace(/^wh[a-z]+_/, '')]).filter((form) => shown.includes(form))).toEqual([]);
		}
	});
});

it.each([
	['0198f2c1-7a3e-8b1c-9c3d-000000000000', true],
	['order_17', true],
	['a.1', false],
	['', false],
	['a b', false],
	['ü', false],
	['a\n', false],
	['x'.repeat(256), false],
])('the ID "%s" can be signed: %s', (id, expected) => expect(isSignableId(id)).toBe(expected));
