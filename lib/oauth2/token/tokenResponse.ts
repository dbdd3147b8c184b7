import type { Grant } from './grant';
import type { OAuth2Credential } from '../credential/oAuth2Credential';
import { parseUrl } from '../../text/parseUrl';
import { cleanServerText } from '../../text/redaction';
import { valueAt } from '../../text/responsePath';
import { retryAfterMs } from '../../http/retryAfter';
import { fail, ok } from '../../result/result';
import { inOneText, saysRefused, serverMessage, type ServerMessage } from './serverMessage';
import type { AccessToken, TokenFault, TokenResult } from './token';
import { adviceFor } from './tokenAdvice';
import { lifeSeconds } from './tokenExpiry';
import { answerFault } from './tokenFault';
import type { TokenHttpResponse } from './tokenTransport';
import { readTokenType } from './tokenType';
import { endpointLabel } from '../credential/tokenUrl';

/** What was asked, to judge the answer by. */
export interface TokenQuestion {
	readonly credential: OAuth2Credential;
	readonly kind: Grant['kind'];
	/** Origin and path. */
	readonly endpoint: string;
	/** Everything that must appear in no message. */
	readonly secrets: readonly string[];
	/** When the request was sent, epoch milliseconds: the life of a token is counted from there. */
	readonly sentAt: number;
}

/** RFC 6749 appendix A.12: a token is made of printable ASCII; spaces at its ends would be lost in a header. */
const TOKEN_TEXT = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** In characters, of a token type that is shown. */
const LONGEST_TYPE = 40;

const NO_JSON = Symbol('no JSON');

function parseBody(body: string): unknown {
	try {
		return JSON.parse(body.replace(/^\uFEFF/, '')) as unknown;
	} catch {
		return NO_JSON;
	}
}

const isWebPage = (body: string) => /^\s*(?:\uFEFF)?\s*<(?:!doctype|html|head|body|\?xml)/i.test(body);

/** A redirect is never followed: it would take the secret or the password to another place. */
function redirectRefusal({ endpoint, secrets }: TokenQuestion, { statusCode, headers }: TokenHttpResponse): TokenFault {
	const location = Array.isArray(headers.location) ? headers.location[0] : headers.location;
	const target = location ? endpointLabel(parseUrl(location, endpoint)?.href ?? '') : '';
	const shown = cleanServerText(target, secrets);
	return answerFault(endpoint, statusCode, {
		message: `The token endpoint ${endpoint} answered ${statusCode}, a redirect${shown ? ` to ${shown}` : ''}`,
		description:
			'It is not followed, since secrets would go along. If the other address is right, enter it as Access Token URL',
	});
}

function refusal(question: TokenQuestion, answer: TokenHttpResponse, body: unknown): TokenFault {
	const { endpoint, secrets } = question;
	const { statusCode, headers } = answer;
	const said = serverMessage(body, secrets);
	const emptyBody = answer.body.trim() === '';
	const webPage = isWebPage(answer.body);
	const detail = inOneText(said) || (emptyBody ? 'nothing in it' : webPage ? 'a web page' : '');
	const error = valueAt(body, 'error');
	const wait = retryAfterMs(headers['retry-after'], question.sentAt);
	return answerFault(
		endpoint,
		statusCode,
		{
			message: `The token endpoint ${endpoint} answered ${statusCode}${detail ? ` (${detail})` : ''}`,
			description: adviceFor({
				...question,
				statusCode,
				...(typeof error === 'string' ? { serverError: error } : {}),
				...(said.serverErrorDescription === undefined ? {} : { serverErrorDescription: said.serverErrorDescription }),
				emptyBody,
				webPage,
			}),
		},
		{ ...said, ...(wait === undefined ? {} : { retryAfterMs: wait }) },
	);
}

/** What JSON that is no object is called; `undefined` for an object, and for what is no JSON. */
function jsonKind(body: unknown): string | undefined {
	if (body === null) return 'JSON null';
	if (Array.isArray(body)) return 'a JSON list';
	switch (typeof body) {
		case 'string':
			return 'a JSON text';
		case 'number':
			return 'a JSON number';
		case 'boolean':
			return `JSON ${String(body)}`;
		default:
			return undefined;
	}
}

function noObject(
	{ endpoint, secrets }: TokenQuestion,
	{ statusCode, body: text }: TokenHttpResponse,
	body: unknown,
): TokenFault {
	const kind = jsonKind(body);
	const said = inOneText(serverMessage(body, secrets, true));
	const [what, advice] =
		kind !== undefined
			? [
					`${kind}, not an object${said ? ` (${said})` : ''}`,
					'A token endpoint answers with a JSON object: check the URL, and what the server documents',
				]
			: text.trim() === ''
				? ['nothing in it', 'The URL is probably not that of the token endpoint']
				: isWebPage(text)
					? [
							'a web page',
							'The URL is probably that of a login page or of documentation: look up the URL of the token endpoint',
						]
					: [
							'something that is not JSON',
							'A token endpoint answers with JSON: check the URL, and that nothing was cut off on the way',
						];
	return answerFault(endpoint, statusCode, {
		message: `The token endpoint ${endpoint} answered ${statusCode} with ${what}`,
		description: advice,
	});
}

