'use strict';
/**
 * Loaded into n8n before n8n itself: counts how often credentials are read and decrypted, reports when a run has ended and
 * the process' peak of memory, collects garbage and takes a CPU profile when asked to. It responds on loopback, at the port
 * in BENCH_PROBE_PORT.
 */
const fs = require('node:fs');
const http = require('node:http');
const { Session } = require('node:inspector/promises');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { collectGarbage } = require('../../tools/lib/collectGarbage');

/** @typedef {(request: string, ...others: unknown[]) => unknown} Load as Node loads modules */
/** @typedef {{ CredentialsHelper: { prototype: { getDecrypted(...given: unknown[]): unknown } } }} Helpers n8n's module */

/** Node's own, with the function that types do not know. */
const modules = /** @type {{ _load: Load }} */ (/** @type {unknown} */ (require('node:module')));

let credentialReads = 0;
/**
 * Resolves when the node behind the measured one has its turn.
 * @type {Promise<unknown> | undefined}
 */
let ended;
/** While the measured node runs. */
let loop = monitorEventLoopDelay({ resolution: 5 });
/** @type {Session | undefined} */
let session;

/**
 * n8n reads every credential of a running node by this one method.
 * @param {Helpers} helpers
 */
function countReads({ CredentialsHelper }) {
	const { getDecrypted } = CredentialsHelper.prototype;
	/** @param {unknown[]} given */
	CredentialsHelper.prototype.getDecrypted = function counted(...given) {
		credentialReads++;
		return getDecrypted.apply(this, given);
	};
}

function watchModules() {
	const load = modules._load;
	/** @type {Load} */
	const watched = (request, ...others) => {
		const loaded = load.call(modules, request, ...others);
		const helpers = /** @type {Partial<Helpers>} */ (loaded);
		if (request.endsWith('/credentials-helper') && helpers.CredentialsHelper && modules._load === watched) {
			modules._load = load;
			countReads(/** @type {Helpers} */ (helpers));
		}
		return loaded;
	};
	modules._load = watched;
}

/** @type {Record<string, (file: string) => unknown>} */
const routes = {
	'/reset': () => {
		credentialReads = 0;
		loop.disable();
		loop = monitorEventLoopDelay({ resolution: 5 });
		ended = new Promise((resolve) => {
			const benchEnded = () => {
				loop.disable();
				resolve({});
			};
			// In a separate turn: what came before the node is not the node's.
			const benchStarted = () => setImmediate(() => loop.enable());
			Object.assign(globalThis, { benchStarted, benchEnded });
		});
		return {};
	},
	'/collect': () => {
		collectGarbage();
		return {};
	},
	// `maxRSS` is in kilobytes, over the life of the process; the histogram has nanoseconds.
	'/state': () => ({
		credentialReads,
		peakMemory: process.resourceUsage().maxRSS * 1024,
		heldMs: loop.max / 1e6,
		node: process.version,
	}),
	'/ended': async () => await ended,
	'/profile/start': async () => {
		session = new Session();
		session.connect();
		await session.post('Profiler.enable');
		await session.post('Profiler.setSamplingInterval', { interval: 200 });
		await session.post('Profiler.start');
		return {};
	},
	'/profile/stop': async (file) => {
		const stopped = await session?.post('Profiler.stop');
		fs.writeFileSync(file, JSON.stringify(stopped?.profile));
		session?.disconnect();
		return { file };
	},
};

// The variable reaches what n8n starts, too.
if (process.argv.includes('start') && /[\\/]n8n$/.test(process.argv[1] ?? '')) {
	watchModules();
	http
		.createServer(async (request, response) => {
			const { pathname, searchParams } = new URL(request.url ?? '', 'http://probe');
			const answer = await routes[pathname]?.(searchParams.get('file') ?? '');
			response.end(JSON.stringify(answer ?? {}));
		})
		.listen(Number(process.env.BENCH_PROBE_PORT), '127.0.0.1')
		.unref();
}
