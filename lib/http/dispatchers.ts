import { createHash } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { Agent, EnvHttpProxyAgent, Pool, ProxyAgent, buildConnector, type Dispatcher } from 'undici';

import { Connections } from './connections';
import { refusedHost, type EgressFilter } from './egress';

/** What makes one set of connections different from another. */
export interface ConnectionSettings {
	/** Connections to one destination at most. */
	connections: number;
	/** Milliseconds a connection may take to be made. */
	connectTimeoutMs: number;
	allowUnauthorizedCerts: boolean;
	/** Proxy URL of the node; without it the environment's HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY count. */
	proxy?: string;
	clientCertificate?: ClientCertificate;
}

/** n8n's `httpSslAuth` credential. */
export interface ClientCertificate {
	ca?: string;
	cert?: string;
	key?: string;
	passphrase?: string;
}

/** A dispatcher that nobody has asked for in this time is closed. */
const IDLE_MS = 60_000;
const MAX_IDLE = 50;

/** A dispatcher, and what watches its connections. */
interface Watched {
	dispatcher: Dispatcher;
	connections: Connections;
}

interface Idle extends Watched {
	key: string;
	timer: NodeJS.Timeout;
}

/** Those that are not lent, the latest given back last. */
const idle: Idle[] = [];

/** A dispatcher on loan; give it back when the run is over. */
export interface Lease extends Watched {
	release(): void;
}

/**
 * Lends a dispatcher for these settings: its connections stay open over items, tries and executions, and close
 * when nobody used them for a minute. To one run at a time: behind the requests of another, a request would run
 * into its timeout before it was sent.
 *
 * @param filter the instance's egress rules, applied to every new connection
 * @param run what distinguishes the run from others, see `Connections.startRun`
 */
export function leaseDispatcher(settings: ConnectionSettings, filter: EgressFilter | undefined, run?: string): Lease {
	const key = keyOf(settings, filter);
	const position = idle.findLastIndex((candidate) => candidate.key === key);
	const [known] = position === -1 ? [] : idle.splice(position, 1);
	clearTimeout(known?.timer);
	const { dispatcher, connections } = known ?? createDispatcher(settings, filter);
	connections.startRun(run);
	let released = false;
	return {
		dispatcher,
		connections,
		release() {
			if (released) return;
			released = true;
			if (idle.length === MAX_IDLE) void close(idle[0]!);
			const entry: Idle = { key, dispatcher, connections, timer: setTimeout(() => void close(entry), IDLE_MS).unref() };
			idle.push(entry);
		},
	};
}

/**
 * Closes every idle dispatcher now.
 *
 * @internal for tests and benchmarks, which count connections
 */
export async function closeIdleDispatchers(): Promise<void> {
	await Promise.all([...idle].map(close));
}

async function close(entry: Idle): Promise<void> {
	clearTimeout(entry.timer);
	const position = idle.indexOf(entry);
	if (position !== -1) idle.splice(position, 1);
	// Nobody is left to hear of a connection that does not close in good order.
	await entry.dispatcher.close().catch(() => undefined);
}

function keyOf(settings: ConnectionSettings, filter: EgressFilter | undefined): string {
	const environment = PROXY_VARIABLES.map((name) => process.env[name] ?? '');
	// A digest, as it covers a private key and a proxy's password.
	return createHash('sha256')
		.update(JSON.stringify([settings, filter !== undefined, settings.proxy ? [] : environment]))
		.digest('base64');
}

const PROXY_VARIABLES = [
	'HTTP_PROXY',
	'http_proxy',
	'HTTPS_PROXY',
	'https_proxy',
	'ALL_PROXY',
	'all_proxy',
	'NO_PROXY',
	'no_proxy',
];

/** Node's own limit is 16 KiB; some destinations send more, and a response is worth more than its headers. */
const MAX_HEADER_SIZE = 64 * 1024;

