'use strict';
/**
 * `npm start`: from a fresh clone to a running n8n with the package in it, the rating automation run once, and an address
 * and a login to go on with. `--once` ends after the run, with 0 or 1.
 */
const path = require('node:path');
const { setUp } = require('../tools/setup');
const { dataFolder } = require('../tools/lib/paths');
const { heldBy, withLock } = require('../tools/lib/lock');
const { readJson, writeJson } = require('../tools/lib/json');
const { say, startProgress } = require('../tools/lib/progress');

const lockFile = path.join(dataFolder, 'running.lock');
const noteFile = path.join(dataFolder, 'running.json');

/** What has to be ended, the last started first. */
const running = [];
let isEnding = false;

async function endAll() {
	while (running.length > 0) {
		await Promise.allSettled([running.pop().stop()]);
	}
}

/** A signal ends everything in order; a second one at once (`exit` handlers then kill what is left). */
function endOnSignals() {
	for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1 })) {
		process.on(signal, async () => {
			if (isEnding) process.exit(128 + number);
			isEnding = true;
			if (running.length > 0) trySay('\nEnding n8n and its servers …');
			await endAll();
			process.exit(signal === 'SIGINT' ? 0 : 128 + number);
		});
	}
}

/** The terminal may be gone. */
function trySay(text) {
	try {
		say(text);
	} catch {
		// Nobody to tell.
	}
}

async function startN8nWithPackage(port) {
	const { preparePackage } = require('../tools/n8n/package');
	const { startN8n } = require('../tools/n8n/process');
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
async function demonstrate(n8n, servers) {
	const { importCredentials } = require('./automation/credentials');
	const { importWorkflows } = require('./automation/workflows');
	const { runSamples } = require('./automation/ratings');
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

async function main({ once }) {
	await setUp();
	const { ensureN8n } = require('../tools/n8n/install');
	const { choosePorts } = require('./automation/ports');
	const { startServers } = require('./automation/servers');
	const { node } = await ensureN8n();
	const ports = await choosePorts();
	for (const news of ports.moved) say(`  ! ${news}`);
	const servers = await startServers({ folder: dataFolder, ports, node });
	running.push(servers);
	say('  ✓ Authorisation server, ticket desk and request catcher are ready');
	const n8n = await startN8nWithPackage(ports.n8n);
	running.push(n8n);
	writeJson(noteFile, { url: n8n.url, pid: process.pid });
	const { asExpected } = await demonstrate(n8n, servers);
	if (once) {
		await endAll();
		return asExpected ? 0 : 1;
	}
	tellWhere(n8n, servers);
	await n8n.closed;
	if (isEnding) return await new Promise(() => {});
	await endAll();
	throw new Error(`n8n has ended: ${n8n.ended()}. The end of its log:\n${n8n.log().split('\n').slice(-20).join('\n')}`);
}

/** One demonstration in a clone at a time: they would share a database. */
async function alone(work) {
	const holder = heldBy(lockFile);
	if (holder) {
		throw new Error(
			`It runs already (process ${holder}${readJson(noteFile) ? `, ${readJson(noteFile).url}` : ''}). End that one first.`,
		);
	}
	return await withLock(lockFile, work);
}

if (require.main === module) {
	endOnSignals();
	alone(() => main({ once: process.argv.includes('--once') })).then(
		(code) => process.exit(code),
		async (error) => {
			await endAll();
			console.error(`\n${error.message}`);
			process.exit(1);
		},
	);
}
