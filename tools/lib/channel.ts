import type { ChildProcess } from 'node:child_process';

/** Questions and answers between a process and one that it started with `startChild`; all values are as in JSON. */

interface Question {
	id: number;
	question: string;
	argument?: unknown;
}

type Answer = { id: number; value: unknown } | { id: number; fault: string };

/** What a process answers, by the name of the question. */
export type Answers = Record<string, (argument: never) => unknown>;

/** Asks one question of a process. It rejects when the process answers with a fault, or has ended. */
export type Ask = <T = void>(question: string, argument?: unknown) => Promise<T>;

/**
 * The asking side.
 * @param name of the process, for messages
 * @param started by `startChild`
 */
export function channelTo(name: string, { child, log }: { child: ChildProcess; log(): string }): Ask {
	const open = new Map<number, { answered(answer: Answer): void; ended(): void }>();
	let last = 0;
	child.on('message', (answer: Answer) => open.get(answer.id)?.answered(answer));
	child.once('exit', () => {
		for (const { ended } of open.values()) ended();
	});
	return async <T>(question: string, argument?: unknown) =>
		await new Promise<T>((resolve, reject) => {
			const id = ++last;
			const settle = (work: () => void) => {
				open.delete(id);
				work();
			};
			const ended = () => settle(() => reject(new Error(`${name} has ended:\n${log()}`)));
			open.set(id, {
				answered: (answer) =>
					settle(() =>
						'fault' in answer ? reject(new Error(`${name}: ${answer.fault}`)) : resolve(answer.value as T),
					),
				ended,
			});
			if (child.connected) child.send({ id, question, argument } satisfies Question);
			else ended();
		});
}

/** The answering side, in the process that was started: it lives until it is ended, or its starter has gone. */
export function answerQuestions(answers: Answers): void {
	// The guard lets the channel keep nothing alive, but there may be nothing else yet.
	process.channel?.ref();
	process.on('message', (asked: Question) => void answer(asked));

	async function answer({ id, question, argument }: Question) {
		const respond = (answered: Answer) => void process.send?.(answered);
		try {
			const work = answers[question];
			if (!work) throw new Error(`There is no response to ${question}`);
			respond({ id, value: await work(argument as never) });
		} catch (cause) {
			respond({ id, fault: (cause as Error).stack ?? String(cause) });
		}
	}
}
