/** Encrypted keys: what opening them may cost, and that n8n goes on meanwhile. */
import { generateKeyPairSync, pbkdf2Sync, createCipheriv } from 'node:crypto';
import { inspect } from 'node:util';

import { createClientAssertion } from '../../../lib/oauth2/assertion/createClientAssertion';
import { openOffThread } from '../../../lib/keys/openOffThread';
import { importSigningKey } from '../../../lib/keys/signingKey';
import { fail } from '../../../lib/result/result';
import { secretForms } from './canaries';
import { integer, octets, oid, pem, sequence } from './der';
import { jwtSettings, passphrase, pkcs8, rsaKey } from './fixtures';

const salt = Buffer.alloc(16, 3);
const vector = Buffer.alloc(16, 5);
const aes = sequence(oid('60864801650304012a'), octets(vector));
const pbes2 = (derivation: Buffer) => sequence(oid('2a864886f70d01050d'), sequence(derivation, aes));
const pbkdf2 = (rounds: bigint | number) =>
	pbes2(
		sequence(oid('2a864886f70d01050c'), sequence(octets(salt), integer(rounds), sequence(oid('2a864886f70d0209')))),
	);
const scrypt = (n: number, r: number, p: number) =>
	pbes2(sequence(oid('2b06010401da47040b'), sequence(octets(salt), integer(n), integer(r), integer(p))));
const simple = (scheme: string) => (rounds: bigint | number) =>
	sequence(oid(scheme), sequence(octets(salt.subarray(0, 8)), integer(rounds)));
const encryptedKey = (encryption: Buffer, content = Buffer.alloc(64, 7)) =>
	pem('ENCRYPTED PRIVATE KEY', sequence(encryption, octets(content)));

/** A real key under as many rounds of PBKDF2 as asked for. */
function keyUnder(rounds: number): string {
	const der = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'der' });
	const cipher = createCipheriv('aes-256-cbc', pbkdf2Sync(passphrase, salt, rounds, 32, 'sha256'), vector);
	return encryptedKey(pbkdf2(rounds), Buffer.concat([cipher.update(der), cipher.final()]));
}

/** The turns that timers get while something is awaited. */
async function turnsDuring<T>(work: () => Promise<T>): Promise<{ result: T; turns: number }> {
	let turns = 0;
	const timer = setInterval(() => (turns += 1), 1);
	try {
		return { result: await work(), turns };
	} finally {
		clearInterval(timer);
	}
}

describe('what an encrypted key may cost is read before it is opened:', () => {
	const pbes1 = simple('2a864886f70d01050a');
	const pkcs12 = simple('2a864886f70d010c0103');
	it.each<[string, Buffer, string]>([
		['PBKDF2 with 20 million rounds', pbkdf2(20_000_000), '20,000,000 rounds'],
		['PBKDF2 with one round too many', pbkdf2(10_000_001), '10,000,001 rounds'],
		['PBKDF2 with more rounds than a number holds', pbkdf2(2n ** 70n), 'rounds'],
		['PBES1 with 11 million rounds', pbes1(11_000_000), '11,000,000 rounds'],
		['PKCS#12 with 11 million rounds', pkcs12(11_000_000), '11,000,000 rounds'],
		['scrypt with a large N', scrypt(2 ** 20, 8, 1), 'too much work or memory'],
		['scrypt with a large p', scrypt(2 ** 14, 1, 2 ** 10), 'too much work or memory'],
	])('%s', async (_name, encryption, asks) => {
		for (const text of [
			encryptedKey(encryption),
			encryptedKey(encryption).replaceAll('ENCRYPTED ', ''),
			bare(encryption),
		]) {
			expect(await importSigningKey(text, passphrase)).toEqual(
				fail({
					message: expect.stringContaining(`takes too long to decrypt: its key derivation asks for`) as string,
					description: expect.stringContaining(
						'"openssl pkcs8 -topk8 -v2 aes-256-cbc -iter 600000 -in key.pem"',
					) as string,
				}),
			);
			expect(await importSigningKey(text, passphrase)).toMatchObject(
				fail({ message: expect.stringContaining(asks) as string }),
			);
		}
	});

	it.each<[string, Buffer]>([
		['an unknown scheme', simple('2a864886f70d010563')(1)],
		['an unknown derivation', pbes2(sequence(oid('2a0304'), sequence(octets(salt), integer(1))))],
		['rounds that are no number', pbes2(sequence(oid('2a864886f70d01050c'), sequence(octets(salt), octets(salt))))],
		['no salt', pbes2(sequence(oid('2a864886f70d01050c'), sequence(integer(9), integer(1))))],
	])('%s is not opened at all', async (_name, encryption) => {
		expect(await importSigningKey(encryptedKey(encryption), passphrase)).toMatchObject(
			fail({ message: 'The private key is encrypted in a way that this Node.js cannot decrypt' }),
		);
	});

	it('one encryption within another is not opened', async () => {
		const inner = encryptedKey(pbkdf2(2 ** 31)).replace(
			/-----\n/,
			`-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,${'0'.repeat(32)}\n\n`,
		);
		expect(await importSigningKey(inner, passphrase)).toMatchObject(
			fail({ message: expect.stringContaining('damaged') as string }),
		);
	});

	const bare = (encryption: Buffer) => sequence(encryption, octets(Buffer.alloc(64, 7))).toString('base64');
});

