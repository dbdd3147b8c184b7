import { fail, ok, type Result } from '../result/result';
import type { VerifyFault, VerifyRules } from './scheme';

/** A header that the scheme needs is not there. */
export const missingHeader = (name: string) =>
	fail<VerifyFault>({
		reason: 'MISSING_HEADER',
		message: `The request has no ${name} header`,
		description: 'Check that the sender signs, and by the Scheme of the credential.',
	});

/** A header does not have the form that the scheme gives it. */
export const malformedHeader = (name: string, expected: string) =>
	fail<VerifyFault>({
		reason: 'MALFORMED',
		message: `The ${name} header is not written as expected`,
		description: `${expected} Check that sender and credential use the same scheme.`,
	});

/** Neither secret made any of the signatures. */
export const noMatch = (name: string): VerifyFault => ({
	reason: 'NO_MATCH',
	message: `The signature in ${name} does not match`,
	description:
		'The secret is not the one that the sender uses, or the body is not the one that was signed. In the Webhook node, turn on Raw Body.',
});

/**
 * Reads the time of signing, in whole seconds since 1970, and holds it against now.
 *
 * @param name the header it comes from
 */
export function readTimestamp(
	name: string,
	text: string | undefined,
	{ toleranceSeconds, nowSeconds }: VerifyRules,
): Result<number, VerifyFault> {
	if (text === undefined || text === '') return missingHeader(name);
	if (!/^[0-9]{1,12}$/.test(text)) return malformedHeader(name, 'It is a time in seconds since 1970.');
	const seconds = Number(text);
	const away = Math.round(Math.abs(nowSeconds - seconds));
	if (Math.abs(nowSeconds - seconds) <= toleranceSeconds) return ok(seconds);
	return fail({
		reason: 'TOO_OLD',
		message: `The request was signed ${away} seconds ${seconds < nowSeconds ? 'ago' : 'ahead of now'}, ${toleranceSeconds} are allowed`,
		description: 'Check the clocks of both sides. It may be a copy of an older request.',
	});
}
