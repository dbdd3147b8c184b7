import path from 'node:path';
import { answerQuestions } from '../../tools/lib/channel';
import { messageOf } from '../../tools/lib/messageOf';
import { orEnd, startChild, type ChildOptions } from '../../tools/lib/process';
import type { start as startAuthorizationServer } from './authorization-server';
import type { start as startRequestCatcher } from './request-catcher';
import type { start as startTicketDesk } from './ticket-desk';

/** The servers of this folder: each file's own `start`. */
interface Servers {
	'authorization-server': typeof startAuthorizationServer;
	'ticket-desk': typeof startTicketDesk;
	'request-catcher': typeof startRequestCatcher;
}

/** What a server has reported of itself. */
type Facts<Name extends keyof Servers> = Omit<Awaited<ReturnType<Servers[Name]>>, 'stop'>;

/** A server in a separate process. */
export type Serving<Name extends keyof Servers> = Facts<Name> & {
	/** What it has printed. */
	log(): string;
	stop(): Promise<void>;
};

/** `GET <url>/control` lists token requests; `POST <url>/control/forget-tokens` makes all access tokens invalid. */
export type AuthorizationServer = Serving<'authorization-server'>;
/** `GET <controlUrl>`: `DeskState`; `POST`: `{ faults, rateLimit, forgetTokens }`; `DELETE` starts over. */
export type TicketDesk = Serving<'ticket-desk'>;
/** `GET <requestsUrl>`: `{ requests: CaughtRequest[] }`; `DELETE` empties it. */
export type RequestCatcher = Serving<'request-catcher'>;

/**
 * Lets a server file be run by itself: `node --require ./tools/typescript demo/servers/<name> '{"port":4010}'`. It prints its
 * address and stops on SIGINT or SIGTERM.
 * @param module the server's
 */
export function runWhenMain<Options>(
	module: NodeJS.Module,
	start: (options: Options) => Promise<{ url: string; stop(): Promise<void> }>,
): void {
	if (require.main !== module) return;
	const serve = async (options: Options): Promise<object> => {
		const { stop, ...facts } = await start(options);
		console.log(facts.url);
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
			process.once(signal, () => void stop().then(() => process.exit(0)));
		return facts;
	};
	// Secrets come over the channel to the starter: everybody on the machine can read a command line.
	if (process.send) {
		answerQuestions({ start: serve });
		return;
	}
	const [argument = '{}'] = process.argv.slice(2);
	serve(JSON.parse(argument) as Options).catch((fault: unknown) => {
		console.error(messageOf(fault));
		process.exit(1);
	});
}

/**
 * Starts one of the servers in this folder as a process: for jest, which cannot load ESM-only packages.
 * @param options what its `start` takes
 * @throws with what it printed, when it does not start
 */
export async function startServer<Name extends keyof Servers>(
	name: Name,
	options: Parameters<Servers[Name]>[0] = {},
	{ node, logFile }: Pick<ChildOptions, 'node' | 'logFile'> = {},
): Promise<Serving<Name>> {
	const server = startChild(path.join(__dirname, `${name}.ts`), { name, node, logFile });
	const facts = await orEnd(server, async () => await server.ask<Facts<Name>>('start', options));
	return { ...facts, log: server.log, stop: async () => await server.stop() };
}
