import type { Bench, Row } from './bench';
import { CONCURRENCY } from './bench';
import type { Measurement } from './instance';
import {
	authenticated,
	BASIC,
	httpRequest,
	httpRequestWithPart,
	OAUTH2,
	sendsExpression,
	sendsFields,
	sendsItem,
	sendsPart,
	type Authentication,
	type MeasuredNode,
} from './nodes';
import { median, number } from './statistics';

/** What is measured against HTTP Request, with n8n's own credentials there. */
interface Comparison {
	id: string;
	work: string;
	/** How many times as fast it is meant to be. */
	atLeast: number;
	send: (url: string) => MeasuredNode;
	/** HTTP Request with the whole item unless given. */
	other?: (url: string) => MeasuredNode;
	scheme: 'http' | 'https';
	authentication?: Authentication;
}

export const COMPARISONS: Comparison[] = [
	{ id: 'plain', work: 'Item as JSON body, HTTP', atLeast: 8, send: sendsItem, scheme: 'http' },
	{ id: 'tls', work: 'Item as JSON body, TLS', atLeast: 12, send: sendsItem, scheme: 'https' },
	{
		id: 'basic',
		work: 'Item as JSON body, Basic credential',
		atLeast: 20,
		send: sendsItem,
		scheme: 'http',
		authentication: BASIC,
	},
	{
		id: 'oauth2',
		work: 'Item as JSON body, OAuth2 client credentials',
		atLeast: 20,
		send: sendsItem,
		scheme: 'http',
		authentication: OAUTH2,
	},
	{
		id: 'selected',
		work: 'Selected Fields, HTTP (there: an expression)',
		atLeast: 6,
		send: sendsFields,
		other: httpRequestWithPart,
		scheme: 'http',
	},
	{
		id: 'part',
		work: 'The same fields by an expression, HTTP',
		atLeast: 1.6,
		send: sendsPart,
		other: httpRequestWithPart,
		scheme: 'http',
	},
	{ id: 'expression', work: 'Body by an expression, HTTP', atLeast: 1.6, send: sendsExpression, scheme: 'http' },
	{ id: 'expression-tls', work: 'Body by an expression, TLS', atLeast: 3, send: sendsExpression, scheme: 'https' },
	{
		id: 'expression-basic',
		work: 'Body by an expression, Basic credential',
		atLeast: 4.5,
		send: sendsExpression,
		scheme: 'http',
		authentication: BASIC,
	},
];

const SIDES = ['ours', 'theirs'] as const;
type Side = (typeof SIDES)[number];

interface Measured extends Measurement {
	tokenRequests: number;
}

/** A comparison that was made, with what was counted besides. */
export interface ComparisonRow extends Row, Comparison {
	ratio: number;
	nodes: Record<Side, MeasuredNode>;
	measurements: Record<Side, Measured[]>;
	warmUps: Record<Side, Measured[]>;
}

/** The two nodes of a row. */
function nodesOf({ send, other = httpRequest, scheme, authentication }: Comparison, { receiver, credentials }: Bench) {
	const url = `${receiver[scheme]}/hook`;
	const pair = authentication && credentials[authentication.credential];
	return {
		ours: authenticated(send(url), authentication?.ours ?? {}, pair?.ours),
		theirs: authenticated(other(url), authentication?.theirs ?? {}, pair?.theirs),
	};
}

/**
 * Measures the rows side by side: all of them once, then all again, each time the other node first, so that
 * what else the machine does hits both.
 */
export async function compare(ids: string[], bench: Bench): Promise<ComparisonRow[]> {
	const { instance, runs, items, authorizationServer } = bench;
	const rows = COMPARISONS.filter(({ id }) => ids.includes(id)).map((row) => ({
		...row,
		nodes: nodesOf(row, bench),
		measurements: { ours: [] as Measured[], theirs: [] as Measured[] },
		warmUps: { ours: [] as Measured[], theirs: [] as Measured[] },
	}));
	for (let round = 0; round <= runs; round++) {
		bench.note(round === 0 ? 'a first run of each, which does not count' : `run ${round} of ${runs}`);
		for (const row of rows) {
			for (const side of round % 2 === 0 ? SIDES : SIDES.toReversed()) {
				const before = await authorizationServer.tokenRequests();
				const measurement = await instance.measure(row.nodes[side], items);
				check(row, side, measurement, items);
				const tokenRequests = (await authorizationServer.tokenRequests()) - before;
				(round === 0 ? row.warmUps : row.measurements)[side].push({ ...measurement, tokenRequests });
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
function check({ id }: Comparison, side: Side, { items, received }: Measurement, wanted: number): void {
	if (items !== wanted || received.requests !== wanted || received.bodyBytes < wanted * 100) {
		throw new Error(`${id}, ${side}: ${wanted} items in, ${items} out, ${JSON.stringify(received)}`);
	}
}

/** What was counted while the rows were measured. */
export function counts(rows: ComparisonRow[]): Row[] {
	const both = (of: (side: Side) => number) => ({ ours: [of('ours')], beside: [of('theirs')] });
	const all = (row: ComparisonRow, side: Side) => [...row.warmUps[side], ...row.measurements[side]];
	const row = (
		id: string,
		work: string,
		values: Pick<Row, 'ours' | 'beside'>,
		target: string,
		reached: boolean,
	): Row => ({
		id,
		work,
		unit: '',
		...values,
		result: '',
		target,
		reached,
	});
	const connections = both((side) =>
		Math.max(...rows.flatMap((each) => all(each, side).map(({ received }) => received.connections))),
	);
	const isWithin = connections.ours.every((value) => value <= CONCURRENCY);
	const isOne = ({ ours }: Pick<Row, 'ours'>) => ours.every((value) => value === 1);
	const limit = `at most the concurrency (${CONCURRENCY})`;
	const made = [row('connections', 'Connections opened in a run, at most', connections, limit, isWithin)];
	const withCredential = rows.filter(({ authentication }) => authentication);
	if (withCredential.length > 0) {
		const reads = both((side) =>
			Math.max(...withCredential.flatMap(({ measurements }) => measurements[side].map((run) => run.credentialReads))),
		);
		made.push(row('credential-reads', 'Credential reads in a run, at most', reads, 'one', isOne(reads)));
	}
	const oAuth2 = rows.find(({ id }) => id === 'oauth2');
	if (oAuth2) {
		const requests = both((side) => all(oAuth2, side).reduce((sum, run) => sum + run.tokenRequests, 0));
		const work = 'Token requests, over all runs of the OAuth2 row';
		made.push(row('token-requests', work, requests, 'one', isOne(requests)));
	}
	return made;
}
