import { freePort } from '../lib/ports';

/** Everything in n8n that would call somewhere on its own account, and what only makes a small instance slower. */
const QUIET = {
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
	N8N_VERIFIED_PACKAGES_ENABLED: 'false',
	N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
	N8N_SENTRY_DSN: '',
	N8N_FRONTEND_SENTRY_DSN: '',
	N8N_AI_ENABLED: 'false',
	N8N_PYTHON_ENABLED: 'false',
	// Modules that ask n8n's servers for lists or models; none of them has to do with delivering webhooks.
	N8N_DISABLED_MODULES: 'mcp-registry,instance-ai,chat-hub,quick-connect,workflow-builder',
};

/** Loopback must never go through a proxy that happens to be set. */
const withoutProxy = (list: string | undefined): string =>
	['127.0.0.1', 'localhost', ...(list ? [list] : [])].join(',');

/** n8n's variables; `undefined` takes one away. */
export type Variables = Record<string, string | undefined>;

/**
 * The environment of an n8n process: quiet, on loopback, on SQLite.
 * @param options `env`: over that
 */
export async function n8nEnvironment({
	port,
	userFolder,
	env = {},
}: {
	port: number;
	userFolder: string;
	env?: Variables;
}): Promise<NodeJS.ProcessEnv> {
	const inherited = Object.fromEntries(
		Object.entries(process.env).filter(
			([name]) => !/^(npm_|N8N_|DB_|EXECUTIONS_|QUEUE_|NODE_OPTIONS|NODE_PATH|JEST_|INIT_CWD|NODE_ENV$)/i.test(name),
		),
	);
	const noProxy = withoutProxy(inherited.NO_PROXY ?? inherited.no_proxy);
	const whole: Variables = {
		...inherited,
		...QUIET,
		NO_PROXY: noProxy,
		no_proxy: noProxy,
		N8N_USER_FOLDER: userFolder,
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_HOST: '127.0.0.1',
		N8N_PORT: String(port),
		N8N_RUNNERS_BROKER_PORT: String(await freePort()),
		N8N_RUNNERS_BROKER_LISTEN_ADDRESS: '127.0.0.1',
		N8N_WEBHOOK_URL: `http://127.0.0.1:${port}/`,
		// Plain http on loopback: a secure cookie would not come back.
		N8N_SECURE_COOKIE: 'false',
		N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS: 'true',
		DB_TYPE: 'sqlite',
		EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'all',
		EXECUTIONS_DATA_SAVE_ON_ERROR: 'all',
		...env,
	};
	return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined));
}
