import type { DeliveryRequest } from '../request/deliveryRequest';
import { fail, ok, type Result } from '../result/result';
import type { DeliveryFault } from './delivery';
import type { Authorization, Authorized } from './authorization';
import { UnreadableContent } from '../http/content';
import { withCredentialQuery, withoutCredentialQuery } from '../http/credentialQuery';
import { expiredBy } from './expiredToken';
import { mergedFields, type HeaderFields, type Headers } from '../http/headers';
import {
	contentFault,
	downgradeFault,
	guardFault,
	interrupted,
	judge,
	redirectFault,
	signedElsewhereFault,
	type Judgement,
	type JudgeSettings,
} from './judge';
import { isDowngrade, redirected, type RedirectMethod } from '../http/redirect';
import { isSuccess } from './outcome';
import { isEchoed, refusedProof, sendProved } from './proof';
import type { Signer } from '../signature/scheme';
import type { HttpAnswer, HttpRequest, Transport } from '../http/transport';
import type { UrlGuard } from '../http/urlGuard';

/** How an attempt is made. */
export interface AttemptSettings extends JudgeSettings {
	/** Milliseconds from start to last byte, redirects included. */
	timeout: number;
	maxResponseSize: number;
	followRedirects: boolean;
	redirectMethod: RedirectMethod;
}

/** What an attempt needs; shared by deliveries under the same identity. */
export interface AttemptTools {
	transport: Transport;
	guard: UrlGuard;
	authorization: Authorization;
	/** Signs each request as it goes out; absent without signing. */
	signer?: Signer;
	/** Fields with which the destination knows the trace of the attempt. */
	trace?: Headers;
	/** Waits until the rate limit allows one more request to an origin. */
	pace: (origin: string) => Promise<void>;
	signal?: AbortSignal;
}

/** How an attempt ended. */
export interface AttemptResult {
	readonly judgement: Judgement;
	/** How many were sent to the destination. */
	readonly requests: number;
	readonly durationMs: number;
}

const MAX_REDIRECTS = 10;

/** What is known of an attempt while it is made, so that nothing of it is lost when a part of it throws. */
interface Progress {
	requests: number;
	/** The destination responded with success. */
	acknowledged?: { statusCode: number; url: URL };
}

/**
 * Makes one attempt at a delivery: authorizes, signs, sends, follows redirects when asked to, and judges
 * the response. An expired token is replaced once, and the request sent once more; so it is when the destination wants a
 * nonce in its proof, which does not count as another request. Never rejects: whatever
 * part of it throws, the attempt ends in a judgement of this delivery.
 */
export async function attempt(
	id: string,
	request: DeliveryRequest,
	settings: AttemptSettings,
	tools: AttemptTools,
): Promise<AttemptResult> {
	const startedAt = elapsed();
	const progress: Progress = { requests: 0 };
	const ended = (judgement: Judgement): AttemptResult => ({
		judgement,
		requests: progress.requests,
		durationMs: Math.round(elapsed() - startedAt),
	});
	try {
		const allowed = await tools.guard(request.url);
		if (!allowed.ok) return ended(fail(guardFault(allowed.fault, request.url)));
		for (let renewed = false; ; renewed = true) {
			const authorized = await tools.authorization.authorize(tools.signal);
			if (!authorized.ok) return ended(authorized);
			await tools.pace(request.url.origin);
			const end = await follow(id, request, authorized.value, settings, tools, progress);
			if (!end.ok) return ended(end);
			const { answer, url, withCredential, proof } = end.value;
			const { statusCode } = answer;
			const expiry = withCredential ? expiredBy(answer, authorized.value.expiredWhen) : undefined;
			if (statusCode !== undefined && isSuccess(statusCode, settings.successStatus) && expiry === undefined) {
				progress.acknowledged = { statusCode, url };
			}
			const expired =
				statusCode !== undefined &&
				withCredential &&
				// Another token would have the same proof.
				(proof === undefined || refusedProof(answer) === undefined) &&
				tools.authorization.isExpired(statusCode, authorized.value, expiry !== undefined);
			if (expired && !renewed) continue;
			const { secrets } = authorized.value;
			const isShown = proof !== undefined && isEchoed(proof, answer);
			const used = isShown ? { ...authorized.value, secrets: [...secrets, proof] } : authorized.value;
			return ended(judge(answer, url, settings, used, expiry));
		}
	} catch (error) {
		// While it was signed.
		if (error instanceof UnreadableContent) return ended(fail(contentFault(error.fault)));
		return ended(interrupted(error, request.url, progress.acknowledged));
	}
}

/** Milliseconds of a clock that only goes forward; 0 when it does not even give the time. */
function elapsed(): number {
	try {
		return performance.now();
	} catch {
		return 0;
	}
}

/** The fields of a request that was authorized: most requests of a run share both, and so the result. */
function authorizedFields(request: HeaderFields, authorized: HeaderFields): HeaderFields {
	const known = authorizedBefore.get(request.headers);
	if (known !== undefined && known.authorized === authorized.headers && known.names === request.headerNames)
		return known.fields;
	const fields = mergedFields(request, authorized);
	authorizedBefore.set(request.headers, { authorized: authorized.headers, names: request.headerNames, fields });
	return fields;
}

