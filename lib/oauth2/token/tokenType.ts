import { fail, ok, type Result } from '../../result/result';
import type { CommonOAuth2Credential } from '../credential/oAuth2Credential';

/** Types whose tokens are worth nothing without a proof beside them (RFC 9449 §7.1, HTTP MAC). */
const NEEDS_PROOF = /^(?:dpop|mac)$/i;

/** A type whose tokens are not used, as it came, and how to get on. */
interface RefusedType {
	readonly type: string;
	readonly description: string;
}

/**
 * Judges the `token_type` of a response (RFC 6749 §5.1 and §7.1: a type that is not understood must not be
 * used). `null`, an empty text and no type at all mean Bearer: so do the servers that send them.
 * @returns the type as it came, or the refused one
 */
export function readTokenType(
	check: CommonOAuth2Credential['tokenTypeCheck'],
	type: unknown,
): Result<string, RefusedType> {
	if (type === undefined || type === null || (typeof type === 'string' && type.trim() === '')) {
		return ok('Bearer');
	}
	if (typeof type !== 'string') {
		return fail({ type: typeof type, description: 'token_type must be a text: ask who runs the server' });
	}
	const letters = type.replace(/[^a-z]/gi, '');
	if (NEEDS_PROOF.test(letters)) {
		return fail({
			type,
			description: /^dpop$/i.test(letters)
				? 'Set Token Binding to DPoP in the credential, or set the client to Bearer in the settings of the authorization server'
				: 'Only Bearer and DPoP tokens can be sent: set the client to Bearer in the settings of the authorization server',
		});
	}
	if (check === 'any' || type.toLowerCase() === 'bearer') return ok(type);
	return fail({
		type,
		description:
			'Set Token Type Check to Any in the credential if the server means a Bearer token, or set the client to Bearer in the ' +
			'settings of the authorization server',
	});
}

/**
 * Judges the `token_type` of a response to a request with a DPoP proof. A token of another type is bound to nothing, and
 * whoever steals it can use it: RFC 9449 §5 has a client that needs the protection discard it.
 */
export function readBoundTokenType(type: unknown): Result<string, RefusedType> {
	if (typeof type === 'string' && type.trim().toLowerCase() === 'dpop') return ok('DPoP');
	return fail({
		type: typeof type === 'string' ? type : type === undefined || type === null ? '' : typeof type,
		description:
			'The server did not bind the token: turn on DPoP for this client in the settings of the authorization server ' +
			'(dpop_bound_access_tokens), or set Token Binding to None in the credential',
	});
}
