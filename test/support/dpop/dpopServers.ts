import type { ServerResponse } from 'node:http';

import { answer, Receiver, type Behaviour, type ReceivedRequest } from '../receiver';
import { ProofRefused, ProofVerifier, type AcceptedProof } from './proofVerifier';

/** What a server wants of its requests. */
export interface Wishes {
	/** The nonce that a proof must hold by now; undefined for none. Called once for each request that is judged. */
	nonce?: () => string;
	/** The nonce that goes with a success, for the next request; the one above unless given. */
	next?: () => string;
	/** Milliseconds that its clock is ahead of this process'. */
	clockAhead?: number;
}

/**
 * A token endpoint that binds tokens by DPoP, and destinations that take them with a good proof only. Every proof is
 * verified; nothing of it is this package's own.
 */
export class DpopServers {
	readonly endpoint: Receiver;

	readonly destination: Receiver;

	readonly atEndpoint: ProofVerifier;

	readonly atDestination: ProofVerifier;

	wishes: { endpoint: Wishes; destination: Wishes } = { endpoint: {}, destination: {} };

	/** What the token endpoint calls its tokens. */
	tokenType: unknown = 'DPoP';

	/** Added to its responses. */
	more: Record<string, unknown> = {};

	/** Why requests were refused, in order. */
	refusals: string[] = [];

	/** By token, the thumbprint of its key. */
	private readonly bound = new Map<string, string>();

	private given = 0;

	private constructor(endpoint: Receiver, destination: Receiver) {
		this.endpoint = endpoint;
		this.destination = destination;
		this.atEndpoint = new ProofVerifier(() => Date.now() + (this.wishes.endpoint.clockAhead ?? 0));
		this.atDestination = new ProofVerifier(() => Date.now() + (this.wishes.destination.clockAhead ?? 0));
		endpoint.choose(() => this.tokens());
		destination.choose(() => this.protected(destination));
	}

	static async start(): Promise<DpopServers> {
		return new DpopServers(await Receiver.start(), await Receiver.start());
	}

	async close(): Promise<void> {
		await Promise.all([this.endpoint.close(), this.destination.close()]);
	}

	get tokenUrl(): string {
		return this.endpoint.url('/token');
	}

	/** No token that was given so far is taken any more. */
	revoke(): void {
		this.bound.clear();
	}

	/** The tokens that were given and not revoked. */
	get tokenCount(): number {
		return this.bound.size;
	}

	/** The token endpoint's response, and the `DPoP-Nonce` it goes with. */
	private tokens(): Behaviour {
		return this.judging(this.endpoint, this.atEndpoint, 'endpoint', ({ jkt }, _request, headers) => {
			this.given += 1;
			const token = `dpop-token-${this.given}-of-this-endpoint`;
			this.bound.set(token, jkt);
			return answer(200, { access_token: token, token_type: this.tokenType, expires_in: 3600, ...this.more }, headers);
		});
	}

	/** Responds to a request with a good token and proof as `then` does; `origin` is where it listens. */
	protected(receiver: Receiver, then: Behaviour = answer()): Behaviour {
		return this.judging(receiver, this.atDestination, 'destination', ({ jkt }, request, headers) => {
			const owner = this.bound.get(tokenOf(request) ?? '');
			if (owner === jkt)
				return { name: then.name, act: (response, seen) => then.act(withHeaders(response, headers), seen) };
			this.refusals.push('invalid_token');
			return answer(401, '', { ...headers, 'www-authenticate': 'DPoP error="invalid_token", algs="ES256"' });
		});
	}

	private judging(
		receiver: Receiver,
		verifier: ProofVerifier,
		where: 'endpoint' | 'destination',
		taken: (proof: AcceptedProof, request: ReceivedRequest, headers: Record<string, string>) => Behaviour,
	): Behaviour {
		const judge = async (request: ReceivedRequest): Promise<Behaviour> => {
			const nonce = this.wishes[where].nonce?.();
			const headers = {
				...(nonce !== undefined && { 'dpop-nonce': nonce }),
				date: new Date(Date.now() + (this.wishes[where].clockAhead ?? 0)).toUTCString(),
			};
			const { method, url } = request;
			const proof = header(request, 'dpop');
			const accessToken = where === 'destination' ? (tokenOf(request) ?? '') : undefined;
			try {
				const seen = { proof, method, url: receiver.url(url), ...(accessToken !== undefined && { accessToken }) };
				const accepted = await verifier.verify({ ...seen, ...(nonce !== undefined && { nonce }) });
				const next = this.wishes[where].next?.();
				return taken(accepted, request, { ...headers, ...(next !== undefined && { 'dpop-nonce': next }) });
			} catch (cause) {
				if (!(cause instanceof ProofRefused)) throw cause;
				this.refusals.push(`${cause.error}: ${cause.message}`);
				return where === 'endpoint'
					? answer(400, { error: cause.error, error_description: cause.message }, headers)
					: answer(401, '', {
							...headers,
							'www-authenticate': `Bearer realm="a, b", DPoP error="${cause.error}", error_description="${cause.message}", algs="ES256"`,
						});
			}
		};
		return {
			name: 'DPoP',
			act: (response, request) => void judge(request).then(({ act }) => act(response, request)),
		};
	}
}

const header = ({ headers }: ReceivedRequest, name: string): string | undefined => {
	const value = headers[name];
	return Array.isArray(value) ? value.join(', ') : value;
};

/** Only as RFC 9449 §7.1 has it. */
const tokenOf = (request: ReceivedRequest): string | undefined =>
	/^DPoP (\S+)$/.exec(header(request, 'authorization') ?? '')?.[1];

function withHeaders(response: ServerResponse, headers: Record<string, string>): ServerResponse {
	for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
	return response;
}
