import { CANCELLED } from '../../http/networkFault';
import { fail, ok } from '../../result/result';
import { credentialKey } from './credentialKey';
import type { OAuth2Credential } from '../credential/oAuth2Credential';
import { DpopBinding } from '../dpop/dpopBinding';
import { obtainToken, type TokenRequestTools } from './requestToken';
import type { FurtherFields } from './furtherFields';
import { SharedRequest } from './sharedRequest';
import type { AccessToken, TokenResult } from './token';
import { transportFault } from './tokenFault';
import type { TokenTransport } from './tokenTransport';
import { endpointLabel } from '../credential/tokenUrl';

/** A token is renewed this long before it expires, or a quarter of its life before when that is shorter. */
const RENEW_EARLY_MS = 60_000;
const RENEW_EARLY_PART = 4;

/** After an early renewal that did not work out, the token that is still good is used for this long. */
const EARLY_RENEWAL_PAUSE_MS = 5_000;

/** More credentials than one instance uses at a time. */
const DEFAULT_SIZE = 500;

/** What is known for one credential. */
interface Entry {
	token?: AccessToken;
	/** Outlives the access token; of the password grant alone. */
	refreshToken?: string;
	/** For a credential with DPoP: what its tokens are bound to, as long as this entry is kept. */
	binding?: DpopBinding;
	/** Further fields of the responses so far. */
	fields?: FurtherFields;
	/** Epoch milliseconds; from then on the token is renewed before use. */
	renewAt: number;
	/** The one request in progress. */
	request?: SharedRequest<TokenResult>;
}

export interface TokenStoreOptions {
	/** Epoch milliseconds; the system's clock when left out. */
	readonly now?: () => number;
	/** How many credentials are kept; the one used longest ago goes first. */
	readonly size?: number;
	/** Signs client assertions; `createClientAssertion` when left out. */
	readonly signAssertion?: TokenRequestTools['signAssertion'];
}

/**
 * One token for each credential's content. Deliveries at the same time share one token request, with
 * its fault if it has one; faults are not kept. Refresh tokens are rotated (RFC 9700 section 4.14.2).
 */
export class TokenStore {
	readonly #entries = new Map<string, Entry>();

	readonly #now: () => number;

	readonly #size: number;

	readonly #signAssertion: TokenRequestTools['signAssertion'];

	constructor({ now = Date.now, size = DEFAULT_SIZE, signAssertion }: TokenStoreOptions = {}) {
		this.#now = now;
		this.#size = size;
		this.#signAssertion = signAssertion;
	}

	/** How many credentials are kept at present. */
	get size(): number {
		return this.#entries.size;
	}

	/**
	 * A token that can be used now: the stored one, or one asked for with this transport. A request that
	 * others have begun is waited for, and goes on when this caller's signal aborts while others wait.
	 *
	 * @param signal ends this caller's wait with a fault of code CANCELLED
	 * @returns never rejects
	 */
	async get(credential: OAuth2Credential, transport: TokenTransport, signal?: AbortSignal): Promise<TokenResult> {
		const entry = this.#entryOf(credential);
		if (entry.token && this.#now() < entry.renewAt) return ok(entry.token);
		const result = await this.#join(entry, credential, entry.refreshToken, transport, signal);
		return result.ok ? result : this.#stillGood(entry, result);
	}

	/**
	 * Fetches a token by the credential's own grant, whatever is stored, and stores it. Joins a request
	 * that is in progress.
	 */
	async fetch(credential: OAuth2Credential, transport: TokenTransport, signal?: AbortSignal): Promise<TokenResult> {
		return await this.#join(this.#entryOf(credential), credential, undefined, transport, signal);
	}

	/**
	 * Drops a token that a destination refused, if it is still the stored one: of many deliveries that
	 * were refused with it, the first drops it and the others find its successor. The refresh token stays.
	 */
	discard(credential: OAuth2Credential, accessToken: string): void {
		const entry = this.#entries.get(credentialKey(credential));
		if (entry?.token?.accessToken === accessToken) entry.token = undefined;
	}

	/** Forgets everything; requests in progress go on for those who wait for them. */
	clear(): void {
		this.#entries.clear();
	}

	#entryOf(credential: OAuth2Credential): Entry {
		const key = credentialKey(credential);
		const entry = this.#entries.get(key) ?? { renewAt: 0 };
		// A Map keeps the order of insertion: the one used last comes last.
		this.#entries.delete(key);
		this.#entries.set(key, entry);
		this.#shrink();
		return entry;
	}

	/** A credential with a request in progress stays: without it, a second request would be made. */
	#shrink(): void {
		for (const [key, entry] of this.#entries) {
			if (this.#entries.size <= this.#size) return;
			if (!entry.request) this.#entries.delete(key);
		}
	}

	async #join(
		entry: Entry,
		credential: OAuth2Credential,
		refreshToken: string | undefined,
		transport: TokenTransport,
		signal: AbortSignal | undefined,
	): Promise<TokenResult> {
		const endpoint = endpointLabel(credential.accessTokenUrl);
		const cancelled = fail(transportFault(endpoint, CANCELLED));
		if (signal?.aborted) return cancelled;
		if (!entry.request || entry.request.abandoned) {
			const request = new SharedRequest((own) => this.#renew(entry, credential, refreshToken, transport, own));
			entry.request = request;
			void request.result.then(() => {
				if (entry.request === request) entry.request = undefined;
			});
		}
		return (await entry.request.wait(signal)) ?? cancelled;
	}

	/** Asks for a token and keeps what comes, unless everyone has left and another may have been asked for. */
	async #renew(
		entry: Entry,
		credential: OAuth2Credential,
		refreshToken: string | undefined,
		transport: TokenTransport,
		signal: AbortSignal,
	): Promise<TokenResult> {
		if (credential.tokenBinding === 'dpop') entry.binding ??= new DpopBinding();
		const tools = {
			transport,
			signal,
			now: this.#now,
			...(entry.binding && { binding: entry.binding }),
			...(this.#signAssertion && { signAssertion: this.#signAssertion }),
		};
		const result = await obtainToken(credential, refreshToken, tools);
		if (signal.aborted) return result;
		if (result.ok) return ok(this.#keep(entry, credential, result.value));
		// Refused with the refresh token and, if it helped at all, with the password: no use trying it again.
		if (result.fault.code === 'TOKEN' && !result.fault.retryable) entry.refreshToken = undefined;
		return result;
	}

	/** An early renewal that met a fault which passes: the old token is good for a while yet. */
	#stillGood(entry: Entry, result: Extract<TokenResult, { ok: false }>): TokenResult {
		const { token } = entry;
		if (!result.fault.retryable || !token || token.expiresAt === undefined || token.expiresAt <= this.#now()) {
			return result;
		}
		entry.renewAt = this.#now() + EARLY_RENEWAL_PAUSE_MS;
		return ok(token);
	}

	#keep(entry: Entry, credential: OAuth2Credential, given: AccessToken): AccessToken {
		// A refresh may leave out what has not changed.
		if (given.fields !== undefined) entry.fields = { ...entry.fields, ...given.fields };
		const token = entry.fields === undefined ? given : { ...given, fields: entry.fields };
		entry.token = token;
		entry.refreshToken = credential.grant === 'password' ? token.refreshToken : undefined;
		entry.renewAt =
			token.expiresAt === undefined || token.expiresIn === undefined
				? Infinity
				: token.expiresAt - Math.min(RENEW_EARLY_MS, (token.expiresIn * 1000) / RENEW_EARLY_PART);
		return token;
	}
}

/** The store of this process: main, webhook process and every worker have one each. */
export const tokenStore = new TokenStore();
