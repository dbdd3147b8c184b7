import type { IExecuteFunctions } from 'n8n-workflow';

import type { SigningAlgorithm } from '../../../lib/keys/algorithm';
import { generateKey, type GeneratedKey } from '../../../lib/keys/keyGeneration';
import type { OAuth2Credential } from '../../../lib/oauth2/credential/oAuth2Credential';
import type { AccessToken, TokenFault, TokenResult } from '../../../lib/oauth2/token/token';
import { TokenStore } from '../../../lib/oauth2/token/tokenStore';
import { createTokenTransport } from '../../../nodes/WebhookDispatch/n8n/tokenTransport';

/** The node's own way to a token endpoint; without n8n there are no egress rules. */
const transport = createTokenTransport({ helpers: {} } as unknown as IExecuteFunctions);

/** Its own token store over the node's transport, whose clock can run ahead of the server's. */
export function createTokenClient() {
	let ahead = 0;
	const store = new TokenStore({ now: () => Date.now() + ahead });
	return {
		get: async (credential: OAuth2Credential): Promise<TokenResult> => await store.get(credential, transport),
		/** So many deliveries at once. */
		getMany: async (credential: OAuth2Credential, count: number): Promise<TokenResult[]> =>
			await Promise.all(Array.from({ length: count }, async () => await store.get(credential, transport))),
		advanceClock: (seconds: number) => {
			ahead += seconds * 1000;
		},
	};
}

/**
 * 50 deliveries at a time, through many lives of a token of an hour.
 * @returns the token of each life, which is the same for all 50
 */
export async function throughLives(credential: OAuth2Credential, lives: number): Promise<string[]> {
	const client = createTokenClient();
	const seen: string[] = [];
	for (let life = 0; life < lives; life += 1) {
		const tokens = new Set((await client.getMany(credential, 50)).map((result) => tokenOf(result).accessToken));
		expect(tokens.size).toBe(1);
		seen.push(...tokens);
		client.advanceClock(3600);
	}
	expect(new Set(seen).size).toBe(lives);
	return seen;
}

/** A token by a store that knows nothing yet: one token request. */
export const ask = async (credential: OAuth2Credential): Promise<TokenResult> =>
	await createTokenClient().get(credential);

export function tokenOf(result: TokenResult): AccessToken {
	if (!result.ok) throw new Error(`${result.fault.message}. ${result.fault.description}`);
	return result.value;
}

export function faultOf(result: TokenResult): TokenFault {
	if (result.ok) throw new Error('There is a token, where a fault was expected');
	return result.fault;
}

/** The passphrase of the keys made for tests. */
export const PASSPHRASE = 'a passphrase: ü+%&=';

/** A pair as the operation Key: Generate makes it, for a credential without a key. */
export async function newKey(algorithm: SigningAlgorithm): Promise<GeneratedKey> {
	const made = await generateKey({
		algorithm,
		keyId: '',
		privateKey: '',
		passphrase: PASSPHRASE,
		previousPublicKey: '',
	});
	if (!made.ok) throw new Error(made.fault.message);
	return made.value;
}
