/** One token request, as the server's front saw it. */
export interface TokenRequestRecord {
	/** Milliseconds since the epoch. */
	at: number;
	grantType?: string;
	/** How the client said who it is; `several` when it did in more than one way. */
	clientAuthentication: 'header' | 'body' | 'assertion' | 'none' | 'several';
	contentType: string;
	/** The Authorization header as it came. */
	authorization?: string;
	/** The body's parameters in the order sent, repeated ones repeated; from a form or from JSON. */
	parameters: Array<[string, string]>;
	/** What it was answered with; absent while it is not. */
	status?: number;
	/** The `error` of an OAuth error answer. */
	error?: string;
}

/** An answer that is given in the server's place. */
export interface Fault {
	status: number;
	/** How many token requests get it; 1 by default. Faults stand in a queue. */
	times?: number;
	headers?: Record<string, string>;
	body?: string;
}

/** What every server can do. All listen on 127.0.0.1 and end with the process that started them. */
export interface AuthorizationServer {
	tokenUrl: string;
	/** The server's process (not the front's, which is in this one). */
	pid: number;
	/** Token requests since the start or the last `forget`. */
	requests(): TokenRequestRecord[];
	forget(): void;
	/** The next `times` token requests get this answer and never reach the server. */
	answerInstead(fault: Fault): void;
	/** The next `times` token requests (all, by default) wait this long before the server sees them. */
	delay(ms: number, times?: number): void;
	/** The end of what the server printed. */
	output(): string;
	stop(): Promise<void>;
}

/** For servers in Node: their clock can run ahead, so that tokens and cached keys age without waiting. */
export interface MovableClock {
	advanceClock(seconds: number): Promise<void>;
}

/** Client metadata under its registered names (RFC 7591 section 2); `client_secret_basic` by default. */
export interface OidcClient {
	client_id: string;
	client_secret?: string;
	token_endpoint_auth_method?: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';
	/** Restricts the assertion to one algorithm; all of RS, PS, ES 256 to 512, EdDSA and Ed25519 otherwise. */
	token_endpoint_auth_signing_alg?: string;
	jwks?: { keys: object[] };
	jwks_uri?: string;
	scope?: string;
}

export interface OidcProviderOptions {
	clients?: OidcClient[];
	/** Seconds; 3600 by default. */
	accessTokenLifetime?: number;
	/** `read` and `write` by default. */
	scopes?: string[];
	/** The resource indicators it knows (RFC 8707); every other is `invalid_target`. */
	resources?: string[];
}

export interface OidcProviderServer extends AuthorizationServer, MovableClock {
	issuer: string;
	introspectionUrl: string;
	revocationUrl: string;
}

export interface OAuth2ServerOptions {
	/** `grants`: password, refresh_token and client_credentials by default. */
	clients?: Array<{ id: string; secret: string; grants?: string[] }>;
	users?: Array<{ username: string; password: string }>;
	/** `read` and `write` by default. */
	scopes?: string[];
	/** Seconds; 3600 by default. */
	accessTokenLifetime?: number;
	/** Seconds; a day by default. */
	refreshTokenLifetime?: number;
	/** True by default: each refresh answer brings a new refresh token, and a replayed one ends its chain. */
	oneUseRefreshTokens?: boolean;
}

export interface OAuth2TestServer extends AuthorizationServer, MovableClock {
	/** 200 and `{ user }` with a live token as Bearer, 401 without. */
	resourceUrl: string;
	/** Every access token given so far gets 401 from now on; refresh tokens stay good. */
	revokeAccessTokens(): Promise<void>;
	/** The next refresh gets `invalid_grant`. */
	revokeRefreshTokens(): Promise<void>;
	/** How often a used refresh token came again (each time its chain was ended). */
	replays(): Promise<number>;
}

export interface GlewlwydClient {
	id: string;
	/** For Basic or the body. */
	secret?: string;
	/** For private_key_jwt: public keys, each with its `kid`. */
	jwks?: { keys: object[] };
	/** By default private_key_jwt with `jwks`, `client_secret_basic` and `client_secret_post` without. */
	authenticationMethods?: string[];
}

export interface GlewlwydUser {
	username: string;
	password: string;
}

export interface GlewlwydOptions {
	clients?: GlewlwydClient[];
	users?: GlewlwydUser[];
	/** `read` and `write` by default; every client and every user has them all. A request must name one. */
	scopes?: string[];
	/** Seconds; 3600 by default. */
	accessTokenLifetime?: number;
	/** Seconds; a day by default. */
	refreshTokenLifetime?: number;
	/** True by default: a used refresh token that comes again ends its chain. */
	oneUseRefreshTokens?: boolean;
}

export interface GlewlwydServer extends AuthorizationServer {
	issuer: string;
}

export interface DjangoOAuthToolkitOptions {
	/** `grant`: `password` (with refresh) by default; an application has one. */
	clients?: Array<{ id: string; secret: string; grant?: 'password' | 'client_credentials' }>;
	users?: Array<{ username: string; password: string }>;
	/** `read` and `write` by default. */
	scopes?: string[];
	/** Seconds; 3600 by default. */
	accessTokenLifetime?: number;
	/** Seconds; a day by default. */
	refreshTokenLifetime?: number;
	/** True by default: a used refresh token is refused when it comes again (its chain lives on). */
	oneUseRefreshTokens?: boolean;
}

export interface DjangoOAuthToolkitServer extends AuthorizationServer {
	/** 200 and `{ user }` with a live token as Bearer, 403 without. */
	resourceUrl: string;
}

export function startOidcProvider(options?: OidcProviderOptions): Promise<OidcProviderServer>;
export function startOAuth2Server(options?: OAuth2ServerOptions): Promise<OAuth2TestServer>;
/** Debian package `glewlwyd`, see ./install-debian.sh. */
export function startGlewlwyd(options?: GlewlwydOptions): Promise<GlewlwydServer>;
/** Debian package `python3-django-oauth-toolkit`, see ./install-debian.sh. */
export function startDjangoOAuthToolkit(options?: DjangoOAuthToolkitOptions): Promise<DjangoOAuthToolkitServer>;