const authorizedBefore = new WeakMap<
	Headers,
	{ authorized: Headers; names: Headers | undefined; fields: HeaderFields }
>();

/** The response at the end of the redirects, and who gave it. */
interface FinalAnswer {
	answer: HttpAnswer;
	url: URL;
	/** Every hop stayed within the origin, so that the last request still had the credential. */
	withCredential: boolean;
	/** The proof that was sent with the last request. */
	proof?: string;
}

/** Sends a request and, when asked to, goes where redirects point: one deadline over all of it. */
async function follow(
	id: string,
	request: DeliveryRequest,
	authorized: Authorized,
	settings: AttemptSettings,
	tools: AttemptTools,
	progress: Progress,
): Promise<Result<FinalAnswer, DeliveryFault>> {
	const own = authorizedFields(request, authorized);
	const fields = tools.trace === undefined ? own : mergedFields(own, { headers: tools.trace });
	const { query } = authorized;
	const first = await signed(id, tools.signer, {
		...request,
		...(query !== undefined && { url: withCredentialQuery(request.url, query) }),
		...fields,
	});
	if (!first.ok) return first;
	let next = first.value;
	let withCredential = true;
	// A file that is signed is read before: only then the time begins that the destination has.
	const { timeout, maxResponseSize } = settings;
	const limits = { deadline: performance.now() + timeout, timeout, maxResponseSize };
	progress.requests++;
	for (let hops = 0; ; hops++) {
		const prover = withCredential ? authorized.prover : undefined;
		const sent = await sendProved(tools.transport, prover, next, limits);
		let { answer, proof } = sent;
		if (sent.nonce !== undefined) {
			const before = performance.now();
			await tools.pace(next.url.origin);
			limits.deadline += performance.now() - before;
			const again = await signedAgain(id, tools.signer, next, next);
			if (!again.ok) return again;
			next = again.value;
			({ answer, proof } = await sendProved(tools.transport, prover, next, limits, sent.nonce));
		}
		if (!answer.ok && answer.unreadable !== undefined) return fail(contentFault(answer.unreadable));
		const target =
			settings.followRedirects && answer.statusCode !== undefined
				? redirected(next, answer.statusCode, answer.headers?.location, settings.redirectMethod)
				: undefined;
		if (target === undefined)
			return ok({ answer, url: next.url, withCredential, ...(proof !== undefined && { proof }) });
		if (hops === MAX_REDIRECTS) return fail(redirectFault(next.url, `more than ${MAX_REDIRECTS} times`));
		if (isDowngrade(next.url, target.url)) return fail(downgradeFault(next.url, answer.statusCode));
		const allowed = await tools.guard(target.url);
		if (!allowed.ok) return fail(guardFault(allowed.fault, target.url));
		withCredential &&= target.url.origin === next.url.origin;
		if (!withCredential && tools.signer?.signsForOtherOrigins === false) {
			return fail(signedElsewhereFault(next.url, answer.statusCode));
		}
		const unsigned =
			withCredential || query === undefined ? target : { ...target, url: withoutCredentialQuery(target.url, query) };
		const again = await signedAgain(id, tools.signer, next, unsigned);
		if (!again.ok) return again;
		next = again.value;
	}
}

/** A request that goes out, and the fields that sign it. */
interface Signed extends HttpRequest {
	signature?: Headers;
}

/** Signs a request with a time of now. */
async function signed(
	id: string,
	signer: Signer | undefined,
	request: HttpRequest,
): Promise<Result<Signed, DeliveryFault>> {
	if (signer === undefined) return ok(request);
	const { method, url, headers, body = '' } = request;
	const timestampSeconds = Math.floor(Date.now() / 1000);
	const made = await signer.sign({ id, timestampSeconds, method, url, headers, body });
	if (!made.ok) return fail({ code: 'INVALID_REQUEST', retryable: false, ...made.fault });
	const { url: address = url, headers: signature } = made.value;
	return ok({ ...request, url: address, ...mergedFields(request, made.value), signature });
}

/**
 * Signs what a redirect asks for: another address, maybe another method. A body that is gone is signed no more; of the fields
 * that signed it the delivery's ID stays.
 */
async function signedAgain(
	id: string,
	signer: Signer | undefined,
	before: Signed,
	target: HttpRequest,
): Promise<Result<Signed, DeliveryFault>> {
	const { signature = {} } = before;
	const losesBody = before.body !== undefined && target.body === undefined;
	const isOfBefore = (name: string) => Object.hasOwn(signature, name) && !(losesBody && signature[name] === id);
	const headers = Object.fromEntries(Object.entries(target.headers).filter(([name]) => !isOfBefore(name)));
	const unsigned = { ...target, headers };
	return losesBody ? ok(unsigned) : await signed(id, signer, unsigned);
}
