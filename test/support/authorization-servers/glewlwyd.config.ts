/** glewlwyd's configuration: its file, and what its administration API is told. */

import type { Settings } from './settings';

/** The plugin instance's name; it is part of the token URL. */
const PLUGIN = 'oidc';
export const TOKEN_PATH = `/api/${PLUGIN}/token`;

const MODULES = '/usr/lib/glewlwyd';

export interface GlewlwydClient {
	id: string;
	/** For Basic or the body. */
	secret?: string;
	/** For private_key_jwt: public keys, each with its `kid`. */
	jwks?: { keys: object[] };
	/** By default private_key_jwt with `jwks`, `client_secret_basic` and `client_secret_post` without. */
	authenticationMethods?: string[];
}

/** What its plugin is told of tokens. */
type TokenSettings = Pick<
	Settings<GlewlwydClient>,
	'accessTokenLifetime' | 'refreshTokenLifetime' | 'oneUseRefreshTokens'
>;

interface FileSettings {
	port: number;
	/** Where clients reach it: its token URL, and so the `aud` it asks for, are built from it. */
	externalUrl: string;
	databaseFile: string;
}

/** The configuration file's text (libconfig). */
export const configurationFile = ({ port, externalUrl, databaseFile }: FileSettings): string =>
	Object.entries({
		port,
		bind_address: '127.0.0.1',
		external_url: externalUrl,
		login_url: 'login.html',
		api_prefix: 'api',
		log_mode: 'console',
		log_level: 'INFO',
		cookie_secure: 0,
		session_key: 'GLEWLWYD2_SESSION_ID',
		admin_scope: 'g_admin',
		profile_scope: 'g_profile',
		user_module_path: `${MODULES}/user`,
		client_module_path: `${MODULES}/client`,
		user_auth_scheme_module_path: `${MODULES}/scheme`,
		plugin_module_path: `${MODULES}/plugin`,
		hash_algorithm: 'SHA512',
	})
		.map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`)
		.concat(`database = { type = "sqlite3"; path = ${JSON.stringify(databaseFile)}; };\n`)
		.join('');

/**
 * The OpenID Connect plugin, which has the plain OAuth2 grants when `allow-non-oidc` is set, and is the one of its two
 * OAuth plugins that knows private_key_jwt.
 * @param options `signingKey`: a private JWK with `alg` and `kid`, for the tokens it makes (they are JWTs)
 */
export const plugin = ({
	externalUrl,
	signingKey,
	accessTokenLifetime,
	refreshTokenLifetime,
	oneUseRefreshTokens,
}: TokenSettings & { externalUrl: string; signingKey: object }) => ({
	module: 'oidc',
	name: PLUGIN,
	display_name: PLUGIN,
	enabled: true,
	parameters: {
		iss: externalUrl,
		'jwt-type': 'rsa',
		'jwt-key-size': '256',
		'jwks-private': JSON.stringify({ keys: [signingKey] }),
		'access-token-duration': accessTokenLifetime,
		'refresh-token-duration': refreshTokenLifetime,
		'code-duration': 600,
		'refresh-token-rolling': true,
		'refresh-token-one-use': oneUseRefreshTokens ? 'always' : 'never',
		'allow-non-oidc': true,
		'auth-type-password-enabled': true,
		'auth-type-client-enabled': true,
		'auth-type-refresh-enabled': true,
		'request-parameter-allow': true,
		'request-maximum-exp': 3600,
		'client-jwks-parameter': 'jwks',
		'client-jwks_uri-parameter': 'jwks_uri',
		'introspection-revocation-allowed': true,
		'introspection-revocation-allow-target-client': true,
		'allowed-scope': ['openid'],
		'secret-type': 'public',
		'subject-type': 'public',
	},
});

/** What a client may ask for; glewlwyd refuses a request without a scope. */
export const scope = (name: string) => ({
	name,
	display_name: name,
	password_required: true,
	password_max_age: 0,
	scheme: {},
});

export const user = ({ username, password }: Settings<GlewlwydClient>['users'][number], scopes: string[]) => ({
	username,
	password,
	name: username,
	enabled: true,
	scope: scopes,
});

/** With `secret`: Basic or body; with `jwks`: private_key_jwt. */
export const client = ({ id, secret, jwks, authenticationMethods }: GlewlwydClient, scopes: string[]) => ({
	client_id: id,
	name: id,
	enabled: true,
	confidential: true,
	authorization_type: ['password', 'client_credentials', 'refresh_token'],
	token_endpoint_auth_method:
		authenticationMethods ?? (jwks ? ['private_key_jwt'] : ['client_secret_basic', 'client_secret_post']),
	scope: scopes,
	...(secret === undefined ? {} : { client_secret: secret }),
	...(jwks === undefined ? {} : { jwks }),
});
