/**
 * docs/verify-signatures.md promises that its programs for HTTP Message Signatures distinguish a genuine request from a forged one,
 * signed as this node signs.
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { signedHeaders } from '../signature/httpMessageSignatures/credential';
import { compileJava, javaCommand, runProgram, succeeds } from './programs';

const examples = join(__dirname, '../../../docs/examples/verify-message-signature');
const folder = mkdtempSync(join(tmpdir(), 'webhook-dispatch-verify-message-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pairOf = () => generateKeyPairSync('ed25519');
const sender = pairOf();
const pem = (key: ReturnType<typeof pairOf>) => key.publicKey.export({ type: 'spki', format: 'pem' }).toString();

interface Request {
	method: string;
	url: string;
	headers: Record<string, string>;
	body: string;
	publicKey: string;
}

const url = 'https://hooks.example.com/in?a=b%20c';

async function signed({
	age = 0,
	body = '{"grüße":"☃"}\n',
	...more
}: { age?: number; body?: string } & Record<string, unknown> = {}): Promise<Request> {
	const data = { privateKey: sender.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), ...more };
	const headers = await signedHeaders(data, {
		id: 'msg_1',
		timestampSeconds: Math.floor(Date.now() / 1000) - age,
		method: 'POST',
		url: new URL(url),
		headers: body === '' ? {} : { 'content-type': 'application/json' },
		body,
	});
	return { method: 'POST', url, headers, body, publicKey: pem(sender) };
}

const withHeader = (request: Request, name: string, change: (value: string) => string): Request => ({
	...request,
	headers: { ...request.headers, [name]: change(request.headers[name] ?? '') },
});

const genuine: Array<[string, () => Promise<Request>]> = [
	['a request just signed', async () => await signed()],
	['an empty body', async () => await signed({ body: '' })],
	['a request signed 4 minutes ago', async () => await signed({ age: 240 })],
	[
		'SHA-512, a nonce, an algorithm and a tag',
		async () =>
			await signed({ digestAlgorithm: 'sha-512', includeNonce: true, includeAlgorithm: true, signatureTag: 'app' }),
	],
];

const TOO_LITTLE = 'the signature is too old, or does not cover enough';
const NO_MATCH = 'the signature does not match';

const forged: Array<[string, () => Promise<Request>, string]> = [
	['a tampered body', async () => ({ ...(await signed()), body: '{}' }), 'the body is not the one that was signed'],
	['another method', async () => ({ ...(await signed()), method: 'PUT' }), NO_MATCH],
	['another URL', async () => ({ ...(await signed()), url: `${url}d` }), NO_MATCH],
	['another content type', async () => withHeader(await signed(), 'content-type', () => 'text/plain'), NO_MATCH],
	['a digest of one’s own', async () => withHeader(await signed(), 'content-digest', () => 'sha-256=:YQ==:'), NO_MATCH],
	['another key', async () => ({ ...(await signed()), publicKey: pem(pairOf()) }), NO_MATCH],
	[
		'a time of one’s own',
		async () =>
			withHeader(await signed(), 'signature-input', (value) =>
				value.replace(/=(\d+)/, (_all, at) => `=${Number(at) + 1}`),
			),
		NO_MATCH,
	],
	['a request of 20 minutes ago', async () => await signed({ age: 1200 }), TOO_LITTLE],
	['a request of 20 minutes ahead', async () => await signed({ age: -1200 }), TOO_LITTLE],
	[
		'a signature that leaves out the body',
		async () => await signed({ coveredComponents: '@method, @target-uri, content-type' }),
		TOO_LITTLE,
	],
	[
		'a signature that leaves out the URL',
		async () => await signed({ coveredComponents: '@method, content-digest, content-type' }),
		TOO_LITTLE,
	],
	['no signature', async () => withHeader(await signed(), 'signature', () => ''), 'a signature header is missing'],
];

/** Runs a program on a request; its one line of output and its exit code. */
const run = (command: string[], { method, url: address, publicKey, ...request }: Request) =>
	runProgram(folder, command, request, { PUBLIC_KEY: publicKey }, [method, address]);

const java = join(examples, 'VerifyMessage.java');
const languages = [
	{ name: 'Node.js', present: true, command: [process.execPath, join(examples, 'verify.mjs')] },
	{
		name: 'Python',
		present: succeeds('python3', '-c', 'import cryptography'),
		command: ['python3', join(examples, 'verify.py')],
	},
	{
		name: 'Java',
		present: succeeds('java', '-version'),
		command: javaCommand(folder, java),
	},
];

beforeAll(() => compileJava(folder, java), 60_000);

for (const { name, present, command } of languages) {
	const describeIfPresent = present ? describe : describe.skip;
	describeIfPresent(present ? name : `${name} (left out: what it needs is not on this machine)`, () => {
		it.each(genuine)('takes %s', async (_what, request) => {
			expect(run(command, await request())).toEqual({ said: 'valid', code: 0 });
		});

		it.each(forged)('refuses %s', async (_what, request, reason) => {
			expect(run(command, await request())).toEqual({ said: `invalid: ${reason}`, code: 1 });
		});
	});
}
