import { textField, type CredentialData } from '../oauth2/credential/credentialFields';
import { ok, refused, type Result } from '../result/result';
import { decodeStandardBase64 } from '../text/base64';

/** How a secret is written in the credential, as the form calls it. */
export const SECRET_ENCODINGS = { text: 'Text', hex: 'Hex', base64: 'Base64' } as const;

const LABELS = { secret: 'Secret', previousSecret: 'Previous Secret' } as const;

/** Control characters, and those that nobody sees. */
const INVISIBLE = /[\p{Cc}\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]/u;

/**
 * Reads a secret that both sides share, as `secretEncoding` says that it is written. Nothing is taken off a text: a space or
 * line break at its ends may belong to it, or was copied with it, so it is refused. In hex and Base64 they mean nothing.
 *
 * @returns the key's bytes, or what is wrong with the text; the fault shows nothing of it
 */
export function readSecretBytes(data: CredentialData, field: 'secret' | 'previousSecret'): Result<Buffer> {
	const label = LABELS[field];
	const text = textField(data, field);
	const encoding = textField(data, 'secretEncoding').trim() || 'text';
	if (text.trim() === '') {
		return refused(
			`${label} of the signing credential has no value`,
			`Fill in ${label}: the one that the receiver has. If it is an expression, check it with this item.`,
		);
	}
	const pasted = text.trim();
	if (/^(v1a,)?wh[sp]k_/.test(pasted)) {
		return refused(
			`${label} of the signing credential is a key of Standard Webhooks (${pasted.replace(/^v1a,/, '').slice(0, 5)})`,
			`Select Standard Webhooks under Scheme, or fill in the secret that the receiver has.`,
		);
	}
	switch (encoding) {
		case 'text':
			return readText(text, label);
		case 'hex':
			return /^([0-9a-f]{2})+$/i.test(pasted)
				? ok(Buffer.from(pasted, 'hex'))
				: notIn(label, 'hex', 'It has pairs of 0-9 and a-f.', pasted);
		case 'base64': {
			const bytes = decodeStandardBase64(pasted.replaceAll('-', '+').replaceAll('_', '/'));
			return bytes !== undefined && !/^whsec_/.test(pasted)
				? ok(bytes)
				: notIn(label, 'Base64', 'It has letters, digits, + and /, or - and _.', pasted);
		}
		default:
			return refused(
				'Secret Encoding of the signing credential has a value that does not exist',
				'Select Text, Hex or Base64 in the credential.',
			);
	}
}

function readText(text: string, label: string): Result<Buffer> {
	if (text !== text.trim()) {
		return refused(
			`${label} of the signing credential begins or ends with white space`,
			`Remove it: it was most likely copied along. If it belongs to the secret, fill in the secret as hex or Base64 and select that under Secret Encoding.`,
		);
	}
	if (INVISIBLE.test(text)) {
		return refused(
			`${label} of the signing credential has a line break or an invisible character`,
			'Copy it again. If it belongs to the secret, fill in the secret as hex or Base64 and select that under Secret Encoding.',
		);
	}
	return ok(Buffer.from(text));
}

const notIn = (label: string, encoding: string, characters: string, pasted: string) =>
	refused(
		`${label} of the signing credential is not ${encoding}`,
		pasted.startsWith('whsec_')
			? 'It starts with whsec_. Select Standard Webhooks under Scheme, Text under Secret Encoding if the receiver uses all of it as the key (as Stripe does), or remove whsec_ if the key is what follows.'
			: `${characters} Check that all of it was pasted, or select Text under Secret Encoding.`,
	);
