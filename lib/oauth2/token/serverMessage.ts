import { cleanServerText } from '../../text/redaction';
import { valueAt } from '../../text/responsePath';
import { nestedWords } from '../../text/serverWords';

/** What a server says about a refusal, cleaned. */
export interface ServerMessage {
	readonly serverError?: string;
	readonly serverErrorDescription?: string;
}

/** `error` of RFC 6749 is a short code, longer ones are prose. */
const LONGEST_ERROR = 80;
const LONGEST_DESCRIPTION = 240;

/**
 * Where servers say what went wrong, in the order of preference: RFC 6749 section 5.2 first, then RFC 9457 and servers with
 * their own form (Lark `code` and `msg`, WeChat `errcode` and `errmsg`, Okta `errorCode` and `errorSummary`, Apigee
 * `fault`, Salesforce a list). A code may be a number.
 */
const ERROR_PATHS = [
	'error',
	'error.code',
	'error.status',
	'error.title',
	'error.type',
	'code',
	'errcode',
	'errCode',
	'err_code',
	'error_code',
	'errorCode',
	'errno',
	'errors.0.code',
	'errors.0.errorCode',
	'errors.0.error',
	'fault.detail.errorcode',
	'0.errorCode',
	'0.code',
];
const DESCRIPTION_PATHS = [
	'error_description',
	'errorDescription',
	'error.message',
	'error.description',
	'error.msg',
	'message',
	'msg',
	'errmsg',
	'errMsg',
	'err_msg',
	'error_msg',
	'errorMsg',
	'errorMessage',
	'error_message',
	'errorSummary',
	'Message',
	'detail',
	'description',
	'reason',
	'errors.0.message',
	'errors.0.msg',
	'errors.0.detail',
	'errors.0.description',
	'errors.0.errorMessage',
	'errors.0.title',
	'errors.0',
	'fault.faultstring',
	'0.message',
	'title',
];

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

/** A code or a text as text. */
const textOf = (value: unknown): string | undefined =>
	typeof value === 'number' ? String(value) : isText(value) ? value : undefined;

/** A word this long with digits in it may be a token: of a response that was meant well but not understood. */
const withoutTokens = (text: string): string =>
	text.replace(/[\w.~+/=-]{24,}/g, (word) => (/\d/.test(word) ? '***' : word));

/** Whether a response says that something went wrong, whatever its status. `error: null` and the like say nothing. */
export function saysRefused(body: unknown): boolean {
	const error = valueAt(body, 'error');
	return isText(error) || (typeof error === 'object' && error !== null) || error === true;
}

/** Reasons that no path leads to, without the code that is shown before them. */
function reasonsBelow(body: unknown, error = ''): string | undefined {
	const words = nestedWords(body);
	if (words === undefined || error === '') return words;
	if (words.startsWith(`${error}: `)) return words.slice(error.length + 2);
	return words.includes(error) ? undefined : words;
}

/**
 * Reads `error` and `error_description` (RFC 6749 section 5.2), or what servers send in their place.
 * @param hideTokens also take out what looks like a token: for responses whose status is no refusal
 */
export function serverMessage(body: unknown, secrets: readonly string[], hideTokens = false): ServerMessage {
	const firstText = (paths: readonly string[]) => paths.map((path) => textOf(valueAt(body, path))).find(isText);
	const clean = (text: string, longest: number) =>
		cleanServerText(hideTokens ? withoutTokens(text) : text, secrets, longest);
	const error = firstText(ERROR_PATHS);
	// Nested reasons are read in refusals alone: another response may hold a token anywhere.
	const description = firstText(DESCRIPTION_PATHS) ?? (hideTokens ? undefined : reasonsBelow(body, error));
	return {
		...(error === undefined ? {} : { serverError: clean(error, LONGEST_ERROR) }),
		...(description === undefined || description === error
			? {}
			: { serverErrorDescription: clean(description, LONGEST_DESCRIPTION) }),
	};
}

/** For a message: `invalid_client: Client authentication was refused`, or empty. */
export function inOneText({ serverError, serverErrorDescription }: ServerMessage): string {
	return [serverError, serverErrorDescription].filter((part) => part !== undefined && part !== '').join(': ');
}
