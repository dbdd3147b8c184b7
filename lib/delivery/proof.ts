import { headerField, mergedFields } from '../http/headers';
import type { HttpAnswer, HttpLimits, HttpRequest, Transport } from '../http/transport';
import type { DpopProver } from '../oauth2/dpop/dpopBinding';
import { dpopRefusal } from '../oauth2/dpop/proofRefusal';

/** A request that was sent with a proof, or without one. */
export interface Proved {
	readonly answer: HttpAnswer;
	readonly proof?: string;
	/** What the destination gave with its refusal: it wants the same request with a proof that holds this (RFC 9449 §9). */
	readonly nonce?: string;
}

/**
 * Sends one request with its own proof.
 *
 * @param prover undefined where no token is sent that needs a proof
 * @param nonce that the destination has just asked for
 */
export async function sendProved(
	transport: Transport,
	prover: DpopProver | undefined,
	request: HttpRequest,
	limits: HttpLimits,
	nonce?: string,
): Promise<Proved> {
	if (prover === undefined) return { answer: await transport.send(request, limits) };
	const proof = prover.proof(request.method, request.url, nonce);
	const fields = mergedFields(request, headerField('DPoP', proof));
	const answer = await transport.send({ ...request, ...fields }, limits);
	const given = prover.note(request.url, answer.headers ?? {});
	return given !== undefined && refusedProof(answer) === 'use_dpop_nonce'
		? { answer, proof, nonce: given }
		: { answer, proof };
}

/** What a destination refused a request's proof for; undefined when it took it, or says nothing about it. */
export function refusedProof({ statusCode = 0, headers = {} }: HttpAnswer) {
	return statusCode >= 400 ? dpopRefusal(headers)?.proofError : undefined;
}

/** Whether a destination gave the proof back, which is no one else's to see. */
export function isEchoed(proof: string, answer: HttpAnswer): boolean {
	if (answer.ok && answer.body.includes(proof)) return true;
	return Object.values(answer.headers ?? {}).some((value) => String(value).includes(proof));
}
