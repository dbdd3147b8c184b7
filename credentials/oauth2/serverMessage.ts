import { cleanServerText } from './redaction';
import { valueAt } from './responsePath';

/** What a server says about a refusal, cleaned. */
export interface ServerMessage {
	readonly serverError?: string;
	readonly serverErrorDescription?: string;
}

/** `error` of RFC 6749 is a short code, longer ones are prose. */
const LONGEST_ERROR = 80;
const LONGEST_DESCRIPTION = 240;

/** In the order of preference; the later ones are of RFC 9457 and of servers with a form of their own. */
const ERROR_PATHS = ['error', 'error.code', 'error.status', 'error.title', 'error.type'];
const DESCRIPTION_PATHS = [
	'error_description', 'error.message', 'error.description', 'message', 'detail', 'description', 'title', 'errors.0.message',
];

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

/** Whether an answer says that something went wrong, whatever its status. `error: null` and the like say nothing. */
export function saysRefused(body: unknown): boolean {
	const error = valueAt(body, 'error');
	return isText(error) || (typeof error === 'object' && error !== null) || error === true;
}

/** Reads `error` and `error_description` (RFC 6749 section 5.2), or what servers send in their place. */
export function serverMessage(body: unknown, secrets: readonly string[]): ServerMessage {
	const firstText = (paths: readonly string[]) => paths.map((path) => valueAt(body, path)).find(isText);
	const error = firstText(ERROR_PATHS);
	const description = firstText(DESCRIPTION_PATHS);
	return {
		...(error === undefined ? {} : { serverError: cleanServerText(error, secrets, LONGEST_ERROR) }),
		...(description === undefined
			? {}
			: { serverErrorDescription: cleanServerText(description, secrets, LONGEST_DESCRIPTION) }),
	};
}

/** For a message: `invalid_client: Client authentication was refused`, or empty. */
export function quoted({ serverError, serverErrorDescription }: ServerMessage): string {
	return [serverError, serverErrorDescription].filter((part) => part !== undefined && part !== '').join(': ');
}
