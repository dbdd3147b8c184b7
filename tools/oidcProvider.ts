import type { ClientMetadata, Configuration } from 'oidc-provider';

/** What differs between the authorization server of the demonstration and that of the tests. */
export interface MachineProvider {
	/** Each may ask for every scope by client credentials, unless its own metadata says otherwise. */
	clients: ClientMetadata[];
	scopes: string[];
	/** Seconds. */
	accessTokenLifetime: number;
}

/**
 * The configuration of an oidc-provider for machines: client credentials, introspection and revocation, and no page that a
 * person would see.
 * @param more over that: features one by one, everything else as a whole
 */
export function machineProvider(
	{ clients, scopes, accessTokenLifetime }: MachineProvider,
	more: Configuration = {},
): Configuration {
	const machine = {
		grant_types: ['client_credentials'],
		redirect_uris: [],
		response_types: [],
		scope: scopes.join(' '),
	};
	return {
		clients: clients.map((client) => ({ ...machine, ...client })),
		scopes,
		ttl: { ClientCredentials: accessTokenLifetime },
		...more,
		// The type pairs some features with others, which a spread loses.
		features: {
			clientCredentials: { enabled: true },
			introspection: { enabled: true },
			revocation: { enabled: true },
			devInteractions: { enabled: false },
			...more.features,
		} as Configuration['features'],
	};
}
