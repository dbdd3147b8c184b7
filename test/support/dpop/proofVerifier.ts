import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify, type JWTPayload } from 'jose';

/** Why a proof is refused, as RFC 9449 has a server say it. */
export class ProofRefused extends Error {
	constructor(
		readonly error: 'invalid_dpop_proof' | 'use_dpop_nonce',
		message: string,
	) {
		super(message);
	}
}

/** A request as a server sees it. */
export interface ProvedRequest {
	/** The `DPoP` header. */
	proof: string | undefined;
	method: string;
	/** Scheme, host, path and query. */
	url: string;
	/** At a destination. */
	accessToken?: string;
	/** The one that the server wants. */
	nonce?: string;
}

export interface AcceptedProof {
	/** Thumbprint of the key. */
	jkt: string;
	payload: JWTPayload & { htm?: unknown; htu?: unknown; ath?: unknown; nonce?: unknown };
	proof: string;
}

/** Seconds that a proof may be old, or from the future. */
const WINDOW = 30;

const isPrivate = (jwk: object) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].some((name) => name in jwk);

/** Checks proofs by the twelve points of RFC 9449 §4.3, over jose; each `jti` is good once. */
export class ProofVerifier {
	readonly accepted: AcceptedProof[] = [];

	private readonly seen = new Set<string>();

	/** @param now epoch milliseconds of the server's clock */
	constructor(private readonly now: () => number = Date.now) {}

	/** @throws ProofRefused */
	async verify({ proof, method, url, accessToken, nonce }: ProvedRequest): Promise<AcceptedProof> {
		const refuse = (message: string) => new ProofRefused('invalid_dpop_proof', message);
		if (proof === undefined) throw refuse('there is no proof');
		if (proof.includes(',')) throw refuse('there is more than one DPoP header');
		const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
			typ: 'dpop+jwt',
			algorithms: ['ES256'],
			clockTolerance: 1e9,
		}).catch((cause: unknown) => {
			throw refuse(String(cause));
		});
		const { jwk = {} } = protectedHeader;
		if (isPrivate(jwk)) throw refuse('jwk has a private key');
		const { jti, iat, htm, htu, ath } = payload;
		if (typeof jti !== 'string' || jti.length < 16) throw refuse('jti is missing or short');
		if (this.seen.has(jti)) throw refuse('jti was seen before');
		if (typeof iat !== 'number' || Math.abs(this.now() / 1000 - iat) > WINDOW) throw refuse('iat is not about now');
		if (htm !== method) throw refuse('htm is another method');
		const { origin, pathname } = new URL(url);
		if (htu !== `${origin}${pathname}`) throw refuse('htu is another URL');
		const expected = accessToken && createHash('sha256').update(accessToken).digest('base64url');
		if (ath !== expected) throw refuse('ath is not of this token');
		if (payload.nonce !== nonce && nonce !== undefined) throw new ProofRefused('use_dpop_nonce', 'a nonce is needed');
		this.seen.add(jti);
		const accepted = { jkt: await calculateJwkThumbprint(jwk), payload, proof };
		this.accepted.push(accepted);
		return accepted;
	}
}
