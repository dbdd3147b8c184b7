'use strict';
/**
 * Steady load with faults on n8n in queue mode, while memory and open sockets of its processes are sampled:
 * `npm run soak`, `npm run soak -- --minutes 5 --rate 6 --faults 0.1`. Writes artefacts/soak/; with `--write` docs/soak.md
 * and docs/soak.svg.
 */
const fs = require('node:fs');
const path = require('node:path');
const { setUp } = require('../../tools/setup');
const { root } = require('../../tools/lib/paths');
const { say } = require('../../tools/lib/progress');
const { exitOnSignals } = require('../../tools/lib/signals');
const { readOptions } = require('../../tools/queue/options');

const OPTIONS = {
	minutes: { default: 15, help: 'how long' },
	rate: { default: 4, help: 'ratings a second' },
	faults: { default: 0.05, help: 'part of them that meets a fault at the ticket desk' },
	every: { default: 5, help: 'seconds between two samples' },
	write: { default: false, help: 'write docs/soak.md and docs/soak.svg' },
};

/** What goes wrong at the desk, in turns. The node tries three times; its deliveries time out after 5 s. */
const FAULTS = [
	{ status: 503 },
	{ drop: true },
	{ status: 429, headers: { 'retry-after': '1' } },
	{ silent: true },
	{ status: 504, commit: true },
	{ status: 500 },
	{ delay: 1_500 },
];

/** Starts the work of one tick after the other, `rate` a second, whether the earlier ones are through or not. */
async function steadily(seconds, rate, work) {
	const { pause } = require('../../tools/lib/wait');
	const start = Date.now();
	const under = [];
	for (let index = 0; index < seconds * rate; index++) {
		const due = start + (index / rate) * 1000;
		if (due > Date.now()) await pause(due - Date.now());
		under.push(work(index));
	}
	return await Promise.all(under);
}

async function importRatings(client, servers) {
	const { importCredentials } = require('../../demo/automation/credentials');
	const { filledIn } = require('../../demo/automation/workflows');
	const credentials = await importCredentials(client, servers);
	const { id } = await client.workflows.create(
		filledIn('rating-to-ticket.json', { ticketsUrl: servers.ticketDesk.ticketsUrl, credentials }),
	);
	await client.workflows.activate(id);
}

/** @returns {Promise<{ status: number }>} never rejects */
async function submit(url, number) {
	try {
		const response = await fetch(url, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({
				event: 'Rating Submitted',
				event_properties: { 'User Rating': 1 + (number % 3), Comment: `Soak ${number}`, 'Campaign Id': 1700000000 },
				profile: { name: `Person ${number}`, email: `person-${number}@example.com` },
			}),
			signal: AbortSignal.timeout(60_000),
		});
		await response.text();
		return { status: response.status };
	} catch {
		return { status: 0 };
	}
}

async function run(cluster, servers, liveFolder, { minutes, rate, faults, every }) {
	const { liveMemory } = require('./liveMemory');
	const { waitFor } = require('../../tools/lib/wait');
	const { sample } = require('./samples');
	const { ticketDesk } = servers;
	await importRatings(cluster.client, servers);
	const url = `${cluster.webhook.url}/webhook/rating-submitted`;
	await waitFor(async () => (await submit(url, 0)).status === 201, { what: 'the automation' });
	await fetch(ticketDesk.controlUrl, { method: 'DELETE' });

	const series = Object.fromEntries(
		cluster.processes.map(({ name }) => [name, { megabytes: [], live: [], sockets: [] }]),
	);
	const start = Date.now();
	const look = () => {
		const at = (Date.now() - start) / 1000;
		for (const each of cluster.processes) {
			const seen = sample(each.pid());
			for (const [what, value] of Object.entries(seen ?? {})) series[each.name][what].push([at, value]);
		}
	};
	look();
	const sampling = setInterval(look, every * 1000);
	/** One process after the other, as each stands still meanwhile. */
	const lookDeeply = async () => {
		for (const { name, pid } of cluster.processes) {
			const live = await liveMemory(liveFolder, pid());
			if (live !== undefined) series[name].live.push([(Date.now() - start) / 1000, live]);
		}
	};
	const collecting = setInterval(() => void lookDeeply(), 30_000);
	const news = setInterval(() => say(`  ${Math.round((Date.now() - start) / 60_000)} of ${minutes} minutes`), 60_000);
	let owed = 0;
	let injected = 0;
	const answers = await steadily(minutes * 60, rate, async (number) => {
		owed += faults;
		if (owed >= 1) {
			owed -= 1;
			const fault = FAULTS[injected++ % FAULTS.length];
			await fetch(ticketDesk.controlUrl, { method: 'POST', body: JSON.stringify({ faults: [fault] }) });
		}
		return await submit(url, number);
	});
	clearInterval(sampling);
	clearInterval(collecting);
	clearInterval(news);
	const seconds = (Date.now() - start) / 1000;
	const { tickets, requests } = await (await fetch(ticketDesk.controlUrl)).json();
	const { tokenRequests } = await (await fetch(`${servers.authorizationServer.url}/control`)).json();
	const comments = tickets.map(({ description }) => description);
	return {
		series,
		seconds,
		sent: answers.length,
		answered: answers.filter(({ status }) => status === 201).length,
		injected,
		tickets: tickets.length,
		twice: comments.length - new Set(comments).size,
		requests: requests.length,
		tokenRequests: tokenRequests.length,
		restarted: cluster.processes.filter((each) => each.starts() > 1).map(({ name }) => name),
	};
}

