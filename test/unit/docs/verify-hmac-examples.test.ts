/**
 * docs/verify-signatures.md promises that its programs for HMAC distinguish a genuine request from a forged one, signed as this node
 * signs with the Custom preset; and its table of presets says what they send.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PRESET_NAMES, PRESETS } from '../../../lib/signature/hmac/presets';
import { PLACEHOLDERS } from '../../../lib/signature/hmac/template';
import { readSigner } from '../../../lib/signature/readSigning';
import { custom, refusal, signed as signedHeaders } from '../signature/hmac/credential';
import { codeOf, read, tablesOf } from './markdown';
import { compileJava, javaCommand, runProgram, succeeds } from './programs';

const examples = join(__dirname, '../../../docs/examples/verify-hmac');
const folder = mkdtempSync(join(tmpdir(), 'webhook-dispatch-verify-hmac-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const secret = 'grüße: a secret';

interface Request {
	headers: Record<string, string>;
	body: string;
	secrets: [now: string, before: string];
}

/** A genuine request, signed `age` seconds ago. */
async function signed({ age = 0, key = secret, body = '{"grüße":"☃"}\n' } = {}): Promise<Request> {
	const timestampSeconds = Math.floor(Date.now() / 1000) - age;
	const headers = await signedHeaders(custom({ secret: key }), { timestampSeconds, body });
	return { headers, body, secrets: [secret, ''] };
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
		'a rotation: the receiver knows both secrets',
		async () => ({ ...(await signed({ key: 'before' })), secrets: [secret, 'before'] }),
	],
];

const NO_MATCH = 'no signature matches';
const TOO_OLD = 'the timestamp is more than 5 minutes away';
const MISSING = 'a signature header is missing';

const forged: Array<[string, () => Promise<Request>, string]> = [
	['a tampered body', async () => ({ ...(await signed()), body: '{}' }), NO_MATCH],
	['another secret', async () => await signed({ key: 'other' }), NO_MATCH],
	['a request of 10 minutes ago', async () => await signed({ age: 600 }), TOO_OLD],
	['a request of 10 minutes ahead', async () => await signed({ age: -600 }), TOO_OLD],
	[
		'an old request with a fresh timestamp put on it',
		async () => withHeader(await signed({ age: 600 }), 'x-timestamp', (value) => String(Number(value) + 600)),
		NO_MATCH,
	],
	['no signature', async () => withHeader(await signed(), 'x-signature', () => ''), MISSING],
	['no time', async () => withHeader(await signed(), 'x-timestamp', () => ''), MISSING],
	[
		'a timestamp that is no number',
		async () => withHeader(await signed(), 'x-timestamp', () => '1e9'),
		'the timestamp is not a number',
	],
	[
		'a signature without what it begins with',
		async () => withHeader(await signed(), 'x-signature', (value) => value.replace('sha256=', '')),
		NO_MATCH,
	],
	['a receiver without a secret', async () => ({ ...(await signed()), secrets: ['', ''] }), NO_MATCH],
];

/** Runs a program on a request; its one line of output and its exit code. */
const run = (command: string[], { secrets: [now, before], ...request }: Request) =>
	// Java reads its environment in the charset of the locale.
	runProgram(folder, command, request, { LC_ALL: 'C.UTF-8', WEBHOOK_SECRET: now, PREVIOUS_SECRET: before });

const java = join(examples, 'VerifyHmac.java');
const languages = [
	{ name: 'Node.js', present: true, command: [process.execPath, join(examples, 'verify.mjs')] },
	{ name: 'Python', present: succeeds('python3', '--version'), command: ['python3', join(examples, 'verify.py')] },
	{
		name: 'Java',
		present: succeeds('java', '-version'),
		command: javaCommand(folder, java),
	},
];

beforeAll(() => compileJava(folder, java), 60_000);

for (const { name, present, command } of languages) {
	const describeIfPresent = present ? describe : describe.skip;
	describeIfPresent(present ? name : `${name} (left out: its runtime is not on this machine)`, () => {
		it.each(genuine)(
			'takes %s',
			async (_what, request) => {
				expect(run(command, await request())).toEqual({ said: 'valid', code: 0 });
			},
			30_000,
		);

		it.each(forged)(
			'refuses %s',
			async (_what, request, reason) => {
				expect(run(command, await request())).toEqual({ said: `invalid: ${reason}`, code: 1 });
			},
			30_000,
		);
	});
}

it('the page has each preset, with what it signs and sends', () => {
	const rows = tablesOf(read('docs/verify-signatures.md')).find(({ header }) => header[0]?.includes('Preset'))?.rows;
	const shown = (rows ?? []).map(([name = '', content = '', sent = '']) => [
		name.replaceAll('*', ''),
		codeOf(content)[0],
		...codeOf(sent),
	]);
	const made = Object.entries(PRESETS).map(([preset, { content, signatureHeader, signatureFormat, headers }]) => [
		PRESET_NAMES[preset as keyof typeof PRESETS],
		content,
		...[[signatureHeader, signatureFormat], ...headers].map(([name, value]) => `${name}: ${value}`),
	]);
	expect(shown.sort()).toEqual(made.sort());
});

it('the page has each placeholder', () => {
	const rows = tablesOf(read('docs/verify-signatures.md')).find(({ header }) => header[0] === 'Placeholder')?.rows;
	const shown = (rows ?? []).flatMap(([cell = '']) => codeOf(cell));
	expect(shown).toEqual(Object.keys(PLACEHOLDERS).map((name) => `{${name}}`));
});

it('errors.md has messages of signing as they are', async () => {
	const contradicting = await readSigner({ secret }, 'hmac');
	const made = [
		contradicting.ok ? '' : contradicting.fault.message,
		await refusal(custom({ secret: ' x' })),
		await refusal({ scheme: 'hmac', preset: 'github', secret, previousSecret: 'before' }),
		await refusal(custom({ signedContent: '{payload}' })),
		await refusal(custom(), { headers: { 'x-signature': 'x' } }),
	];
	const rows = tablesOf(read('docs/errors.md')).flatMap((table) => table.rows);
	const shown = codeOf(rows.map(([cell = '']) => cell).find((cell) => cell.startsWith('`Signing is HMAC')) ?? '');
	expect(shown).toHaveLength(made.length);
	expect(shown.filter((text, index) => !made[index]?.startsWith(text))).toEqual([]);
});
