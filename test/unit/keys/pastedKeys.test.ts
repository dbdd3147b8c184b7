import { generateKeyPairSync, type KeyObject } from 'node:crypto';

import { importSigningKey } from '../../../lib/keys/signingKey';
import { cachedKeyNames } from '../../../lib/keys/signingKeyCache';
import { ed25519Key, keyFor, passphrase, pkcs8, publishedRsaJwk, rsaCertificate, rsaKey } from './fixtures';

const encryption = { cipher: 'aes-256-cbc', passphrase };
const ecKey = keyFor.ES256;

/** Each file format that tools write, by name: the key and its text. */
const formats: Array<[name: string, key: KeyObject, text: string]> = [
	['PKCS#8 RSA', rsaKey, pkcs8(rsaKey)],
	['PKCS#8 EC', ecKey, pkcs8(ecKey)],
	['PKCS#8 P-521', keyFor.ES512, pkcs8(keyFor.ES512)],
	['PKCS#8 Ed25519', ed25519Key, pkcs8(ed25519Key)],
	['PKCS#1', rsaKey, text(rsaKey.export({ type: 'pkcs1', format: 'pem' }))],
	['SEC1', ecKey, text(ecKey.export({ type: 'sec1', format: 'pem' }))],
	['encrypted PKCS#8', rsaKey, text(rsaKey.export({ type: 'pkcs8', format: 'pem', ...encryption }))],
	['encrypted PKCS#8 EC', ecKey, text(ecKey.export({ type: 'pkcs8', format: 'pem', ...encryption }))],
	['encrypted PKCS#1', rsaKey, text(rsaKey.export({ type: 'pkcs1', format: 'pem', ...encryption }))],
	[
		'encrypted PKCS#1 with Triple DES',
		rsaKey,
		text(rsaKey.export({ type: 'pkcs1', format: 'pem', ...encryption, cipher: 'des-ede3-cbc' })),
	],
	['encrypted SEC1', ecKey, text(ecKey.export({ type: 'sec1', format: 'pem', ...encryption }))],
];

/** What happens to a file on its way into a form field. */
const ways: Array<[name: string, change: (pem: string) => string]> = [
	['as it is', (pem) => pem],
	['CRLF', (pem) => pem.replaceAll('\n', '\r\n')],
	['CR alone', (pem) => pem.replaceAll('\n', '\r')],
	['\\n written out', (pem) => pem.replaceAll('\n', '\\n')],
	['\\r\\n written out', (pem) => pem.replaceAll('\n', '\\r\\n')],
	['\\n escaped twice', (pem) => pem.replaceAll('\n', '\\\\n')],
	['one line with spaces', (pem) => pem.replaceAll('\n', ' ')],
	['one line without its line ends', (pem) => pem.replaceAll('\n', '')],
	['no white space at all', (pem) => pem.replace(/\s/g, '')],
	['indented, with trailing space', (pem) => pem.replace(/^/gm, '    ').replaceAll('\n', ' \n')],
	['empty lines around and between', (pem) => `\n\n${pem.replaceAll('\n', '\n\n')}\n`],
	['no-break spaces and a byte order mark', (pem) => `\ufeff${pem.replaceAll('\n', '\u00a0\n')}`],
	['double quotes around', (pem) => `"${pem.trim()}"`],
	['double quotes around, \\n written out', (pem) => JSON.stringify(pem)],
	['single quotes around', (pem) => `'${pem}'`],
	['slashes escaped', (pem) => pem.replaceAll('/', '\\/').replaceAll('\n', '\\n')],
	['other text and a certificate before it', (pem) => `Bag Attributes\n  friendlyName: x\n${rsaCertificate}${pem}`],
	['dashes a text processor made', (pem) => pem.replaceAll('-----', '\u2014\u2014-')],
	['Base64 of the whole file', (pem) => Buffer.from(pem).toString('base64')],
	['a JSON key file', (pem) => JSON.stringify({ type: 'service_account', private_key_id: 'x', private_key: pem })],
];

describe.each(formats)('%s', (_name, key, pem) => {
	it.each(ways)('%s', async (_way, change) =>
		expect(await imported(change(pem))).toEqual(key.export({ format: 'jwk' })),
	);
});

