/**
 * docs/verify-signatures.md promises that its three programs distinguish a genuine request from a forged one.
 * They are run here as a reader runs them, on requests signed by the reference library `standardwebhooks`.
 */
import { createHmac, generateKeyPairSync, randomBytes, sign as signEd25519 } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';

import { compileJava, javaCommand, runProgram, succeeds } from './programs';

const examples = join(__dirname, '../../../docs/examples/verify');
const folder = mkdtempSync(join(tmpdir(), 'verify-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface SignedRequest {
	headers: Record<string, string>;
	body: string;
	keys: string[];
}

const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;
const secret = newSecret();

const signature = (id: string, at: Date, body: string, key: string): string => new Webhook(key).sign(id, at, body);

/** A genuine request, signed `age` seconds ago with each of the secrets. */
function signed({ age = 0, signedWith = [secret], body = '{"grüße":"☃"}\n' } = {}): SignedRequest {
	const id = 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W';
	const at = new Date(Date.now() - age * 1000);
	return {
		headers: {
			'webhook-id': id,
			'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
			'webhook-signature': signedWith.map((key) => signature(id, at, body, key)).join(' '),
		},
		body,
		keys: [secret],
	};
}

/** The same request with other headers, under the names given. */
const withHeaders = (request: SignedRequest, headers: Record<string, string>): SignedRequest => ({
	...request,
	headers: { ...request.headers, ...headers },
});

/** What is signed: id, timestamp and body, with dots between them. */
const contentOf = ({ headers, body }: SignedRequest): Buffer =>
	Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`);

/** A request signed as v1a, as by a sender whose credential holds a `whsk_` key. */
function signedAsymmetrically(): SignedRequest {
	const { privateKey, publicKey } = generateKeyPairSync('ed25519');
	const request = signed();
	const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
	return {
		...withHeaders(request, {
			'webhook-signature': `v1a,${signEd25519(null, contentOf(request), privateKey).toString('base64')}`,
		}),
		keys: [`whpk_${raw.toString('base64')}`],
	};
}

/** A request signed with the empty key. */
function signedWithNothing(): SignedRequest {
	const request = signed();
	const hmac = createHmac('sha256', '').update(contentOf(request)).digest('base64');
	return { ...withHeaders(request, { 'webhook-signature': `v1,${hmac}` }), keys: ['whsec_'] };
}

const previous = newSecret();
const changingSignature = (change: (right: string) => string): SignedRequest => {
	const request = signed();
	return withHeaders(request, { 'webhook-signature': change(request.headers['webhook-signature'] ?? '') });
};
const upperCased = (request: SignedRequest): SignedRequest => ({
	...request,
	headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toUpperCase(), value])),
});

/** Cases are made when they run: on a slow machine they would age otherwise. */
const genuine: Array<[string, () => SignedRequest]> = [
	['a request just signed', () => signed()],
	['header names in capitals', () => upperCased(signed())],
	['an empty body', () => signed({ body: '' })],
	['a request signed 4 minutes ago', () => signed({ age: 240 })],
	[
		'a rotation: the sender signs with both secrets, the receiver knows the old one',
		() => ({ ...signed({ signedWith: [secret, previous] }), keys: [previous] }),
	],
	[
		'a rotation: the sender signs with both secrets, the receiver knows the new one',
		() => signed({ signedWith: [previous, secret] }),
	],
	['a rotation: the receiver knows both secrets', () => ({ ...signed(), keys: [previous, secret] })],
	['a signature of an unknown version before the right one', () => changingSignature((right) => `v9,AAAA ${right}`)],
];

const forged: Array<[string, () => SignedRequest, string]> = [
	['a tampered body', () => ({ ...signed(), body: '{"grüße":"☂"}\n' }), 'no signature matches'],
	['a body without its last newline', () => ({ ...signed(), body: '{"grüße":"☃"}' }), 'no signature matches'],
	['another id', () => withHeaders(signed(), { 'webhook-id': 'msg_other' }), 'no signature matches'],
	['a timestamp of 10 minutes ago', () => signed({ age: 600 }), 'the timestamp is more than 5 minutes away'],
	['a timestamp 10 minutes ahead', () => signed({ age: -600 }), 'the timestamp is more than 5 minutes away'],
	[
		'an old request with a fresh timestamp put on it',
		() => withHeaders(signed({ age: 600 }), { 'webhook-timestamp': String(Math.floor(Date.now() / 1000)) }),
		'no signature matches',
	],
	[
		'a timestamp that is no number',
		() => withHeaders(signed(), { 'webhook-timestamp': '1e9' }),
		'the timestamp is not a number',
	],
	['a secret that was rotated out', () => signed({ signedWith: [previous] }), 'no signature matches'],
	['no signature', () => changingSignature(() => ''), 'a webhook header is missing'],
	[
		'a signature without its version',
		() => changingSignature((right) => right.slice('v1,'.length)),
		'no signature matches',
	],
	['an HMAC called v1a', () => changingSignature((right) => right.replace('v1,', 'v1a,')), 'no signature matches'],
	['a receiver without a secret', () => ({ ...signed(), keys: [] }), 'no signature matches'],
	['what anybody can sign, at a receiver whose secret is empty', signedWithNothing, 'no signature matches'],
];

/** Runs a program on a request; its one line of output and its exit code. */
const run = (command: string[], request: SignedRequest) =>
	runProgram(folder, command, request, { WEBHOOK_SECRET: request.keys.join(' ') });

const java = join(examples, 'Verify.java');
const languages = [
	{ name: 'Node.js', present: true, asymmetric: true, command: [process.execPath, join(examples, 'verify.mjs')] },
	{
		name: 'Python',
		present: succeeds('python3', '--version'),
		asymmetric: false,
		command: ['python3', join(examples, 'verify.py')],
	},
	{
		name: 'Java',
		present: succeeds('java', '-version'),
		asymmetric: true,
		command: javaCommand(folder, java),
	},
];

beforeAll(() => compileJava(folder, java), 60_000);

for (const { name, present, asymmetric, command } of languages) {
	const describeIfPresent = present ? describe : describe.skip;
	describeIfPresent(present ? name : `${name} (left out: its runtime is not on this machine)`, () => {
		it.each(genuine)(
			'takes %s',
			(_what, request) => {
				expect(run(command, request())).toEqual({ said: 'valid', code: 0 });
			},
			30_000,
		);

		it.each(forged)(
			'refuses %s',
			(_what, request, reason) => {
				expect(run(command, request())).toEqual({ said: `invalid: ${reason}`, code: 1 });
			},
			30_000,
		);

		it(
			asymmetric ? 'takes a v1a signature, and no tampered one' : 'refuses v1a, which it cannot check',
			() => {
				const request = signedAsymmetrically();
				const answer = asymmetric ? { said: 'valid', code: 0 } : { said: 'invalid: no signature matches', code: 1 };
				expect(run(command, request)).toEqual(answer);
				expect(run(command, { ...request, body: '{}' })).toEqual({ said: 'invalid: no signature matches', code: 1 });
			},
			30_000,
		);
	});
}

(languages[2]?.present === true ? it : it.skip)(
	'Verify.java runs from its source, as its comment says',
	() => {
		expect(run(['java', join(examples, 'Verify.java')], signed())).toEqual({ said: 'valid', code: 0 });
	},
	60_000,
);

it('the requests are ones the reference library itself takes', () => {
	for (const { headers, body } of [signed(), signed({ body: '' })]) {
		expect(() => new Webhook(secret).verify(body, headers, { jsonParse: false })).not.toThrow();
	}
});
