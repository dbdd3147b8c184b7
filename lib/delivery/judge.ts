import type { DeliveryCode } from '../result/codes';
import { fail, ok, type Result } from '../result/result';
import type { ContentFault } from '../http/content';
import { cleanServerText } from '../text/redaction';
import type { Authorized } from './authorization';
import { dpopRefusal, proofAdvice, type ProofError } from '../oauth2/dpop/proofRefusal';
import type { RequestFault } from '../result/requestFault';
import type { DeliveryFault } from './delivery';
import { networkFailure, statusFailure } from './failureText';
import { expiredFault, type Expiry } from './expiredToken';
import { inWords, rejectedBy, type RejectionRule } from './failsWhen';
import { networkFault, type NetworkFault } from '../http/networkFault';
import { codeOfStatus, isRetryable, isSuccess, type SuccessStatus } from './outcome';
import { parseUrl } from '../text/parseUrl';
import { responseBody, responseHeaders } from './responseBody';
import { namedRetryAt, retryAt } from '../http/retryAfter';
import { valueAt } from '../text/responsePath';
import { nestedWords, serverWords } from '../text/serverWords';
import type { HttpAnswer, HttpHeaders } from '../http/transport';

/** What became of a response that could not be read, although its status says that the delivery was taken. */
export interface ResponseFault {
	readonly code: DeliveryCode;
	readonly message: string;
}

/** The destination's success, with its response or what became of it. */
export interface Acknowledgement {
	readonly statusCode: number;
	readonly headers: HttpHeaders;
	readonly response: unknown;
	readonly responseFault?: ResponseFault;
}

/** How an attempt ended: the destination has the delivery, or why not. */
export type Judgement = Result<Acknowledgement, DeliveryFault>;

/** What decides whether a response is a success, and whether a status that is none is retried. */
export interface JudgeSettings {
	successStatus: SuccessStatus;
	/** Statuses that are retried beside the standing list (option *Retry Statuses*). */
	retryStatuses: readonly number[];
	/** What in a successful response means no (option *Fails When*). */
	failsWhen: readonly RejectionRule[];
}

const MAX_WORDS = 240;

/**
 * Judges what came back. The status counts first: a 404 whose body never ends is a 404, and a destination that responded
 * with success has taken the delivery, whatever became of the rest of its response.
 *
 * @param url who responded
 * @param authorized what the request was authorized with: its secrets appear in no response or message
 * @param expiry what in the body says that the access token has expired
 */
export function judge(
	answer: HttpAnswer,
	url: URL,
	settings: JudgeSettings,
	authorized: Pick<Authorized, 'secrets' | 'expiredStatusCodes' | 'prover'>,
	expiry?: Expiry,
): Judgement {
	const { statusCode } = answer;
	const { secrets } = authorized;
	if (statusCode !== undefined && !isSuccess(statusCode, settings.successStatus) && !isCancelled(answer)) {
		return fail(statusFault(answer, statusCode, url, settings, authorized));
	}
	if (answer.ok) {
		const { headers } = answer;
		const response = responseBody(answer.body, headers, secrets);
		if (expiry !== undefined) {
			const said = cleanServerText(serverWords(response), secrets, MAX_WORDS);
			const fault = expiredFault(answer.statusCode, url, expiry, said, secrets);
			return fail(response === '' ? fault : { ...fault, response });
		}
		const rejection = settings.failsWhen.length === 0 ? undefined : rejectedBy(response, settings.failsWhen);
		if (rejection !== undefined) return fail(rejectionFault(answer.statusCode, response, url, rejection, secrets));
		return ok({ statusCode: answer.statusCode, headers: responseHeaders(headers, secrets), response });
	}
	const { code, cause } = answer;
	if (statusCode !== undefined && isSuccess(statusCode, settings.successStatus)) {
		return unread({ statusCode, url }, { code, cause }, responseHeaders(answer.headers ?? {}, secrets));
	}
	return fail(networkFaultOf({ code, cause }, url));
}

/** The destination responded with success and meant no: the delivery was not accepted. */
function rejectionFault(
	statusCode: number,
	response: unknown,
	url: URL,
	rule: RejectionRule,
	secrets: string[],
): DeliveryFault {
	const words = cleanServerText(rejectionWords(response, rule), secrets, MAX_WORDS);
	return {
		code: 'REJECTED',
		statusCode,
		retryable: rule.tryAgain,
		message: `${url.host} responded with ${statusCode} and rejected the delivery (${inWords(rule)})${words === '' ? '' : `: ${words}`}`,
		description: 'Check the response. Fails When in the options sets what counts as a rejection.',
		...(response === '' ? {} : { response }),
	};
}

/** What a rule points at is the reason, where it has words; the whole response may say more. */
function rejectionWords(response: unknown, { path }: RejectionRule): string {
	const whole = serverWords(response);
	const pointed = path === '' ? undefined : nestedWords(valueAt(response, path));
	return pointed === undefined || whole.includes(pointed) ? whole : pointed;
}

/** Delivered, as the destination responded with success, but without its response. */
function unread(
	{ statusCode, url }: { statusCode: number; url: URL },
	{ code, cause }: NetworkFault,
	headers: HttpHeaders = {},
): Judgement {
	const message = `${url.host} responded with ${statusCode}, but its response could not be read: ${cause}`;
	return ok({ statusCode, headers, response: '', responseFault: { code, message } });
}

