import type { CommonOAuth2Credential } from '../credential/oAuth2Credential';

/** Types whose tokens are worth nothing without a proof beside them, which is not made here (RFC 9449 §7.1, HTTP MAC). */
const NEEDS_PROOF = /^(?:dpop|mac)$/i;

/**
 * Judges the `token_type` of an answer (RFC 6749 §5.1 and §7.1: a type that is not understood must not be
 * used). `null`, an empty text and no type at all mean Bearer: so do the servers that send them.
 * @returns the type as it came, or the refused one and what to do
 */
export function readTokenType(
	check: CommonOAuth2Credential['tokenTypeCheck'],
	type: unknown,
): { ok: true; type: string } | { ok: false; type: string; description: string } {
	if (type === undefined || type === null || (typeof type === 'string' && type.trim() === '')) {
		return { ok: true, type: 'Bearer' };
	}
	if (typeof type !== 'string') {
		return { ok: false, type: typeof type, description: 'token_type must be a text: ask who runs the server' };
	}
	if (NEEDS_PROOF.test(type.replace(/[^a-z]/gi, ''))) {
		return {
			ok: false,
			type,
			description:
				'Only Bearer tokens can be sent: set the client to Bearer in the settings of the authorization server',
		};
	}
	if (check === 'any' || type.toLowerCase() === 'bearer') return { ok: true, type };
	return {
		ok: false,
		type,
		description:
			'Set Token Type Check to Any in the credential if the server means a Bearer token, or set the client to Bearer in the ' +
			'settings of the authorization server',
	};
}
