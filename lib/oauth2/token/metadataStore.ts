import { CANCELLED } from '../../http/networkFault';
import { fail, ok, type Result } from '../../result/result';
import type { OAuth2Credential } from '../credential/oAuth2Credential';
import type { Endpoints } from '../metadata/tokenEndpoint';
import { credentialKey } from './credentialKey';
import type { ServerAccess } from './exchange';
import { fetchMetadata, type MetadataResult } from './fetchMetadata';
import { SharedRequest } from './sharedRequest';
import type { TokenFault } from './token';
import { transportFault } from './tokenFault';

const HOUR_MS = 3_600_000;

/** More issuers than one instance uses at a time. */
const DEFAULT_SIZE = 100;

/**
 * Whose metadata is kept together. What TLS vouches for is the same for every credential; without it, or with authorities
 * that only this credential trusts, it may come from whoever is on the way of this credential's requests.
 */
const keyOf = (credential: OAuth2Credential): string =>
	credential.issuerUrl.startsWith('https:') && !credential.tls?.ca ? credential.issuerUrl : credentialKey(credential);

/** The endpoints of issuers, for an hour. Those who need the same at a time share a request; faults are not kept. */
export class MetadataStore {
	readonly #known = new Map<string, { readonly endpoints: Endpoints; readonly until: number }>();

	readonly #requests = new Map<string, SharedRequest<MetadataResult>>();

	/** @param now epoch milliseconds */
	constructor(private readonly now: () => number = Date.now) {}

	/**
	 * The endpoints of the credential's issuer. A request that another has begun is waited for; when it fails, this caller asks
	 * for itself, since the other may have had another way there (a proxy, allowed domains). Never rejects.
	 */
	async get(credential: OAuth2Credential, access: ServerAccess): Promise<Result<Endpoints, TokenFault>> {
		const key = keyOf(credential);
		const known = this.#known.get(key);
		if (known && this.now() < known.until) return ok(known.endpoints);
		const { signal } = access;
		const cancelled = fail(transportFault(credential.issuerUrl, CANCELLED));
		if (signal?.aborted) return cancelled;
		const others = this.#requests.get(key);
		if (others && !others.abandoned) {
			const shared = await others.wait(signal);
			if (shared === undefined) return cancelled;
			if (shared.ok) return shared;
		}
		const request = new SharedRequest(async (own) => {
			const result = await fetchMetadata(credential, { ...access, signal: own });
			if (result.ok) this.#keep(key, result.value);
			return result;
		});
		this.#requests.set(key, request);
		void request.result.then(() => {
			if (this.#requests.get(key) === request) this.#requests.delete(key);
		});
		return (await request.wait(signal)) ?? cancelled;
	}

	/** The endpoint is not what it was: the next one who needs it asks again. */
	forget(credential: OAuth2Credential): void {
		this.#known.delete(keyOf(credential));
	}

	/** Forgets everything. */
	clear(): void {
		this.#known.clear();
	}

	#keep(key: string, { issuer, tokenEndpoint, mtlsTokenEndpoint }: Endpoints): void {
		this.#known.delete(key);
		this.#known.set(key, { endpoints: { issuer, tokenEndpoint, mtlsTokenEndpoint }, until: this.now() + HOUR_MS });
		const [oldest] = this.#known.keys();
		if (this.#known.size > DEFAULT_SIZE && oldest !== undefined) this.#known.delete(oldest);
	}
}

/** The store of this process. */
export const metadataStore = new MetadataStore();