const isCancelled = (answer: HttpAnswer) => !answer.ok && answer.code === 'CANCELLED';

function statusFault(
	answer: HttpAnswer,
	statusCode: number,
	url: URL,
	{ retryStatuses }: JudgeSettings,
	{ secrets, expiredStatusCodes, prover }: Pick<Authorized, 'secrets' | 'expiredStatusCodes' | 'prover'>,
): DeliveryFault {
	const headers = answer.headers ?? {};
	const response = answer.ok ? responseBody(answer.body, headers, secrets) : undefined;
	const dpop = expiredStatusCodes === undefined ? undefined : dpopRefusal(headers);
	const said = [response === undefined ? '' : serverWords(response), dpop?.words ?? ''].filter((text) => text !== '');
	const words = cleanServerText(said.join('; '), secrets, MAX_WORDS);
	const advice = dpop?.proofError && `${aboutProof(dpop.proofError, headers, prover !== undefined)}.`;
	const code = codeOfStatus(statusCode);
	const isChosen = retryStatuses.includes(statusCode);
	const retryable = isChosen || isRetryable(code, statusCode);
	const wanted = isChosen
		? namedRetryAt(headers, Date.now(), response)
		: retryAt(statusCode, headers, Date.now(), response);
	return {
		code,
		statusCode,
		retryable,
		...statusFailure(url.host, statusCode, words, redirectTarget(headers, url, secrets), {
			retryable,
			expiredStatusCodes,
			...(advice !== undefined && { advice }),
		}),
		...(wanted === undefined ? {} : { retryAfter: wanted }),
		...(response === undefined || response === '' ? {} : { response }),
	};
}

/** For a proof that was refused, and for one that was missing. */
function aboutProof(error: ProofError, headers: HttpHeaders, isProved: boolean): string {
	return isProved
		? proofAdvice(error, headers, Date.now())
		: 'The destination requires DPoP: set Token Binding to DPoP in the credential';
}

/** Origin and path: the query of a redirect may hold secrets. */
function redirectTarget(headers: HttpHeaders, base: URL, secrets: string[]): string | undefined {
	const location = String(headers.location ?? '');
	const target = location === '' ? undefined : parseUrl(location, base);
	return target && cleanServerText(`${target.origin}${target.pathname}`, secrets, MAX_WORDS);
}

/** A fault below HTTP as the fault of a delivery. */
function networkFaultOf({ code, cause }: NetworkFault, url: URL): DeliveryFault {
	return { code, retryable: isRetryable(code), ...networkFailure(url.host, code, cause) };
}

/**
 * What becomes of an attempt a part of which threw. What the error says is not passed on: it may hold secrets.
 *
 * @param acknowledged the destination's success, when it had responded by then: the delivery is made
 */
export function interrupted(
	error: unknown,
	url: URL,
	acknowledged: { statusCode: number; url: URL } | undefined,
): Judgement {
	const { code, cause } = networkFault(error);
	const isNamed = typeof error === 'object' && error !== null && 'code' in error;
	const words = isNamed ? cause : `it was interrupted (${error instanceof Error ? error.name : typeof error})`;
	const fault: NetworkFault = { code, cause: words };
	return acknowledged === undefined ? fail(networkFaultOf(fault, url)) : unread(acknowledged, fault);
}

/** A body that could not be read to its end, as the fault of a delivery: nothing of it is the destination's. */
export function contentFault(fault: ContentFault): DeliveryFault {
	return { code: 'INVALID_REQUEST', ...fault };
}

/** A URL that may not be connected to, as the fault of a delivery. */
export function guardFault(fault: RequestFault | NetworkFault, url: URL): DeliveryFault {
	return 'cause' in fault ? networkFaultOf(fault, url) : { ...fault, retryable: false };
}

/** A redirect from https to http, as the fault of a delivery: what was encrypted must not be sent on unencrypted. */
export function downgradeFault(url: URL, statusCode: number | undefined): DeliveryFault {
	return {
		code: 'REDIRECT',
		...(statusCode === undefined ? {} : { statusCode }),
		retryable: false,
		message: `${url.host} redirects from https to http`,
		description:
			'The request would be sent unencrypted, so it was not sent there. Put the final https address into Destination URL, or ask the owner of the destination to redirect to https.',
	};
}

/** Redirects that lead nowhere, as the fault of a delivery. */
export function redirectFault(url: URL, why: string): DeliveryFault {
	return {
		code: 'REDIRECT',
		retryable: false,
		message: `${url.host} redirected ${why}`,
		description: 'Put the final address into Destination URL.',
	};
}

/** A redirect to another origin than the signature is for. */
export function signedElsewhereFault(url: URL, statusCode: number | undefined): DeliveryFault {
	return {
		code: 'REDIRECT',
		...(statusCode === undefined ? {} : { statusCode }),
		retryable: false,
		message: `${url.host} redirects to another origin, and the signature is for this one`,
		description:
			'The request would arrive there unsigned, so it was not sent. Put the final address into Destination URL.',
	};
}
