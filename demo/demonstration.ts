/** What `npm start` shows once everything is installed. */
import path from 'node:path';
import type { Foreground } from '../tools/lib/foreground';
import { dataFolder } from '../tools/lib/paths';
import { endOf } from '../tools/lib/process';
import { say } from '../tools/lib/progress';
import { ensureN8n } from '../tools/n8n/install';
import { preparePackage } from '../tools/n8n/package';
import { startN8nWithProgress, type RunningN8n } from '../tools/n8n/process';
import { importCredentials } from './automation/credentials';
import { choosePorts, SERVERS } from './automation/ports';
import { runSamples } from './automation/ratings';
import { startServers, type DemoServers } from './automation/servers';
import { importWorkflows } from './automation/workflows';
import type { DeskState } from './servers/ticket-desk';

const AUTOMATION = 'rating-to-ticket.json';

/** @returns whether the samples ended as they should, and where the automation is in n8n's editor */
async function runAutomation(
	n8n: RunningN8n,
	servers: DemoServers,
): Promise<{ asExpected: boolean; editorUrl: string }> {
	const credentials = await importCredentials(n8n.client, servers);
	const workflows = await importWorkflows(n8n.client, {
		ticketsUrl: servers.ticketDesk.ticketsUrl,
		credentials,
		stateFile: path.join(dataFolder, 'workflows.json'),
	});
	for (const [file, { kept }] of Object.entries(workflows)) if (kept) say(`  ✓ ${file}: your edited version is kept`);
	say('\nThe rating automation, over a sample of ratings:');
	const { tickets, asExpected } = await runSamples(`${n8n.url}/webhook/rating-submitted`, say);
	const { tickets: atDesk } = (await (await fetch(servers.ticketDesk.controlUrl)).json()) as DeskState;
	const agrees = atDesk.length === tickets;
	if (!agrees) say(`  ✗ The ticket desk has ${atDesk.length} tickets, the automation reported ${tickets}.`);
	return { asExpected: asExpected && agrees, editorUrl: `${n8n.url}/workflow/${workflows[AUTOMATION]?.id ?? ''}` };
}

function tellWhere(n8n: RunningN8n, servers: DemoServers, editorUrl: string): void {
	say(`
n8n             ${n8n.url}
  e-mail        ${n8n.email}
  password      ${n8n.password}
The automation  ${editorUrl}
Tickets         ${servers.ticketDesk.url}
Request catcher ${servers.requestCatcher.url}
Authorization   ${servers.authorizationServer.url} (takes your public key)
  token URL     ${servers.authorizationServer.tokenUrl}

Send a rating yourself:
  curl -s ${n8n.url}/webhook/rating-submitted -H 'content-type: application/json' \\
    -d '{"event":"Rating Submitted","event_properties":{"User Rating":2,"Comment":"Too slow"},"profile":{"name":"You","email":"you@example.com"}}'

Workflows and logs are kept in ${dataFolder}; delete it to start over. Ctrl-C ends everything.`);
}

/**
 * From the pinned n8n to an address and a login, and the rating automation run once.
 * @param options `once`: ends after the run
 * @returns the exit code
 */
export async function demonstrate(foreground: Foreground, { once }: { once: boolean }): Promise<number> {
	const { node } = await ensureN8n();
	const ports = await choosePorts({ n8n: { port: 5678, called: 'editor' }, ...SERVERS }, say);
	const servers = foreground.add(await startServers({ folder: dataFolder, ports, node }));
	say('  ✓ Authorization server, ticket desk and request catcher are ready');
	const packageFolder = await preparePackage();
	const userFolder = path.join(dataFolder, 'n8n');
	const n8n = foreground.add(await startN8nWithProgress({ userFolder, port: ports.n8n, packageFolder }));
	foreground.tellAddress(n8n.url);
	const { asExpected, editorUrl } = await runAutomation(n8n, servers);
	if (once) return asExpected ? 0 : 1;
	tellWhere(n8n, servers, editorUrl);
	await n8n.closed;
	throw new Error(`n8n has ended: ${n8n.ended()}. The end of its log:\n${endOf(n8n.log(), 20)}`);
}
