/** What @node-oauth/oauth2-server asks for: clients, users and tokens, kept in memory. */
import type {
	ClientCredentialsModel,
	PasswordModel,
	RefreshToken,
	RefreshTokenModel,
	Token,
	User,
} from '@node-oauth/oauth2-server';

import type { Settings } from './settings';

/** `grants`: password, refresh_token and client_credentials by default. */
export interface OAuth2Client {
	id: string;
	secret: string;
	grants?: string[];
}

/** A token, and the chain of refreshes it belongs to. */
type Kept = Token & { chain: string };

const GRANTS = ['password', 'refresh_token', 'client_credentials'];

export function createModel({ clients, users, scopes, oneUseRefreshTokens }: Settings<OAuth2Client>) {
	const byAccessToken = new Map<string, Kept>();
	const byRefreshToken = new Map<string, Kept & RefreshToken>();
	/** Refresh tokens that have been used, and the chain each belonged to. */
	const used = new Map<string, string>();
	/** The chain that the running refresh continues; the server saves the new token right after revoking the old. */
	const continuing = new WeakMap<User, string>();
	let chains = 0;
	let replays = 0;

	/** A used refresh token that comes again shows that someone else has it: nothing of its chain is good any more. */
	function killChain(chain: string) {
		replays += 1;
		for (const tokens of [byAccessToken, byRefreshToken]) {
			for (const [key, token] of tokens) if (token.chain === chain) tokens.delete(key);
		}
	}

	const model: PasswordModel & RefreshTokenModel & ClientCredentialsModel = {
		async getClient(id, secret) {
			const client = clients.find((one) => one.id === id && one.secret === secret);
			return client && { grants: GRANTS, ...client };
		},
		getUser: async (username, password) => users.find((one) => one.username === username && one.password === password),
		getUserFromClient: async (client) => ({ username: `client ${client.id}` }),
		validateScope: async (_user, _client, asked = scopes) => asked.every((one) => scopes.includes(one)) && asked,
		async saveToken(token, client, user) {
			const chain = continuing.get(user) ?? `chain ${++chains}`;
			continuing.delete(user);
			// Its own user object for each token: it carries the chain from revokeToken to saveToken.
			const kept: Kept = { ...token, client: { id: client.id, grants: client.grants }, user: { ...user }, chain };
			byAccessToken.set(token.accessToken, kept);
			const { refreshToken } = token;
			if (refreshToken) byRefreshToken.set(refreshToken, { ...kept, refreshToken });
			return kept;
		},
		getAccessToken: async (accessToken) => byAccessToken.get(accessToken),
		async getRefreshToken(refreshToken) {
			const chain = used.get(refreshToken);
			if (chain !== undefined) killChain(chain);
			return byRefreshToken.get(refreshToken);
		},
		async revokeToken(token) {
			const chain = String(token.chain);
			if (oneUseRefreshTokens) {
				if (!byRefreshToken.delete(token.refreshToken)) return false;
				used.set(token.refreshToken, chain);
			}
			continuing.set(token.user, chain);
			return true;
		},
	};
	const calls = {
		/** Forgets every access token, as a server does that is told to; their refresh tokens stay good. */
		revokeAccessTokens: () => byAccessToken.clear(),
		/** Forgets every refresh token: the next refresh gets `invalid_grant`. */
		revokeRefreshTokens: () => byRefreshToken.clear(),
		/** How often a used refresh token came again. */
		replays: () => replays,
	};
	return { model, calls };
}
