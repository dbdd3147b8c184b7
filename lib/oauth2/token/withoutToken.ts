import { cleanServerText } from '../../text/redaction';
import { inOneText, serverMessage, type ServerMessage } from './serverMessage';
import type { TokenFault } from './token';
import { answerFault } from './tokenFault';
import { otherLocation } from './tokenLocation';
import type { TokenQuestion } from './tokenResponse';
import type { TokenHttpResponse } from './tokenTransport';

/** Whether a body is a page for people, or another document in markup. */
export const isWebPage = (body: string) => /^\s*(?:\uFEFF)?\s*<(?:!doctype|html|head|body|\?xml)/i.test(body);

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
	{ credential, endpoint, secrets }: TokenQuestion,
	response: TokenHttpResponse,
	body: unknown,
): TokenFault {
	const { statusCode, body: text } = response;
	const kind = jsonKind(body);
	const said = inOneText(serverMessage(body, secrets, true));
	const [what, advice] =
		kind !== undefined
			? [
					`${kind}, not an object${said ? ` (${said})` : ''}`,
					'A token endpoint responds with a JSON object: check the URL and the documentation of the server',
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
							'A token endpoint responds with JSON: check the URL, and that nothing was cut off on the way',
						];
	return answerFault(endpoint, statusCode, {
		message: `The token endpoint ${endpoint} responded with ${statusCode} and ${what}`,
		description: otherLocation(credential, response, body) || advice,
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

/** What a credential calls the place of the token, and the field that says so. */
function placeOf(
	{ tokenLocation, accessTokenPath, accessTokenHeader }: TokenQuestion['credential'],
	secrets: readonly string[],
): { place: string; field: string } {
	switch (tokenLocation) {
		case 'json':
			return { place: cleanServerText(accessTokenPath, secrets), field: 'Access Token Field' };
		case 'header':
			return { place: `the header ${accessTokenHeader}`, field: 'Access Token Header' };
		case 'text':
			return { place: 'a text that can be a token', field: 'Access Token Location' };
	}
}

/**
 * A success status with no token in it. Some servers always respond 200 and say in the body what went wrong: their words are
 * quoted.
 *
 * @param body the parsed body; no object when it is no JSON
 * @param isThere whether something is in the place of the token
 */
export function withoutToken(
	question: TokenQuestion,
	response: TokenHttpResponse,
	body: unknown,
	isThere: boolean,
): TokenFault {
	const { credential, endpoint, secrets } = question;
	const { statusCode } = response;
	const { tokenLocation } = credential;
	const isObject = typeof body === 'object' && body !== null;
	if (tokenLocation === 'json' && (!isObject || (Array.isArray(body) && !isThere))) {
		return noObject(question, response, body);
	}
	const said = serverMessage(body, secrets, true);
	const words = inOneText(said);
	const quote = words ? ` (${words})` : '';
	const { place, field } = placeOf(credential, secrets);
	const answered = `The token endpoint ${endpoint} responded with ${statusCode}`;
	const elsewhere = otherLocation(credential, response, body);
	if (isThere && tokenLocation !== 'text') {
		return answerFault(endpoint, statusCode, {
			message: `${answered} and an access token that cannot be used${quote}`,
			description: `${place} must be a string of printable characters and not empty: check ${field}, or ask who runs the server`,
		});
	}
	const saysWhy = said.serverErrorDescription !== undefined && !saysSuccess(said);
	const advice = saysWhy ? 'Check the fields of the credential against what the server says. ' : '';
	const message = `${answered} without ${place}${quote}`;
	if (tokenLocation === 'text') {
		const what = isWebPage(response.body)
			? 'The response is a web page: check the URL'
			: 'The response must contain only the token';
		return answerFault(endpoint, statusCode, { message, description: `${advice}${elsewhere || what}` }, said);
	}
	if (tokenLocation === 'header') {
		const names = `The response has the headers: ${cleanServerText(Object.keys(response.headers).join(', '), secrets)}.`;
		const next = elsewhere || `${names} Set Access Token Header to the one that holds the token`;
		return answerFault(endpoint, statusCode, { message, description: `${advice}${next}` }, said);
	}
	const fields = `The response has: ${fieldNames(body, secrets)}.`;
	const next = saysWhy
		? `${fields} If the token is in one of them, set Access Token Field to it`
		: elsewhere !== '' && Object.keys(body as object).length === 0
			? elsewhere
			: `${fields} Set Access Token Field to the one that holds the token`;
	return answerFault(endpoint, statusCode, { message, description: `${advice}${next}` }, said);
}
