import { decodePastedBase64 } from '../text/base64';
import { pemLabelOf } from './derShape';
import { isOpenSsh } from './openSshFile';

/**
 * One key or certificate found in a pasted text: either tidy PEM with its label (`PRIVATE KEY`,
 * `CERTIFICATE` …), or the members of a JWK. Nothing has been imported or decrypted yet.
 */
export type PastedKey = PastedPem | PastedJwk;

export interface PastedPem {
	form: 'pem';
	label: string;
	pem: string;
	/** What the JSON around it calls the key; PEM itself has no ID. */
	keyId?: string;
}

interface PastedJwk {
	form: 'jwk';
	jwk: Record<string, unknown>;
	/** Its `kid`. */
	keyId?: string;
	/** It is a member of a JWK Set, where the Key ID distinguishes keys. */
	inSet?: true;
}

const privateLabels = [
	'PRIVATE KEY',
	'ENCRYPTED PRIVATE KEY',
	'RSA PRIVATE KEY',
	'EC PRIVATE KEY',
	'OPENSSH PRIVATE KEY',
];

/** Whether a pasted key is a private one, in a form that can be imported. */
export function isPrivateKey(key: PastedKey): boolean {
	return key.form === 'jwk' ? key.jwk['d'] !== undefined : privateLabels.includes(key.label);
}

/** JWK members that only a private or a symmetric key has (RFC 7518 §6.2.2, §6.3.2, §6.4.1). */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/** Whether a text has anything of a private key in it, whole or damaged: what a field that is shown must not have. */
export function holdsPrivateKey(text: string): boolean {
	if (/(?:BEGIN|END)[A-Z0-9\s]*PRIVATE\s*KEY|PuTTY-User-Key-File/.test(text)) return true;
	return readPastedKeys(text).some((key) =>
		key.form === 'jwk'
			? privateMembers.some((name) => key.jwk[name] !== undefined)
			: key.label.endsWith('PRIVATE KEY') || key.label === 'PKCS12',
	);
}

/** JSON members that hold a key as text: this node's own output, and the key files of cloud providers. */
const textMembers = ['encryptedPrivateKey', 'privateKey', 'private_key', 'publicKey', 'public_key', 'certificate'];

/**
 * Finds the keys in a text as people paste them: PEM with any line ends, in one line with `\n` written
 * out or with spaces, within quotes, under a wrong label, several blocks in one text, bare Base64 (of
 * DER, or of a whole PEM file), a JWK, a JWK Set, or a JSON file with a key in it.
 * Gives an empty list when there is none.
 */
