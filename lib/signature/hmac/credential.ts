import { createSecretKey, type KeyObject } from 'node:crypto';

import { pairsField, textField, type CredentialData } from '../../oauth2/credential/credentialFields';
import { ok, refused, type Result } from '../../result/result';
import type { Signer, Verifier } from '../scheme';
import { readSecretBytes } from '../sharedSecret';
import { ALGORITHMS, ENCODINGS, readShape, type HmacForm, type HmacShape } from './form';
import { PRESET_NAMES, PRESETS, type Preset } from './presets';
import { hmacSigner } from './sign';
import { verifyHmac } from './verify';

/** What the custom form has until it is changed. */
export const CUSTOM: HmacForm = {
	algorithm: 'sha256',
	encoding: 'hex',
	content: '{timestamp}.{body}',
	signatureHeader: 'X-Signature',
	signatureFormat: 'sha256={signature}',
	secondSignature: '',
	headers: [['X-Timestamp', '{timestamp}']],
};

/** Reads a credential for signing. */
export function readHmacSigner(data: CredentialData): Result<Signer> {
	const preset = presetOf(data);
	if (!preset.ok) return preset;
	const shape = readHmacShape(data, preset.value);
	if (!shape.ok) return shape;
	const secrets = readSecrets(data, preset.value);
	if (!secrets.ok) return secrets;
	if (secrets.value.length > 1 && shape.value.secondSignature === undefined) {
		return refused(
			preset.value === 'custom'
				? 'Previous Secret is filled in, and Second Signature of the signing credential is empty'
				: `Previous Secret is filled in, and a ${PRESET_NAMES[preset.value]} signature has room for one secret`,
			`Leave Previous Secret empty once the receiver has the new secret${
				preset.value === 'custom' ? ', or fill in Second Signature, e.g. ,v1={signature}' : ''
			}. To verify with both, use Signature: Verify.`,
		);
	}
	return ok(hmacSigner(shape.value, secrets.value));
}

/** Reads a credential for verifying: either secret will do, whether or not the sender has room for two. */
export function readHmacVerifier(data: CredentialData): Result<Verifier> {
	const preset = presetOf(data);
	if (!preset.ok) return preset;
	const shape = readHmacShape(data, preset.value);
	if (!shape.ok) return shape;
	const secrets = readSecrets(data, preset.value);
	return secrets.ok
		? ok({ verify: (message, rules) => verifyHmac(message, rules, shape.value, secrets.value) })
		: secrets;
}

function presetOf(data: CredentialData): Result<Preset | 'custom'> {
	const given = textField(data, 'preset').trim() || 'custom';
	if (Object.hasOwn(PRESET_NAMES, given)) return ok(given as Preset | 'custom');
	return refused(
		'Preset of the signing credential has a value that does not exist',
		`Select one of ${Object.values(PRESET_NAMES).join(', ')} in the credential.`,
	);
}

function readHmacShape(data: CredentialData, preset: Preset | 'custom'): Result<HmacShape> {
	if (preset !== 'custom') return readShape(PRESETS[preset]);
	const algorithm = textField(data, 'hashAlgorithm').trim() || CUSTOM.algorithm;
	const encoding = textField(data, 'signatureEncoding').trim() || CUSTOM.encoding;
	if (!isNameIn(ALGORITHMS, algorithm)) return unknownValue('Hash Algorithm', ALGORITHMS);
	if (!isNameIn(ENCODINGS, encoding)) return unknownValue('Signature Encoding', ENCODINGS);
	// A field that is not there has its default, one that was emptied is empty.
	return readShape({
		algorithm,
		encoding,
		content: textField(data, 'signedContent', CUSTOM.content),
		signatureHeader: textField(data, 'signatureHeader', CUSTOM.signatureHeader),
		signatureFormat: textField(data, 'signatureFormat', CUSTOM.signatureFormat),
		secondSignature: textField(data, 'secondSignature', CUSTOM.secondSignature),
		headers: Object.hasOwn(data, 'signatureHeaders') ? pairsField(data, 'signatureHeaders') : CUSTOM.headers,
	});
}

const isNameIn = <T extends object>(names: T, name: string): name is keyof T & string => Object.hasOwn(names, name);

const unknownValue = (label: string, names: Record<string, string>) =>
	refused(
		`${label} of the signing credential has a value that does not exist`,
		`Select one of ${Object.values(names).join(', ')} in the credential.`,
	);

/** The secret, and the one before it while a rotation lasts. The one before it alone would be another's. */
function readSecrets(data: CredentialData, preset: Preset | 'custom'): Result<readonly KeyObject[]> {
	const secrets: KeyObject[] = [];
	for (const field of ['secret', 'previousSecret'] as const) {
		if (field === 'previousSecret' && textField(data, field).trim() === '') continue;
		if (preset !== 'custom' && preset !== 'stripe' && textField(data, field).trimStart().startsWith('whsec_')) {
			return refused(
				`The secret of the signing credential starts with whsec_, and those of ${PRESET_NAMES[preset]} do not`,
				'Select Standard Webhooks under Scheme or Stripe under Preset, whichever the receiver verifies, or fill in the secret that the receiver has.',
			);
		}
		const bytes = readSecretBytes(data, field);
		if (!bytes.ok) return bytes;
		secrets.push(createSecretKey(bytes.value));
	}
	return ok(secrets);
}
