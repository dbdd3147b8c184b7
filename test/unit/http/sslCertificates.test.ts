import { createPrivateKey, generateKeyPairSync } from 'node:crypto';

import { readSslCertificates } from '../../../lib/http/sslCertificates';
import { issueCertificate } from '../../support/receiver/index';

/** n8n's SSL Certificates credential, tried before anything is sent. */

const authority = issueCertificate({ name: 'Authority', authority: true });
const client = issueCertificate({ name: 'client', issuer: authority });
const other = issueCertificate({ name: 'other', issuer: authority });
const passphrase = 'hunter2-secret';
const key = createPrivateKey(client.key);
const pkcs8 = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }) as string;
const sec1 = key.export({ type: 'sec1', format: 'pem', cipher: 'aes-128-cbc', passphrase }) as string;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rsaKey = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const publicKey = rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string;
/** Its cipher's OID (AES-256-CBC) made one that nobody knows. */
const unknownCipher = pkcs8.replace(/-\n([^-]+)\n-/, (_match, base64: string) => {
	const hex = Buffer.from(base64, 'base64').toString('hex').replace('60864801650304012a', '60864801650304017f');
	return `-\n${Buffer.from(hex, 'hex').toString('base64')}\n-`;
});
const flat = (pem: string) => pem.trim().replaceAll('\n', ' ');
const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

describe('is read', () => {
	const whole = { cert: client.cert, key: client.key, passphrase };
	it.each([
		['as it is', { ...whole, passphrase: '' }],
		['with a passphrase that the key does not need', whole],
		['with an encrypted key', { ...whole, key: pkcs8 }],
		["with a key in OpenSSL's own encrypted form", { ...whole, key: sec1 }],
		['with an encrypted key in one line', { ...whole, key: flat(pkcs8) }],
		["with a key in OpenSSL's own encrypted form, in one line", { ...whole, key: flat(sec1) }],
		['with line breaks written out', { ...whole, cert: client.cert.replaceAll('\n', '\\n') }],
		[
			'with the line ends of Windows',
			{ ...whole, cert: client.cert.replaceAll('\n', '\r\n'), key: client.key.replaceAll('\n', '\r\n') },
		],
		['with its chain', { ...whole, cert: client.cert + authority.cert }],
		[
			'with the key before the certificate',
			{ ...whole, cert: client.key + client.cert, key: client.cert + client.key },
		],
		['with several authorities', { ...whole, ca: `our own\n${authority.cert}theirs\n${other.cert}` }],
	])('%s', async (_name, data) => {
		const read = await readSslCertificates(data);
		expect(read).toMatchObject({ ok: true, value: { key: client.key } });
		expect(read.ok && read.value.cert).toContain(client.cert);
		expect(read.ok && read.value.cert).not.toContain('PRIVATE');
		expect(read.ok && 'passphrase' in read.value).toBe(false);
	});

	it('all of the chain and all authorities', async () => {
		const read = await readSslCertificates({
			cert: client.cert + authority.cert,
			key: client.key,
			ca: authority.cert + other.cert,
		});
		expect(read).toEqual({
			ok: true,
			value: { cert: client.cert + authority.cert, key: client.key, ca: authority.cert + other.cert },
		});
	});

	it('an authority alone: nothing is presented, but its servers are trusted', async () => {
		expect(await readSslCertificates({ ca: authority.cert, cert: '', key: ' ' })).toEqual({
			ok: true,
			value: { ca: authority.cert },
		});
	});
});

describe('is refused, and the field named', () => {
	it.each([
		['The passphrase does not decrypt the private key', { cert: client.cert, key: pkcs8, passphrase: 'wrong' }],
		['The passphrase does not decrypt the private key', { cert: client.cert, key: sec1, passphrase: ` ${passphrase}` }],
		['The private key is encrypted, and no passphrase is filled in', { cert: client.cert, key: pkcs8 }],
		['The private key is encrypted, and no passphrase is filled in', { cert: client.cert, key: sec1, passphrase: '' }],
		['Private Key does not belong to Certificate', { cert: client.cert, key: other.key }],
		['Private Key does not belong to Certificate', { cert: client.cert, key: rsaKey }],
		['Private Key does not belong to Certificate', { cert: authority.cert + client.cert, key: client.key }],
		['Private Key is not a private key in PEM', { cert: client.cert, key: 'hunter2-secret, no key' }],
		['Private Key is not a private key in PEM', { cert: client.cert, key: publicKey }],
		['Private Key is not a private key in PEM', { cert: client.cert, key: client.cert }],
		[
			'The private key is damaged or of an unsupported type',
			{ cert: client.cert, key: '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----' },
		],
		[
			'The private key is encrypted in a way that this Node.js cannot decrypt',
			{ cert: client.cert, key: unknownCipher, passphrase },
		],
		['Certificate is not a certificate in PEM', { cert: 'hunter2-secret', key: client.key }],
		['Certificate is not a certificate in PEM', { cert: client.key, key: client.key }],
		['Certificate is not a certificate in PEM', { cert: broken, key: client.key }],
		['Certificate is not a certificate in PEM', { cert: client.cert.slice(0, -40), key: client.key }],
		['CA is not a certificate in PEM', { cert: client.cert, key: client.key, ca: 'hunter2-secret' }],
		['CA is not a certificate in PEM', { cert: client.cert, key: client.key, ca: authority.cert + broken }],
		[
			'CA is not a certificate in PEM',
			{ cert: client.cert, key: client.key, ca: authority.cert + other.cert.slice(0, -40) },
		],
		['Certificate is filled in and Private Key is empty', { cert: client.cert, key: '' }],
		['Private Key is filled in and Certificate is empty', { key: client.key, ca: authority.cert }],
		['The credential is empty', {}],
		['The credential is empty', { ca: '', cert: ' \n', key: '', passphrase }],
	])('%s', async (message, data) => {
		const read = await readSslCertificates(data);
		expect(read).toMatchObject({
			ok: false,
			fault: { code: 'INVALID_REQUEST', message: `SSL Certificates credential: ${message}` },
		});
		expect(JSON.stringify(read)).toMatch(/selected under SSL Certificates/);
		expect(JSON.stringify(read)).not.toMatch(/hunter2|MIIB/);
	});
});