const signed = (value, digits) => `${value >= 0 ? '+' : ''}${value.toFixed(digits)}`;

function report(result, { minutes, rate, faults }) {
	const { trend } = require('./samples');
	const rows = Object.entries(result.series).map(([name, values]) => {
		const [live, memory, open] = [values.live, values.megabytes, values.sockets].map(trend);
		const range = ({ mean, least, most }, digits) =>
			`${mean.toFixed(digits)} (${least.toFixed(0)} to ${most.toFixed(0)})`;
		return `| ${name} | ${range(live, 1)} | ${signed(live.perHour, 0)} | ${range(memory, 0)} | ${range(open, 1)} | ${signed(open.perHour, 1)} |`;
	});
	return `${minutes} minutes, ${rate} ratings a second, ${(faults * 100).toFixed(0)} % of them with a fault at the ticket desk; ${require('node:os').cpus().length} cores, n8n ${require('../../tools/n8n/versions').N8N_VERSION}, two workers.

- ${result.sent} ratings sent, ${result.answered} answered with 201, ${result.tickets} tickets, ${result.twice} of them twice; ${result.injected} faults, ${result.requests} requests at the desk, ${result.tokenRequests} token requests.
- Processes that ended by themselves: ${result.restarted.join(', ') || 'none'}.

From the second third on:

| Process | Live memory, MB: mean (least to most) | Trend, MB an hour | Resident memory, MB | Open sockets: mean (least to most) | Trend, an hour |
| --- | --- | ---: | --- | --- | ---: |
${rows.join('\n')}
`;
}

function keep(result, options) {
	const { plot } = require('./plot');
	const lines = (what) => Object.entries(result.series).map(([name, values]) => ({ name, points: values[what] }));
	const svg = plot([
		{ title: 'Live memory (after a collection of garbage)', unit: 'MB', lines: lines('live') },
		{ title: 'Resident memory', unit: 'MB', lines: lines('megabytes') },
		{ title: 'Open sockets', unit: 'number', lines: lines('sockets') },
	]);
	const text = report(result, options);
	const folder = path.join(root, 'artefacts', 'soak');
	fs.mkdirSync(folder, { recursive: true });
	fs.writeFileSync(path.join(folder, 'samples.json'), JSON.stringify(result));
	fs.writeFileSync(path.join(folder, 'soak.svg'), svg);
	fs.writeFileSync(path.join(folder, 'soak.md'), text);
	say(`\n${text}\nKept in ${folder}`);
	if (!options.write) return;
	const page = path.join(root, 'docs', 'soak.md');
	const [before, rest] = fs.readFileSync(page, 'utf8').split('<!-- npm run soak: begin -->');
	const after = rest.split('<!-- npm run soak: end -->')[1];
	fs.writeFileSync(page, `${before}<!-- npm run soak: begin -->\n\n${text}\n<!-- npm run soak: end -->${after}`);
	fs.writeFileSync(path.join(root, 'docs', 'soak.svg'), svg);
	say('Written to docs/soak.md and docs/soak.svg');
}

async function main() {
	const options = readOptions(OPTIONS);
	if (process.platform !== 'linux') throw new Error('The soak reads /proc: it needs Linux.');
	await setUp();
	const { startServers } = require('../../demo/automation/servers');
	const { ensureN8n } = require('../../tools/n8n/install');
	const { preparePackage } = require('../../tools/n8n/package');
	const { startCluster } = require('../../tools/queue/cluster');
	const { liveMemoryEnvironment } = require('./liveMemory');
	const { temporaryFolder } = require('../../tools/queue/temporary');
	const { folder, forget } = temporaryFolder('soak');
	const { node } = await ensureN8n();
	const liveFolder = path.join(folder, 'live');
	let cluster;
	let servers;
	try {
		cluster = await startCluster({
			folder,
			packageFolder: await preparePackage(),
			env: liveMemoryEnvironment(liveFolder),
			say,
		});
		servers = await startServers({
			folder: path.join(folder, 'servers'),
			node,
			tokenLifetime: 120,
			rateLimit: { requests: 1e6, seconds: 60 },
		});
		keep(await run(cluster, servers, liveFolder, options), options);
	} finally {
		await servers?.stop();
		await cluster?.stop();
		forget();
	}
}

exitOnSignals();
main().then(
	() => process.exit(0),
	(error) => {
		console.error(`\n${error.message}`);
		process.exit(1);
	},
);
