import type { ICredentialDataDecryptedObject, IExecuteFunctions } from 'n8n-workflow';

import type { DeliveryFault } from '../../../lib/delivery/delivery';
import type { StoredToken } from '../../../lib/delivery/storedToken';
import { isRetryableStatus } from '../../../lib/http/retryable';
import { invalidRequest, type RequestFault } from '../../../lib/result/requestFault';
import { fail, ok, type Result } from '../../../lib/result/result';
import { cleanServerText } from '../../../lib/text/redaction';

/** Milliseconds that n8n has to renew a token; n8n itself would wait for five minutes. */
const RENEWAL_TIMEOUT_MS = 30_000;

/** An OAuth2 credential of n8n's, by its type, and which item it was read for. */
export interface StoredTokenSource {
	context: IExecuteFunctions;
	type: string;
	label: string;
	itemIndex: number;
	/** Lets one renewal of the run begin when the one before it has ended: it may have been of the same credential. */
	inTurn: <T>(act: () => Promise<T>) => Promise<T>;
}

/**
 * The access token in an OAuth2 credential of n8n's. n8n renews it (`helpers.refreshOAuth2Token`), stores it, and ensures
 * that nodes, executions and workers that ask at the same time cause one token request (n8n 2.40: a lease by credential ID).
 *
 * @returns a fault when nobody has connected the credential yet
 * @source n8n 2.40, `request-helpers/oauth.js`: `oauthTokenData.access_token`, `tokenExpiredStatusCode`, 401 without it
 */
export function readStoredToken(
	source: StoredTokenSource,
	data: ICredentialDataDecryptedObject,
): Result<StoredToken, RequestFault> {
	const accessToken = tokenIn(data);
	if (accessToken === undefined && data.grantType !== 'clientCredentials') {
		return invalidRequest(
			`The ${source.label} credential is not connected`,
			'Open the credential, select Connect my account, and sign in.',
		);
	}
	if (accessToken !== undefined && !/^[\x21-\x7e]+$/.test(accessToken)) {
		return invalidRequest(
			`The access token in the ${source.label} credential has characters that a header cannot have`,
			'Open the credential and reconnect it.',
		);
	}
	const statuses = [data.tokenExpiredStatusCode ?? 401].flat().map(Number);
	return ok({
		accessToken,
		expiredStatusCodes: statuses,
		renew: async (refused, signal) => await source.inTurn(async () => await ended(renew(source, refused), signal)),
	});
}

function tokenIn({ oauthTokenData }: ICredentialDataDecryptedObject): string | undefined {
	const token = (oauthTokenData as { access_token?: unknown } | undefined)?.access_token;
	return typeof token === 'string' && token !== '' ? token : undefined;
}

async function renew(
	{ context, type, label, itemIndex }: StoredTokenSource,
	refused: string | undefined,
): Promise<Result<string, DeliveryFault>> {
	let secrets: string[] = [];
	try {
		const before = await context.getCredentials<ICredentialDataDecryptedObject>(type, itemIndex);
		secrets = secretsOf(before);
		// Another execution, or another item's renewal, came first.
		const stored = tokenIn(before);
		if (stored !== undefined && stored !== refused) return ok(stored);
		// n8n asks the context that it is given for the credential. Its own would have the first item's values, and where
		// there has been no token yet n8n 2.40 would throw.
		const asking = Object.create(context, {
			getCredentials: { value: async () => ({ ...before, oauthTokenData: before.oauthTokenData ?? {} }) },
		}) as IExecuteFunctions;
		const answer: unknown = await context.helpers.refreshOAuth2Token.call(asking, type);
		const after = await context.getCredentials<ICredentialDataDecryptedObject>(type, itemIndex);
		const kept = tokenIn(after);
		const token = kept === undefined || kept === refused ? tokenIn({ oauthTokenData: answer as never }) : kept;
		if (token !== undefined && token !== refused) return ok(token);
		return fail(notRenewed(label, 'there is no new token in the response', false));
	} catch (error) {
		return fail(asFault(label, error, secrets));
	}
}

/** Waits no longer than the execution, and the time that n8n has. */
async function ended(
	renewal: Promise<Result<string, DeliveryFault>>,
	signal: AbortSignal | undefined,
): Promise<Result<string, DeliveryFault>> {
	let stop: () => void = () => undefined;
	const other = new Promise<Result<string, DeliveryFault>>((resolve) => {
		const cancel = () =>
			resolve(
				fail({
					code: 'CANCELLED',
					retryable: false,
					message: 'The execution was cancelled while the access token was renewed',
					description: "n8n can't resume a cancelled execution. Run the workflow again to send the rest.",
				}),
			);
		const timer = setTimeout(
			() => resolve(fail(notRenewed('OAuth2', `no response within ${RENEWAL_TIMEOUT_MS / 1000} s`, true))),
			RENEWAL_TIMEOUT_MS,
		);
		if (signal?.aborted === true) cancel();
		signal?.addEventListener('abort', cancel, { once: true });
		stop = () => {
			clearTimeout(timer);
			signal?.removeEventListener('abort', cancel);
		};
	});
	try {
		return await Promise.race([renewal, other]);
	} finally {
		stop();
	}
}

/** What must be in no message, whatever n8n quotes of the token endpoint's response. */
function secretsOf({ clientSecret, oauthTokenData }: ICredentialDataDecryptedObject): string[] {
	const stored = Object.entries(oauthTokenData ?? {}).filter(([name]) => name.endsWith('_token'));
	return [clientSecret, ...stored.map(([, value]) => value as unknown)].filter(
		(secret): secret is string => typeof secret === 'string' && secret !== '',
	);
}

/**
 * n8n's refusals are for good; a token endpoint that is down, busy or out of reach is asked again.
 *
 * @source n8n 2.40, `@n8n/client-oauth2`: `AuthError` (EAUTH) and `ResponseError` (ESTATUS, `status`), axios for the rest
 */
function asFault(label: string, error: unknown, secrets: string[]): DeliveryFault {
	const {
		message = '',
		code,
		status,
		response,
	} = error as {
		message?: string;
		code?: unknown;
		status?: unknown;
		response?: { status?: unknown };
	};
	const answered = [status, response?.status].find((value) => typeof value === 'number');
	// Its client's own codes; up to n8n 2.20 it asserts that there is a refresh token.
	const isUnanswered = typeof code === 'string' && !['EAUTH', 'ESTATUS', 'ERR_ASSERTION'].includes(code);
	const retryable = answered === undefined ? isUnanswered : isRetryableStatus(answered);
	return notRenewed(label, cleanServerText(message, secrets), retryable);
}

function notRenewed(label: string, why: string, retryable: boolean): DeliveryFault {
	return {
		code: 'TOKEN',
		retryable,
		message: `n8n did not get an access token for the ${label} credential: ${why}`,
		description: retryable
			? 'The token endpoint may be available again later. Turn on Retry On Fail, or use Retry Schedule for longer outages.'
			: 'Open the credential, check its fields, and reconnect it.',
	};
}