/** The names of the fields that did come, so that a user can correct the path. */
function fieldNames(body: unknown, secrets: readonly string[]): string {
	const names = typeof body === 'object' && body !== null ? Object.keys(body).slice(0, 12) : [];
	return names.length === 0 ? 'no fields' : cleanServerText(names.join(', '), secrets);
}

/** Some servers say so beside the token (`{"code":0,"msg":"success"}`): then the token is in another field. */
const saysSuccess = ({ serverError = '', serverErrorDescription = '' }: ServerMessage): boolean =>
	/^(?:0|200|ok|success)$/i.test(serverError) || /^(?:ok|success\w*)\b/i.test(serverErrorDescription);

/** 2xx with no token in it. Some servers always answer 200 and say in the body what went wrong: their words are quoted. */
function unusableToken(
	{ credential, endpoint, secrets }: TokenQuestion,
	statusCode: number,
	body: unknown,
): TokenFault {
	const path = cleanServerText(credential.accessTokenPath, secrets);
	const found = valueAt(body, credential.accessTokenPath);
	const said = serverMessage(body, secrets, true);
	const words = inOneText(said);
	const quote = words ? ` (${words})` : '';
	if (found !== undefined && found !== null && found !== '') {
		return answerFault(endpoint, statusCode, {
			message: `The token endpoint ${endpoint} answered ${statusCode} with an access token that cannot be used${quote}`,
			description: `${path} must be a text of printable characters and not empty: check Access Token Field, or ask who runs the server`,
		});
	}
	const fields = `The answer has: ${fieldNames(body, secrets)}.`;
	return answerFault(
		endpoint,
		statusCode,
		{
			message: `The token endpoint ${endpoint} answered ${statusCode} without ${path}${quote}`,
			description:
				said.serverErrorDescription && !saysSuccess(said)
					? `Check the fields of the credential against what the server says. ${fields} If the token is in one of them, set Access Token Field to it`
					: `${fields} Set Access Token Field to the one that holds the token`,
		},
		said,
	);
}

/** The granted scopes for showing; some servers send a list. */
function grantedScope(body: unknown, secrets: readonly string[]): string | undefined {
	const scope = valueAt(body, 'scope');
	const text = Array.isArray(scope) ? scope.filter((one) => typeof one === 'string').join(' ') : scope;
	return typeof text === 'string' && text.trim() !== '' ? cleanServerText(text, secrets, 1000) : undefined;
}

function readToken(
	{ credential, secrets, sentAt }: TokenQuestion,
	body: unknown,
	accessToken: string,
	tokenType: string,
): AccessToken {
	const refreshToken = valueAt(body, credential.refreshTokenPath);
	const expiresIn = lifeSeconds(credential.expiry, body, sentAt);
	const scope = grantedScope(body, [...secrets, accessToken]);
	return {
		accessToken,
		tokenType,
		...(scope === undefined ? {} : { scope }),
		...(expiresIn === undefined ? {} : { expiresIn, expiresAt: sentAt + expiresIn * 1000 }),
		...(typeof refreshToken === 'string' && refreshToken !== '' ? { refreshToken } : {}),
	};
}

/**
 * Reads the answer of a token endpoint: RFC 6749 sections 5.1 and 5.2, status first and body second.
 *
 * @returns the token, or a fault that says what the server said and the likely cause
 */
export function readTokenResponse(question: TokenQuestion, answer: TokenHttpResponse): TokenResult {
	const { credential, endpoint, secrets } = question;
	const { statusCode } = answer;
	if (statusCode >= 300 && statusCode < 400) return fail(redirectRefusal(question, answer));
	const body = parseBody(answer.body);
	if (statusCode < 200 || statusCode > 299) return fail(refusal(question, answer, body));
	if (typeof body !== 'object' || body === null) return fail(noObject(question, answer, body));
	if (saysRefused(body)) return fail(refusal(question, answer, body));
	const accessToken = valueAt(body, credential.accessTokenPath);
	if (Array.isArray(body) && accessToken === undefined) return fail(noObject(question, answer, body));
	if (typeof accessToken !== 'string' || !TOKEN_TEXT.test(accessToken)) {
		return fail(unusableToken(question, statusCode, body));
	}
	const type = readTokenType(credential.tokenTypeCheck, valueAt(body, 'token_type'));
	const shown = (name: string) => cleanServerText(name, [...secrets, accessToken], LONGEST_TYPE);
	if (!type.ok) {
		const { type: refusedType, description } = type.fault;
		const message = `The token endpoint ${endpoint} answered ${statusCode} with a token of the type "${shown(refusedType)}"`;
		return fail(answerFault(endpoint, statusCode, { message, description }));
	}
	return ok(readToken(question, body, accessToken, shown(type.value)));
}
