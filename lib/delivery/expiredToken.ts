import { cleanServerText } from '../text/redaction';
import type { ExpiryRule } from '../oauth2/credential/expiredWhen';
import { asText } from '../text/asText';
import { valuesAt } from '../text/responsePath';
import type { HttpAnswer } from '../http/transport';
import type { DeliveryFault } from './delivery';
import { responseBody } from './responseBody';

/** A rule that a response meets, with the value that it has. */
export interface Expiry {
	readonly path: string;
	readonly value: string;
}

/**
 * Whether the body of a response says that the access token has expired, whatever its status: Marketo responds 200 with
 * `errors[0].code` 602, WeChat 200 with `errcode` 42001.
 *
 * @param rules of the credential; none for one that is no token
 * @returns the first that the response meets
 */
export function expiredBy(answer: HttpAnswer, rules: readonly ExpiryRule[] | undefined): Expiry | undefined {
	if (!answer.ok || rules === undefined || rules.length === 0) return undefined;
	const response = responseBody(answer.body, answer.headers);
	for (const { path, values } of rules) {
		const found = valuesAt(response, path).map((value) => asText(value).trim());
		const value = found.find((text) => values.includes(text));
		if (value !== undefined) return { path, value };
	}
	return undefined;
}

/**
 * A success status whose body says that the token has expired, as the fault of a delivery: nobody has the delivery. It comes
 * to this only with a token that is new.
 *
 * @param said the destination's own words, cleaned; empty for none
 */
export function expiredFault(
	statusCode: number,
	url: URL,
	{ path, value }: Expiry,
	said: string,
	secrets: string[],
): DeliveryFault {
	const reason = cleanServerText(`${path} is ${value}`, secrets, 100);
	return {
		code: 'REJECTED',
		statusCode,
		retryable: false,
		message: `${url.host} responded with ${statusCode} and does not accept the access token (${reason})${said === '' ? '' : `: ${said}`}`,
		description:
			'The token was new. Check scopes and audience of the credential, and whether Expired When in the credential names codes that mean something else.',
	};
}
