'use strict';
const { median, number } = require('./statistics');
const { httpRequest, sendsExpression, sendsItem, withBasic, withNothing, withOAuth2 } = require('./nodes');

/**
 * Webhook Dispatch against HTTP Request, with n8n's own credentials there.
 * `atLeast`: how many times as fast it is meant to be.
 */
const COMPARISONS = [
	{ id: 'plain', work: 'Item as JSON body, HTTP', atLeast: 8, send: sendsItem, scheme: 'http', sign: withNothing },
	{ id: 'tls', work: 'Item as JSON body, TLS', atLeast: 12, send: sendsItem, scheme: 'https', sign: withNothing },
	{
		id: 'basic',
		work: 'Item as JSON body, Basic credential',
		atLeast: 20,
		send: sendsItem,
		scheme: 'http',
		sign: withBasic,
	},
	{
		id: 'oauth2',
		work: 'Item as JSON body, OAuth2 client credentials',
		atLeast: 20,
		send: sendsItem,
		scheme: 'http',
		sign: withOAuth2,
	},
	{
		id: 'expression',
		work: 'Body by an expression, HTTP',
		atLeast: 1.6,
		send: sendsExpression,
		scheme: 'http',
		sign: withNothing,
	},
	{
		id: 'expression-tls',
		work: 'Body by an expression, TLS',
		atLeast: 3,
		send: sendsExpression,
		scheme: 'https',
		sign: withNothing,
	},
	{
		id: 'expression-basic',
		work: 'Body by an expression, Basic credential',
		atLeast: 4.5,
		send: sendsExpression,
		scheme: 'http',
		sign: withBasic,
	},
];

/** The two nodes of a row. */
function nodesOf({ send, scheme, sign }, { receiver, credentials }) {
	const url = `${receiver[scheme]}/hook`;
	const { ours, theirs } = sign(credentials);
	const node = send(url);
	return {
		ours: { ...node, parameters: { ...node.parameters, ...ours[0] }, ...(ours[1] && { credentials: ours[1] }) },
		theirs: httpRequest(url, ...theirs),
	};
}

/**
 * Measures the rows side by side: all of them once, then all again, each time the other node first, so that
 * what else the machine does hits both.
 * @param {string[]} ids
 * @param {import('./run').Bench} bench
 * @returns {Promise<import('./report').Row[]>} with what was counted besides, in `measurements`
 */
async function compare(ids, bench) {
	const { instance, runs, items, authorizationServer } = bench;
	const rows = COMPARISONS.filter(({ id }) => ids.includes(id)).map((row) => ({
		...row,
		nodes: nodesOf(row, bench),
		measurements: { ours: [], theirs: [] },
		warmUps: { ours: [], theirs: [] },
	}));
	for (let round = 0; round <= runs; round++) {
		bench.note(round === 0 ? 'a first run of each, which does not count' : `run ${round} of ${runs}`);
		for (const row of rows) {
			for (const side of round % 2 === 0 ? ['ours', 'theirs'] : ['theirs', 'ours']) {
				const before = await authorizationServer.tokenRequests();
				const measurement = await instance.measure(row.nodes[side], items);
				check(row, side, measurement, items);
				measurement.tokenRequests = (await authorizationServer.tokenRequests()) - before;
				(round === 0 ? row.warmUps : row.measurements)[side].push(measurement);
			}
		}
	}
	return rows.map((row) => {
		const ours = row.measurements.ours.map(({ ms }) => ms);
		const theirs = row.measurements.theirs.map(({ ms }) => ms);
		const ratio = median(theirs) / median(ours);
		return {
			...row,
			unit: 'ms',
			ours,
			beside: theirs,
			result: `${number(ratio)} × faster`,
			target: `at least ${row.atLeast} ×`,
			reached: ratio >= row.atLeast,
			ratio,
		};
	});
}

/** What is not sent is not fast. */
function check({ id }, side, { items, received }, wanted) {
	if (items !== wanted || received.requests !== wanted || received.bodyBytes < wanted * 100) {
		throw new Error(`${id}, ${side}: ${wanted} items in, ${items} out, ${JSON.stringify(received)}`);
	}
}

/**
 * What was counted while the rows were measured.
 * @param {Awaited<ReturnType<typeof compare>>} rows
 * @returns {import('./report').Row[]}
 */
function counts(rows, { concurrency }) {
	const all = (side, part) => rows.flatMap((row) => [...row.warmUps[side], ...row.measurements[side]].map(part));
	const most = (side, part) => [Math.max(...all(side, part))];
	const made = [];
	const add = (row) => made.push({ unit: '', ...row });
	const connections = most('ours', ({ received }) => received.connections);
	add({
		id: 'connections',
		work: 'Connections opened in a run, at most',
		ours: connections,
		beside: most('theirs', ({ received }) => received.connections),
		result: '',
		target: `at most the concurrency (${concurrency})`,
		reached: connections[0] <= concurrency,
	});
	const withCredential = rows.filter(({ sign }) => sign !== withNothing);
	if (withCredential.length > 0) {
		const reads = (side) => [
			Math.max(...withCredential.flatMap((row) => row.measurements[side].map((run) => run.credentialReads))),
		];
		add({
			id: 'credential-reads',
			work: 'Credential reads in a run, at most',
			ours: reads('ours'),
			beside: reads('theirs'),
			result: '',
			target: 'one',
			reached: reads('ours')[0] === 1,
		});
	}
	const oAuth2 = rows.find(({ id }) => id === 'oauth2');
	if (oAuth2) {
		const requests = (side) => [
			[...oAuth2.warmUps[side], ...oAuth2.measurements[side]].reduce((sum, run) => sum + run.tokenRequests, 0),
		];
		add({
			id: 'token-requests',
			work: 'Token requests, over all runs of the OAuth2 row',
			ours: requests('ours'),
			beside: requests('theirs'),
			result: '',
			target: 'one',
			reached: requests('ours')[0] === 1,
		});
	}
	return made;
}

module.exports = { COMPARISONS, compare, counts };
