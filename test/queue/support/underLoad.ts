import { inParallel } from '../../soak/load';
import { waitFor } from '../../../tools/lib/wait';
import type { Context } from './context';
import { newestId, settled, statusCounts, type Listed } from './executions';
import { commentIn, commentOf } from './ratings';
import { answerCounts, type Answer } from './sender';
import { listed } from './table';

const COUNT = 200;
const AT_A_TIME = 12;
const MIDDLE = 60;

/** How long a sender waits for its response here. */
const PATIENCE = 20_000;

/** What came of ratings that were sent while something was killed. */
export interface UnderLoad {
	answers: Answer[];
	executions: Listed[];
	/** Ratings that were with a response of 201, and those of them without a ticket: must be none. */
	accepted: number;
	acceptedWithoutTicket: number;
	/** Ticket requests that were acknowledged, ratings with one, and ratings with more than one. */
	tickets: number;
	repeated: number;
	/** Ratings without a response of 201, but with a ticket. */
	unacknowledged: number;
}

/**
 * Sends ratings, lets `act` do its worst when some have got through, and counts when all is quiet again.
 * @param deadline how long n8n gets for its executions, in milliseconds
 */
export async function underLoad(
	{ cluster, ratings }: Context,
	series: string,
	act: () => Promise<void>,
	deadline: number,
): Promise<UnderLoad> {
	const before = await newestId(cluster);
	const sending = inParallel(COUNT, AT_A_TIME, (number) => ratings.submit(series, number, PATIENCE));
	await waitFor(async () => (await ratings.desk()).requests.length >= MIDDLE, {
		what: 'the middle of the load',
		every: 50,
	});
	await act();
	const answers = await sending;
	const executions = await settled(cluster, ratings.workflowId, before, deadline);
	const { requests } = await ratings.desk();
	const opened = new Map<string, number>();
	for (const request of requests.filter(({ status }) => status === 201)) {
		opened.set(commentIn(request), (opened.get(commentIn(request)) ?? 0) + 1);
	}
	const withTicket = (number: number) => opened.has(commentOf(series, number));
	const numbers = answers.map((_, number) => number);
	return {
		answers,
		executions,
		accepted: numbers.filter((number) => answers[number]?.status === 201).length,
		acceptedWithoutTicket: numbers.filter((number) => answers[number]?.status === 201 && !withTicket(number)).length,
		tickets: opened.size,
		repeated: [...opened.values()].filter((times) => times > 1).length,
		unacknowledged: numbers.filter((number) => answers[number]?.status !== 201 && withTicket(number)).length,
	};
}

/** For the table. */
export const sendersText = ({ answers }: UnderLoad): string =>
	`of ${answers.length}: ${listed(answerCounts(answers), (status) => (status === 'none' ? 'no response' : status))}`;
export const executionsText = ({ executions }: UnderLoad): string => listed(statusCounts(executions));
export const ticketsText = ({ tickets, repeated, unacknowledged, acceptedWithoutTicket }: UnderLoad): string =>
	`${tickets} tickets, ${repeated} twice; ${acceptedWithoutTicket} missing after a 201; ${unacknowledged} opened, but the sender did not get the 201`;