describe('an encrypted key is opened off the main thread:', () => {
	const millionRounds = keyUnder(1_000_000);

	it('timers go on while a key of a million rounds is opened', async () => {
		const { result, turns } = await turnsDuring(() => importSigningKey(millionRounds, passphrase));
		expect(result.ok).toBe(true);
		expect(turns).toBeGreaterThan(3);
	});

	it('timers go on while a wrong passphrase is tried', async () => {
		const { result, turns } = await turnsDuring(() => importSigningKey(millionRounds, `${passphrase}!`));
		expect(result).toMatchObject(fail({ message: 'The passphrase does not decrypt the private key' }));
		expect(turns).toBeGreaterThan(3);
	});

	it('20 imports at the same time are one opening, and later ones none', async () => {
		const text = keyUnder(1000);
		const imports = await Promise.all(Array.from({ length: 20 }, () => importSigningKey(text, passphrase)));
		const keys = new Set(imports.map((key) => key.ok && key.value));
		expect(keys.size).toBe(1);
		expect(imports[0]?.ok).toBe(true);
		const { result, turns } = await turnsDuring(() => importSigningKey(text, passphrase));
		expect(keys).toContain(result.ok && result.value);
		expect(turns).toBe(0);
	});

	it('many different keys at the same time are all opened', async () => {
		const texts = Array.from({ length: 6 }, () => keyUnder(1000));
		const keys = await Promise.all(texts.map((text) => importSigningKey(text, passphrase)));
		expect(keys.map(({ ok }) => ok)).toEqual(texts.map(() => true));
	});

	it('a key without encryption needs no thread', async () => {
		const { result, turns } = await turnsDuring(() => importSigningKey(pkcs8(rsaKey), 'never seen before'));
		expect(result.ok).toBe(true);
		expect(turns).toBe(0);
	});
});

describe('a thread that opens a key', () => {
	const job = { kind: 'pem', pem: keyUnder(1000), passphrase } as const;
	const secrets = secretForms([passphrase, job.pem]);

	it.each([
		['throws', 'throw new Error(require("node:worker_threads").workerData.passphrase)', 'broken'],
		['rejects', 'Promise.reject(new Error("x"))', 'broken'],
		['is no program', '(', 'broken'],
		['exits', 'process.exit(0)', 'broken'],
		['ends without a word', '', 'broken'],
		['sends nonsense', 'require("node:worker_threads").parentPort.postMessage({ bytes: "text" })', 'broken'],
		['sends no bytes', 'require("node:worker_threads").parentPort.postMessage({ bytes: new Uint8Array(0) })', 'broken'],
		['sends nothing', 'require("node:worker_threads").parentPort.postMessage(null)', 'broken'],
	])('%s: a result, not a throw', async (_name, source, reason) => {
		const result = await openOffThread(job, { source });
		expect(result).toEqual(fail({ reason }));
		expect(secrets.filter((secret) => inspect(result).includes(secret))).toEqual([]);
	});

	it('that never ends is ended', async () => {
		expect(await openOffThread(job, { source: 'for (;;);', deadlineMs: 50 })).toEqual(fail({ reason: 'timeout' }));
	});

	it('sees neither the environment nor the flags of n8n', async () => {
		process.env.A_SECRET_OF_N8N = 'x';
		const source =
			'require("node:worker_threads").parentPort.postMessage({ code: JSON.stringify([Object.keys(process.env), process.execArgv]) })';
		expect(await openOffThread(job, { source })).toEqual(fail({ reason: 'refused', code: '[[],[]]' }));
		delete process.env.A_SECRET_OF_N8N;
	});

	it('leaves room for the next, however many failed', async () => {
		await Promise.all(Array.from({ length: 5 }, () => openOffThread(job, { source: 'process.exit(1)' })));
		expect(await openOffThread(job)).toMatchObject({ ok: true });
	});
});

it('a client assertion is signed with a key of 600,000 rounds, as Key: Generate makes it', async () => {
	expect(await createClientAssertion(jwtSettings({ privateKey: keyUnder(600_000), passphrase }))).toMatchObject({
		ok: true,
	});
});
