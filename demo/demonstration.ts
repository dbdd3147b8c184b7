/** What `npm start` shows once everything is installed. */
const path = require('node:path');
const { dataFolder } = require('../tools/lib/paths');
const { say, startProgress } = require('../tools/lib/progress');
const { ensureN8n } = require('../tools/n8n/install');
const { preparePackage } = require('../tools/n8n/package');
const { startN8n } = require('../tools/n8n/process');
const { importCredentials } = require('./automation/credentials');
const { choosePorts } = require('./automation/ports');
const { runSamples } = require('./automation/ratings');
const { startServers } = require('./automation/servers');
const { importWorkflows } = require('./automation/workflows');

async function startN8nWithPackage(port) {
	const packageFolder = await preparePackage();
	const progress = startProgress('Starting n8n');
	try {
		const n8n = await startN8n({ userFolder: path.join(dataFolder, 'n8n'), port, packageFolder });
		progress.done('n8n is ready');
		return n8n;
	} catch (error) {
		progress.fail();
		throw error;
	}
}

/** @returns {Promise<{ asExpected: boolean }>} */
async function runAutomation(n8n, servers) {
	const credentials = await importCredentials(n8n.client, servers);
	const workflows = await importWorkflows(n8n.client, {
		ticketsUrl: servers.ticketDesk.ticketsUrl,
		credentials,
		stateFile: path.join(dataFolder, 'workflows.json'),
	});
	for (const [file, { kept }] of Object.entries(workflows)) if (kept) say(`  ✓ ${file}: your edited version is kept`);
	say('\nThe rating automation, over a sample of ratings:');
	const { tickets, asExpected } = await runSamples(`${n8n.url}/webhook/rating-submitted`, say);
	const { tickets: atDesk } = await (await fetch(servers.ticketDesk.controlUrl)).json();
	const agrees = atDesk.length === tickets;
	if (!agrees) say(`  ✗ The ticket desk has ${atDesk.length} tickets, the automation told of ${tickets}.`);
	return { asExpected: asExpected && agrees };
}

function tellWhere(n8n, servers) {
	say(`
n8n             ${n8n.url}
  e-mail        ${n8n.email}
  password      ${n8n.password}
Tickets         ${servers.ticketDesk.url}
Request catcher ${servers.requestCatcher.url}

Send a rating yourself:
  curl -s ${n8n.url}/webhook/rating-submitted -H 'content-type: application/json' \\
    -d '{"event":"Rating Submitted","event_properties":{"User Rating":2,"Comment":"Too slow"},"profile":{"name":"You","email":"you@example.com"}}'

Workflows and logs are kept in ${dataFolder}; delete it to begin anew. Ctrl-C ends everything.`);
}

/**
 * From the pinned n8n to an address and a login, and the rating automation run once.
 * @param {import('../tools/lib/foreground').Foreground} foreground
 * @param {{ once: boolean }} options `once`: ends after the run
 * @returns {Promise<number>} the exit code
 */
async function demonstrate(foreground, { once }) {
	const { node } = await ensureN8n();
	const ports = await choosePorts();
	for (const news of ports.moved) say(`  ! ${news}`);
	const servers = foreground.add(await startServers({ folder: dataFolder, ports, node }));
	say('  ✓ Authorisation server, ticket desk and request catcher are ready');
	const n8n = foreground.add(await startN8nWithPackage(ports.n8n));
	foreground.tellAddress(n8n.url);
	const { asExpected } = await runAutomation(n8n, servers);
	if (once) return asExpected ? 0 : 1;
	tellWhere(n8n, servers);
	await n8n.closed;
	throw new Error(`n8n has ended: ${n8n.ended()}. The end of its log:\n${n8n.log().split('\n').slice(-20).join('\n')}`);
}

module.exports = { demonstrate };
