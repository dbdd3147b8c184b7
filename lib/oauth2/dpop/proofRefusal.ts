import type { HttpHeaders } from '../../http/transport';

/** The two errors of RFC 9449 (§5, §7.1, §8, §9) that are about a proof and not about the token. */
const PROOF_ERRORS = ['use_dpop_nonce', 'invalid_dpop_proof'] as const;
export type ProofError = (typeof PROOF_ERRORS)[number];

export const isProofError = (error: string | undefined): error is ProofError =>
	PROOF_ERRORS.some((known) => known === error);

/** A scheme (a word by itself), or a parameter of the last one (RFC 9110 §11.6.1). */
const CHALLENGE_PART = /([!#$%&'*+.^_`|~\w-]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;

/** The parameters of the `DPoP` challenge among those of a response; undefined when there is none. */
function dpopChallenge(headers: HttpHeaders): Map<string, string> | undefined {
	const field = headers['www-authenticate'];
	const text = Array.isArray(field) ? field.join(', ') : (field ?? '');
	let found: Map<string, string> | undefined;
	let isDpop = false;
	for (const [, name = '', quoted, plain] of text.matchAll(CHALLENGE_PART)) {
		const value = quoted?.replace(/\\(.)/g, '$1') ?? plain;
		if (value === undefined) {
			isDpop = name.toLowerCase() === 'dpop';
			if (isDpop) found ??= new Map();
		} else if (isDpop) found?.set(name.toLowerCase(), value);
	}
	return found;
}

/** What a destination says about DPoP in a response that refuses a request. */
export interface DpopRefusal {
	/** About the proof; undefined when it is about the token, or about nothing in particular. */
	readonly proofError?: ProofError;
	/** `error` and `error_description` as they came, to be cleaned; empty for none. */
	readonly words: string;
}

/**
 * Reads the `DPoP` challenge of a response (RFC 9449 §7.1).
 *
 * @returns undefined when there is none: then it is no word about DPoP
 */
export function dpopRefusal(headers: HttpHeaders): DpopRefusal | undefined {
	const challenge = dpopChallenge(headers);
	if (challenge === undefined) return undefined;
	const error = challenge.get('error');
	return {
		...(isProofError(error) && { proofError: error }),
		words: [error, challenge.get('error_description')].filter(Boolean).join(': '),
	};
}

/** A difference of clocks that the time on the way does not explain, in seconds. */
const LEAST_OFFSET = 5;

/** How far n8n's clock is from a server's that gives its time (`Date` of RFC 9110 §6.6.1); empty when it agrees. */
function clockOffset({ date }: HttpHeaders, now: number): string {
	const offset = Math.round((now - Date.parse(String(date))) / 1000);
	if (!(Math.abs(offset) >= LEAST_OFFSET)) return '';
	return `${Math.abs(offset)} s ${offset < 0 ? 'behind' : 'ahead of'}`;
}

/**
 * The likely cause of a refused proof and what to do.
 *
 * @param headers of the response
 * @param now epoch milliseconds of when the request was sent
 */
export function proofAdvice(error: ProofError, headers: HttpHeaders, now: number): string {
	if (error === 'use_dpop_nonce') {
		return headers['dpop-nonce'] === undefined
			? 'The server asks for a nonce but does not send one in DPoP-Nonce: ask who runs it'
			: 'The server does not accept the nonce it has just sent in DPoP-Nonce: ask who runs it';
	}
	const offset = clockOffset(headers, now);
	return offset === ''
		? 'Check that the clock of n8n is right, and that the URL is the one that the server itself uses: proxies that change host or path make proofs invalid'
		: `The clock of n8n is ${offset} the server's: set it, since a proof is only valid for a short time`;
}
