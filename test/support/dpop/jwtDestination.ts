import { createRemoteJWKSet, jwtVerify } from 'jose';

import { answer, type Receiver } from '../receiver';
import { ProofRefused, ProofVerifier } from './proofVerifier';

/** Whose tokens are taken. */
interface Trusted {
	/** Its keys are at `/jwks`. */
	issuer: string;
	audience: string;
	/** The nonce that proofs must hold; none by default. */
	nonce?: string;
}

/**
 * Makes a receiver take requests with a JWT access token and a proof by the key that the token names in `cnf.jkt`; others
 * gets 401, or 403 when the key is another one.
 */
export function verifyAt(receiver: Receiver, { issuer, audience, nonce }: Trusted): ProofVerifier {
	const verifier = new ProofVerifier();
	const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
	receiver.choose(() => ({
		name: 'verifying',
		act: (response, request) => {
			const judge = async () => {
				const { method, url, headers } = request;
				const accessToken = (headers.authorization ?? '').replace(/^DPoP /, '');
				const { payload } = await jwtVerify(accessToken, keys, { issuer, audience });
				const proof = headers.dpop as string | undefined;
				const wanted = nonce === undefined ? {} : { nonce };
				const { jkt } = await verifier.verify({ proof, method, url: receiver.url(url), accessToken, ...wanted });
				return jkt === (payload.cnf as { jkt?: string } | undefined)?.jkt;
			};
			const refusal = (cause: unknown) => {
				if (!(cause instanceof ProofRefused)) return answer(401, String(cause));
				const given = nonce === undefined ? {} : { 'dpop-nonce': nonce };
				return answer(401, '', { 'www-authenticate': `DPoP error="${cause.error}"`, ...given });
			};
			void judge().then(
				(isGood) => answer(isGood ? 200 : 403).act(response, request),
				(cause: unknown) => refusal(cause).act(response, request),
			);
		},
	}));
	return verifier;
}
