/** What a server is told that knows passwords and refresh tokens. */
export interface Settings<Client> {
	clients: Client[];
	users: Array<{ username: string; password: string }>;
	/** `read` and `write` by default. */
	scopes: string[];
	/** Seconds; 3600 by default. */
	accessTokenLifetime: number;
	/** Seconds; a day by default. */
	refreshTokenLifetime: number;
	/** True by default: each refresh response brings a new refresh token, and a used one is refused. */
	oneUseRefreshTokens: boolean;
}

/** The settings, with the default of what is left out. */
export const settingsOf = <Client>(options: Partial<Settings<Client>>): Settings<Client> => ({
	clients: [],
	users: [],
	scopes: ['read', 'write'],
	accessTokenLifetime: 3600,
	refreshTokenLifetime: 86_400,
	oneUseRefreshTokens: true,
	...options,
});