export function readPastedKeys(text: string, depth = 0): PastedKey[] {
	const trimmed = text.replace(/[\ufeff\u200b-\u200d\u2060]/g, '').trim();
	if (trimmed === '' || depth > 3) return [];
	if (/^[{["]/.test(trimmed)) {
		const keys = keysInJson(trimmed, depth);
		if (keys.length > 0) return keys;
	}
	const plain = trimmed.replace(/\\+[rn]/g, '\n').replace(/\\/g, '');
	const blocks = pemBlocks(plain);
	if (blocks.length > 0 || plain.includes('BEGIN')) return blocks;
	return keysInBase64(plain.replace(/["'`\s]/g, ''), depth);
}

function keysInJson(text: string, depth: number): PastedKey[] {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return [];
	}
	return keysInValue(value, depth);
}

function keysInValue(value: unknown, depth: number): PastedKey[] {
	if (depth > 3) return [];
	if (typeof value === 'string') return readPastedKeys(value, depth + 1);
	if (Array.isArray(value)) return value.flatMap((entry) => keysInValue(entry, depth + 1));
	if (typeof value !== 'object' || value === null) return [];
	const object = new Map<string, unknown>(Object.entries(value));
	if (typeof object.get('kty') === 'string') {
		return [{ form: 'jwk', jwk: Object.fromEntries(object), ...idOf(object.get('kid')) }];
	}
	if (Array.isArray(object.get('keys'))) {
		return keysInValue(object.get('keys'), depth + 1).map((key) =>
			key.form === 'jwk' ? { ...key, inSet: true } : key,
		);
	}
	// This node's own output, and the key files of cloud providers (Google's private_key_id is the kid).
	const id = idOf(object.get('keyId') ?? object.get('kid') ?? object.get('private_key_id'));
	const inText = textMembers.flatMap((name) => {
		const member = object.get(name);
		const found = typeof member === 'string' ? readPastedKeys(member, depth + 1) : keysInValue(member, depth + 1);
		return found.map((key) => ({ ...id, ...key }));
	});
	// A JWK of this node's output carries the key ID, which PEM does not.
	const inSet = keysInValue(object.get('jwks') ?? object.get('jwk'), depth + 1);
	return [...inSet, ...inText];
}

/** A key ID of a JSON file; some tools write a number. */
function idOf(value: unknown): { keyId?: string } {
	const text = typeof value === 'number' ? String(value) : value;
	return typeof text === 'string' && text.trim() !== '' ? { keyId: text } : {};
}

/** PEM blocks, whatever is between them (RFC 7468 §2 allows explanatory text). */
function pemBlocks(text: string): PastedKey[] {
	const armour = /[-\u2010-\u2015]{2,}\s*BEGIN([A-Z0-9 ]+?)\s*[-\u2010-\u2015]{2,}([^]*?)[-\u2010-\u2015]{2,}\s*END/g;
	return [...text.matchAll(armour)].flatMap(([, name = '', content = '']) => {
		const block = pemBlock(spacedLabel(name), content);
		return block ? [block] : [];
	});
}

/** Labels with their spaces, for texts that lost them all. */
const labels = [
	'PRIVATE KEY',
	'ENCRYPTED PRIVATE KEY',
	'RSA PRIVATE KEY',
	'EC PRIVATE KEY',
	'DSA PRIVATE KEY',
	'OPENSSH PRIVATE KEY',
	'PUBLIC KEY',
	'RSA PUBLIC KEY',
	'CERTIFICATE',
	'CERTIFICATE REQUEST',
	'NEW CERTIFICATE REQUEST',
	'TRUSTED CERTIFICATE',
	'X509 CERTIFICATE',
	'EC PARAMETERS',
];

function spacedLabel(name: string): string {
	const bare = name.replace(/\s/g, '');
	return labels.find((label) => label.replace(/ /g, '') === bare) ?? name.trim();
}

function pemBlock(label: string, content: string): PastedKey | undefined {
	const traditional = /Proc-Type:\s*4,\s*ENCRYPTED\s*DEK-Info:\s*([A-Z0-9-]+?),\s*/i.exec(content);
	if (traditional) return encryptedTraditionalBlock(label, traditional[1] ?? '', afterMatch(content, traditional));
	const base64 = content.replace(/[^A-Za-z0-9+/_=-]/g, '');
	const bytes = decodePastedBase64(base64);
	return bytes && { form: 'pem', ...armoured(labelOf(bytes) ?? label, bytes) };
}

/** The label that the bytes themselves require, whatever is written above them. */
function labelOf(bytes: Buffer): string | undefined {
	return isOpenSsh(bytes) ? 'OPENSSH PRIVATE KEY' : pemLabelOf(bytes);
}

/** The bytes within tidy PEM without headers. */
export function bytesOfPem(pem: string): Buffer {
	return Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
}

/** OpenSSL's own encrypted form (RFC 1421 §4.6): the initialization vector is before the Base64. */
function encryptedTraditionalBlock(label: string, cipher: string, rest: string): PastedKey | undefined {
	const vectorLength = /^(AES|CAMELLIA|ARIA|SEED)/i.test(cipher) ? 32 : 16;
	const vector = rest.slice(0, vectorLength);
	const base64 = rest.slice(vectorLength).replace(/\s/g, '');
	if (!/^[0-9A-F]+$/i.test(vector) || !decodePastedBase64(base64)) return undefined;
	const headers = `Proc-Type: 4,ENCRYPTED\nDEK-Info: ${cipher},${vector}\n\n`;
	return { form: 'pem', label, pem: wrap(label, `${headers}${lines(base64)}`) };
}

function afterMatch(text: string, match: RegExpExecArray): string {
	return text.slice(match.index + match[0].length);
}

function keysInBase64(text: string, depth: number): PastedKey[] {
	const bytes = decodePastedBase64(text);
	if (!bytes || bytes.length < 32) return [];
	const label = labelOf(bytes);
	if (label) return [{ form: 'pem', ...armoured(label, bytes) }];
	const inner = bytes.toString('latin1');
	return /BEGIN|"kty"/.test(inner) ? readPastedKeys(inner, depth + 1) : [];
}

function armoured(label: string, der: Buffer): { label: string; pem: string } {
	return { label, pem: wrap(label, lines(der.toString('base64'))) };
}

function wrap(label: string, content: string): string {
	return `-----BEGIN ${label}-----\n${content}\n-----END ${label}-----\n`;
}

function lines(base64: string): string {
	return base64
		.replace(/-/g, '+')
		.replace(/_/g, '/')
		.replace(/.{64}(?=.)/g, '$&\n');
}
