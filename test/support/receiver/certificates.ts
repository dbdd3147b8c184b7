import { generateKeyPairSync, sign, X509Certificate, type KeyObject } from 'node:crypto';

/** A certificate and its private key, as PEM. */
export interface Identity {
	cert: string;
	key: string;
}

export interface CertificateRequest {
	/** Common name; 127.0.0.1 and localhost are always among the alternative names. */
	name?: string;
	/** Another host it is for. */
	host?: string;
	/** Who signs; itself unless given. */
	issuer?: Identity;
	/** Whether it ran out in 2001. */
	expired?: boolean;
	/** Whether it may sign others. */
	authority?: boolean;
}

/** One DER value: tag, length, contents (X.690). */
function der(tag: number, ...contents: Buffer[]): Buffer {
	const body = Buffer.concat(contents);
	const size = body.length;
	const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
	return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...contents: Buffer[]) => der(0x30, ...contents);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const utcTime = (date: Date) => der(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));

const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
const commonName = (name: string) => sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))));
const extension = (id: string, value: Buffer) => sequence(oid(id), der(0x04, value));
const dnsName = (name: string) => der(0x82, Buffer.from(name));
const alternativeNames = (host?: string) =>
	extension(
		'551d11',
		sequence(dnsName('localhost'), der(0x87, Buffer.from([127, 0, 0, 1])), ...(host ? [dnsName(host)] : [])),
	);
const mayIssue = (yes: boolean) => extension('551d13', sequence(...(yes ? [der(0x01, Buffer.from([0xff]))] : [])));

/** The subject of a certificate, as it is in it. */
function subjectOf(cert: string): Buffer {
	const name = /CN=(.+)/.exec(new X509Certificate(cert).subject)?.[1] ?? '';
	return commonName(name);
}

let serial = 0;

/**
 * Makes an X.509 certificate for 127.0.0.1 and localhost with a new P-256 key (RFC 5280): Node cannot, and neither
 * keys in the repository nor an installed openssl should be needed to test TLS.
 */
export function issueCertificate(request: CertificateRequest = {}): Identity {
	const { name = 'localhost', host, issuer, expired = false, authority = false } = request;
	const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const [from, until] = expired ? ['2000-01-01', '2001-01-01'] : ['2020-01-01', '2049-01-01'];
	serial += 1;
	const toBeSigned = sequence(
		der(0xa0, der(0x02, Buffer.from([2]))), // version 3
		der(0x02, Buffer.from([0x10 + (serial >> 8), serial & 0xff])),
		ecdsaWithSha256,
		issuer ? subjectOf(issuer.cert) : commonName(name),
		sequence(utcTime(new Date(from)), utcTime(new Date(until))),
		commonName(name),
		pair.publicKey.export({ type: 'spki', format: 'der' }),
		der(0xa3, sequence(alternativeNames(host), mayIssue(authority))),
	);
	const signer: KeyObject | string = issuer?.key ?? pair.privateKey;
	const signature = sign('sha256', toBeSigned, signer);
	const certificate = sequence(toBeSigned, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
	const lines = certificate.toString('base64').replace(/(.{64})(?!$)/g, '$1\n');
	return {
		cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
		key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
	};
}
