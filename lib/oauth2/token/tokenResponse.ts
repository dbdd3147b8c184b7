import { isProofError, proofAdvice } from '../dpop/proofRefusal';
import type { Grant } from './grant';
import type { OAuth2Credential } from '../credential/oAuth2Credential';
import { parseUrl } from '../../text/parseUrl';
import { cleanServerText } from '../../text/redaction';
import { valueAt } from '../../text/responsePath';
import { retryAfterMs } from '../../http/retryAfter';
import { fail, ok } from '../../result/result';
import { furtherFields } from './furtherFields';
import { inOneText, saysRefused, serverMessage } from './serverMessage';
import type { AccessToken, TokenFault, TokenResult } from './token';
import { adviceFor } from './tokenAdvice';
import { lifeSeconds } from './tokenExpiry';
import { answerFault } from './tokenFault';
import type { TokenHttpResponse } from './tokenTransport';
import { placedToken } from './tokenLocation';
import { readBoundTokenType, readTokenType } from './tokenType';
import { isWebPage, withoutToken } from './withoutToken';
import { endpointLabel } from '../credential/tokenUrl';

/** What was asked, to judge the response by. */
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

/** A redirect is never followed: it would take the secret or the password to another place. */
function redirectRefusal({ endpoint, secrets }: TokenQuestion, { statusCode, headers }: TokenHttpResponse): TokenFault {
	const location = Array.isArray(headers.location) ? headers.location[0] : headers.location;
	const target = location ? endpointLabel(parseUrl(location, endpoint)?.href ?? '') : '';
	const shown = cleanServerText(target, secrets);
	return answerFault(endpoint, statusCode, {
		message: `The token endpoint ${endpoint} responded with ${statusCode}, a redirect${shown ? ` to ${shown}` : ''}`,
		description:
			'It is not followed, as it would send the secrets along. If the other address is right, enter it as Access Token URL',
	});
}

/** For a refused DPoP proof, and for a missing one. */
function adviceAboutProof(
	{ credential, sentAt }: TokenQuestion,
	{ headers }: TokenHttpResponse,
	error: unknown,
): string | undefined {
	if (typeof error !== 'string' || !isProofError(error)) return undefined;
	return credential.tokenBinding === 'dpop'
		? proofAdvice(error, headers, sentAt)
		: 'This client must use DPoP: set Token Binding to DPoP in the credential';
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
			message: `The token endpoint ${endpoint} responded with ${statusCode}${detail ? ` (${detail})` : ''}`,
			description:
				adviceAboutProof(question, answer, error) ??
				adviceFor({
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
	const fields = furtherFields(credential, body, [
		...secrets,
		accessToken,
		typeof refreshToken === 'string' ? refreshToken : '',
	]);
	return {
		accessToken,
		tokenType,
		...(scope === undefined ? {} : { scope }),
		...(expiresIn === undefined ? {} : { expiresIn, expiresAt: sentAt + expiresIn * 1000 }),
		...(typeof refreshToken === 'string' && refreshToken !== '' ? { refreshToken } : {}),
		...(fields === undefined ? {} : { fields }),
	};
}

/**
 * Reads the response of a token endpoint: RFC 6749 sections 5.1 and 5.2, status first and body second.
 *
 * @returns the token, or a fault that says what the server said and the likely cause
 */
export function readTokenResponse(question: TokenQuestion, answer: TokenHttpResponse): TokenResult {
	const { credential, endpoint, secrets } = question;
	const { statusCode } = answer;
	if (statusCode >= 300 && statusCode < 400) return fail(redirectRefusal(question, answer));
	const body = parseBody(answer.body);
	if (statusCode < 200 || statusCode > 299) return fail(refusal(question, answer, body));
	if (saysRefused(body)) return fail(refusal(question, answer, body));
	const { token: accessToken, isThere } = placedToken(credential, answer, body);
	if (accessToken === undefined) return fail(withoutToken(question, answer, body, isThere));
	const tokenType = valueAt(body, 'token_type');
	const type =
		credential.tokenBinding === 'dpop'
			? readBoundTokenType(tokenType)
			: readTokenType(credential.tokenTypeCheck, tokenType);
	const shown = (name: string) => cleanServerText(name, [...secrets, accessToken], LONGEST_TYPE);
	if (!type.ok) {
		const { type: refusedType, description } = type.fault;
		const what = refusedType === '' ? 'without a token type' : `and a token of the type "${shown(refusedType)}"`;
		const message = `The token endpoint ${endpoint} responded with ${statusCode} ${what}`;
		return fail(answerFault(endpoint, statusCode, { message, description }));
	}
	return ok(readToken(question, body, accessToken, shown(type.value)));
}
