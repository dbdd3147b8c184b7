/**
 * Steady load with faults on n8n in queue mode, while memory and open sockets of its processes are sampled:
 * `npm run soak`, `npm run soak -- --minutes 5 --rate 6 --faults 0.1`. Writes artefacts/soak/; with `--write` docs/soak.md
 * and docs/soak.svg.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { importCredentials } from '../../demo/automation/credentials';
import { startServers, type DemoServers } from '../../demo/automation/servers';
import { filledIn } from '../../demo/automation/workflows';
import type { DeskState } from '../../demo/servers/ticket-desk';
import { runCommand } from '../../tools/lib/command';
import { writeBetweenMarks } from '../../tools/lib/markdown';
import { root } from '../../tools/lib/paths';
import { say } from '../../tools/lib/progress';
import { pause, waitFor } from '../../tools/lib/wait';
import { ensureN8n } from '../../tools/n8n/install';
import { preparePackage } from '../../tools/n8n/package';
import type { RestClient } from '../../tools/n8n/restClient';
import { N8N_VERSION } from '../../tools/n8n/versions';
import { startCluster, type Cluster } from '../../tools/queue/cluster';
import { readOptions, type Options } from '../../tools/queue/options';
import { temporaryFolder } from '../../tools/queue/temporary';
import { liveMemory, liveMemoryEnvironment } from './liveMemory';
import { plot } from './plot';
import { sample, trend, type Point, type Trend } from './samples';

const OPTIONS = {
	minutes: { default: 15, help: 'how long' },
	rate: { default: 4, help: 'ratings a second' },
	faults: { default: 0.05, help: 'part of them that meets a fault at the ticket desk' },
	every: { default: 5, help: 'seconds between two samples' },
	write: { default: false, help: 'write docs/soak.md and docs/soak.svg' },
} as const;
type Wanted = Options<typeof OPTIONS>;

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
async function steadily<T>(seconds: number, rate: number, work: (index: number) => Promise<T>): Promise<T[]> {
	const start = Date.now();
	const under: Array<Promise<T>> = [];
	for (let index = 0; index < seconds * rate; index++) {
		const due = start + (index / rate) * 1000;
		if (due > Date.now()) await pause(due - Date.now());
		under.push(work(index));
	}
	return await Promise.all(under);
}

async function importRatings(client: RestClient, servers: DemoServers): Promise<void> {
	const credentials = await importCredentials(client, servers);
	const { id } = await client.workflows.create(
		filledIn('rating-to-ticket.json', { ticketsUrl: servers.ticketDesk.ticketsUrl, credentials }),
	);
	await client.workflows.activate(id);
}

/** @returns the status, 0 where there is none; never rejects */
async function submit(url: string, number: number): Promise<number> {
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
		return response.status;
	} catch {
		return 0;
	}
}

/** What was sampled of a process: resident memory, live memory and open sockets. */
type Series = Record<'megabytes' | 'live' | 'sockets', Point[]>;

async function run(
	cluster: Cluster,
	servers: DemoServers,
	liveFolder: string,
	{ minutes, rate, faults, every }: Wanted,
) {
	const { ticketDesk } = servers;
	await importRatings(cluster.client, servers);
	const url = `${cluster.webhook.url}/webhook/rating-submitted`;
	await waitFor(async () => (await submit(url, 0)) === 201, { what: 'the automation' });
	await fetch(ticketDesk.controlUrl, { method: 'DELETE' });

	const series = new Map<string, Series>();
	for (const { name } of cluster.processes) series.set(name, { megabytes: [], live: [], sockets: [] });
	const start = Date.now();
	const note = (name: string, what: keyof Series, value: number) =>
		series.get(name)?.[what].push([(Date.now() - start) / 1000, value]);
	const look = () => {
		for (const { name, pid } of cluster.processes) {
			const seen = sample(pid());
			if (!seen) continue;
			note(name, 'megabytes', seen.megabytes);
			note(name, 'sockets', seen.sockets);
		}
	};
	look();
	/** One process after the other, as each stands still meanwhile. */
	const lookDeeply = async () => {
		for (const { name, pid } of cluster.processes) {
			const live = await liveMemory(liveFolder, pid());
			if (live !== undefined) note(name, 'live', live);
		}
	};
	const timers = [
		setInterval(look, every * 1000),
		setInterval(() => void lookDeeply(), 30_000),
		setInterval(() => say(`  ${Math.round((Date.now() - start) / 60_000)} of ${minutes} minutes`), 60_000),
	];
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
	timers.forEach(clearInterval);
	const seconds = (Date.now() - start) / 1000;
	const { tickets, requests } = (await (await fetch(ticketDesk.controlUrl)).json()) as DeskState;
	const control = await (await fetch(`${servers.authorizationServer.url}/control`)).json();
	const comments = tickets.map(({ description }) => description);
	return {
		series: Object.fromEntries(series),
		seconds,
		sent: answers.length,
		answered: answers.filter((status) => status === 201).length,
		injected,
		tickets: tickets.length,
		twice: comments.length - new Set(comments).size,
		requests: requests.length,
		tokenRequests: (control as { tokenRequests: unknown[] }).tokenRequests.length,
		restarted: cluster.processes.filter((each) => each.starts() > 1).map(({ name }) => name),
	};
}

type Result = Awaited<ReturnType<typeof run>>;

const signed = (value: number, digits: number) => `${value >= 0 ? '+' : ''}${value.toFixed(digits)}`;

function report(result: Result, { minutes, rate, faults }: Wanted): string {
	const range = ({ mean, least, most }: Trend, digits: number) =>
		`${mean.toFixed(digits)} (${least.toFixed(0)} to ${most.toFixed(0)})`;
	const rows = Object.entries(result.series).map(([name, { live, megabytes, sockets }]) => {
		const [held, resident, open] = [trend(live), trend(megabytes), trend(sockets)];
		return `| ${name} | ${range(held, 1)} | ${signed(held.perHour, 0)} | ${range(resident, 0)} | ${range(open, 1)} | ${signed(open.perHour, 1)} |`;
	});
	return `${minutes} minutes, ${rate} ratings a second, ${(faults * 100).toFixed(0)} % of them with a fault at the ticket desk; ${os.cpus().length} cores, n8n ${N8N_VERSION}, two workers.

- ${result.sent} ratings sent, ${result.answered} with a response of 201, ${result.tickets} tickets, ${result.twice} of them twice; ${result.injected} faults, ${result.requests} requests at the desk, ${result.tokenRequests} token requests.
- Processes that ended by themselves: ${result.restarted.join(', ') || 'none'}.

From the second third on:

| Process | Live memory, MB: mean (least to most) | Trend, MB an hour | Resident memory, MB | Open sockets: mean (least to most) | Trend, an hour |
| --- | --- | ---: | --- | --- | ---: |
${rows.join('\n')}
`;
}

function keep(result: Result, options: Wanted): void {
	const lines = (what: keyof Series) =>
		Object.entries(result.series).map(([name, values]) => ({ name, points: values[what] }));
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
	writeBetweenMarks('docs/soak.md', 'soak', text);
	fs.writeFileSync(path.join(root, 'docs', 'soak.svg'), svg);
	say('Written to docs/soak.md and docs/soak.svg');
}

runCommand(async () => {
	const options = readOptions(OPTIONS);
	if (process.platform !== 'linux') throw new Error('The soak reads /proc: it needs Linux.');
	const { folder, forget } = temporaryFolder('soak');
	const { node } = await ensureN8n();
	const liveFolder = path.join(folder, 'live');
	let cluster: Cluster | undefined;
	let servers: DemoServers | undefined;
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
});