describe('without armour', () => {
	it.each(formats.filter(([, , pem]) => !pem.includes('Proc-Type')))('%s', async (_name, key, pem) => {
		const base64 = pem.replace(/-----[^-]+-----/g, '').trim();
		expect(await imported(base64)).toEqual(key.export({ format: 'jwk' }));
		expect(await imported(base64.replace(/\s/g, ''))).toEqual(key.export({ format: 'jwk' }));
	});

	it('takes Base64url', async () => {
		const der = ecKey.export({ type: 'pkcs8', format: 'der' }).toString('base64url');
		expect(await imported(der)).toEqual(ecKey.export({ format: 'jwk' }));
	});
});

describe('under a wrong label', () => {
	it.each(formats.filter(([, , pem]) => !pem.includes('Proc-Type')))('%s', async (_name, key, pem) => {
		const other = pem.includes('RSA PRIVATE') ? 'PRIVATE KEY' : 'RSA PRIVATE KEY';
		const relabelled = pem.replace(/(BEGIN|END) [A-Z ]+/g, `$1 ${other}`);
		expect(relabelled).not.toBe(pem);
		expect(await imported(relabelled)).toEqual(key.export({ format: 'jwk' }));
	});
});

describe('JWK', () => {
	it.each(Object.entries({ RSA: rsaKey, EC: ecKey, Ed25519: ed25519Key }))('%s', async (_name, key) => {
		const jwk = { ...key.export({ format: 'jwk' }), kid: 'x', use: 'sig' };
		const expected = key.export({ format: 'jwk' });
		expect(await imported(JSON.stringify(jwk))).toEqual(expected);
		expect(await imported(JSON.stringify(jwk, null, 2))).toEqual(expected);
		expect(await imported(JSON.stringify(JSON.stringify(jwk)))).toEqual(expected);
		expect(await imported(JSON.stringify({ keys: [jwk] }))).toEqual(expected);
		expect(await imported(Buffer.from(JSON.stringify(jwk)).toString('base64'))).toEqual(expected);
	});

	it('takes the private one of a set', async () => {
		const { d, ...publicOne } = publishedRsaJwk;
		expect(d).toBeDefined();
		const set = { keys: [{ kty: publicOne.kty, n: publicOne.n, e: publicOne.e }, ecKey.export({ format: 'jwk' })] };
		expect(await imported(JSON.stringify(set))).toEqual(ecKey.export({ format: 'jwk' }));
	});
});

describe('the cache', () => {
	const kept = async (pasted: string, secret: string) => {
		const key = await importSigningKey(pasted, secret);
		return key.ok ? key.value : undefined;
	};

	it('gives the same key object again, and another for another passphrase', async () => {
		const [, , encrypted] = formats[6] as (typeof formats)[number];
		const first = await kept(encrypted, passphrase);
		expect(first).toBeDefined();
		expect(await kept(encrypted, passphrase)).toBe(first);
		expect(await importSigningKey(encrypted, `${passphrase} `)).toMatchObject({ ok: false });
		expect(await kept(pkcs8(rsaKey), '')).not.toBe(await kept(pkcs8(rsaKey), 'x'));
	});

	it('keeps no more than its bound, and drops what was used longest ago', async () => {
		const oldest = await kept(pkcs8(ed25519Key), 'oldest');
		const used = await kept(pkcs8(ed25519Key), 'used');
		expect([oldest, used]).toEqual([expect.anything(), expect.anything()]);
		for (let count = 0; count < 99; count++) await importSigningKey(pkcs8(ed25519Key), `n${count}`);
		expect(await kept(pkcs8(ed25519Key), 'used')).toBe(used);
		await importSigningKey(pkcs8(ed25519Key), 'one more');
		expect(cachedKeyNames()).toHaveLength(100);
		expect(await kept(pkcs8(ed25519Key), 'used')).toBe(used);
		expect(await kept(pkcs8(ed25519Key), 'oldest')).not.toBe(oldest);
	});
});

it('reads any key of a text that random bytes were put around, or says so without throwing', async () => {
	const pem = pkcs8(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
	for (let cut = 0; cut < pem.length; cut++)
		expect(typeof (await importSigningKey(pem.slice(0, cut))).ok).toBe('boolean');
	for (let cut = 0; cut < pem.length; cut++) expect(typeof (await importSigningKey(pem.slice(cut))).ok).toBe('boolean');
});

async function imported(pasted: string): Promise<unknown> {
	const result = await importSigningKey(pasted, passphrase);
	return result.ok ? result.value.privateKey.export({ format: 'jwk' }) : result;
}

function text(exported: string | Buffer): string {
	return exported.toString();
}