function createDispatcher(settings: ConnectionSettings, filter: EgressFilter | undefined): Watched {
	const { clientCertificate, proxy } = settings;
	const connections = new Connections();
	const route = {
		timeout: settings.connectTimeoutMs,
		...(filter === undefined ? {} : { lookup: filter.createSecureLookup() }),
	};
	const tls = {
		rejectUnauthorized: !settings.allowUnauthorizedCerts,
		// Made once: a CA beside Node's own takes some 50 ms for each connection.
		...(clientCertificate && { secureContext: createSecureContext(clientCertificate) }),
	};
	const own: Pool.Options = {
		connections: settings.connections,
		pipelining: 1,
		maxHeaderSize: MAX_HEADER_SIZE,
		// The transport holds one deadline over the whole exchange; undici's own timers would be a second one.
		headersTimeout: 0,
		bodyTimeout: 0,
	};
	const options: Agent.Options = {
		...own,
		connect: { ...route, ...tls },
		factory: (origin, given) => new Pool(origin, watched({ ...given, ...own }, connections)),
	};
	const environment = environmentProxies();
	if (proxy === undefined && environment === undefined) return { dispatcher: new Agent(options), connections };
	const proxied = {
		...options,
		// As HTTP has it (RFC 9112 §3.2.2), and as proxies expect it: many let CONNECT through to port 443 alone.
		proxyTunnel: false,
		requestTls: { ...tls, timeout: settings.connectTimeoutMs },
		proxyTls: route,
		clientFactory: (origin: URL, proxyOptions: object) => new Pool(origin, guardHost(proxyOptions, filter)),
		// Through a proxy, `connect` is a function already, and for an http destination it leads to the proxy itself.
		factory: (origin: string | URL, given: object) => {
			const isToProxy = typeof (given as Pool.Options).connect === 'function' && String(origin).startsWith('http:');
			const guarded = isToProxy ? guardHost(given, filter) : given;
			return new Pool(origin, watched({ ...guarded, ...own }, connections));
		},
	};
	if (proxy !== undefined) return { dispatcher: new ProxyAgent({ ...proxied, uri: proxy }), connections };
	const agent = new EnvHttpProxyAgent({ ...proxied, ...environment });
	const dispatcher = environment?.httpsProxy === '' ? directForHttps(agent, new Agent(options)) : agent;
	return { dispatcher, connections };
}

/** The options of a pool whose connections are watched. */
function watched(options: Pool.Options, connections: Connections): Pool.Options {
	const { connect } = options;
	return {
		...options,
		connect: connections.watch(typeof connect === 'function' ? connect : buildConnector(connect ?? {})),
	};
}

/**
 * undici takes HTTP_PROXY for https, too, where there is no HTTPS_PROXY; n8n does not. The direct agent needs
 * no closing: its idle connections end by themselves.
 */
function directForHttps(proxied: Dispatcher, direct: Dispatcher): Dispatcher {
	return proxied.compose(
		(dispatch) => (request, handler) =>
			String(request.origin).startsWith('https:') ? direct.dispatch(request, handler) : dispatch(request, handler),
	);
}

/** The environment's proxies; ALL_PROXY is used for either, which undici alone does not know. */
function environmentProxies(): { httpProxy: string; httpsProxy: string } | undefined {
	const read = (name: string) => process.env[name.toLowerCase()] || process.env[name] || undefined;
	const all = read('ALL_PROXY');
	const httpProxy = read('HTTP_PROXY') ?? all;
	const httpsProxy = read('HTTPS_PROXY') ?? all;
	if (httpProxy === undefined && httpsProxy === undefined) return undefined;
	// Empty rather than undefined: undici would look into the environment itself.
	return { httpProxy: httpProxy ?? '', httpsProxy: httpsProxy ?? '' };
}

/** A proxy given as an IP literal never reaches a DNS lookup, so its host is checked when it is connected to. */
function guardHost(options: object, filter: EgressFilter | undefined): Pool.Options {
	const { connect, ...others } = options as { connect: buildConnector.connector };
	if (filter === undefined) return { ...others, connect };
	return {
		...others,
		connect: (target: buildConnector.Options, callback: buildConnector.Callback) => {
			void refusedHost(filter, target.hostname)
				.catch((error: unknown) => error as Error)
				.then((refusal) => (refusal === undefined ? connect(target, callback) : callback(refusal, null)));
		},
	};
}
