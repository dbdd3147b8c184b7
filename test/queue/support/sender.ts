/** What a sender of webhooks knows afterwards. */
export interface Answer {
	/** 0 when there was no response. */
	status: number;
	text: string;
}

/**
 * Sends once, and waits for the response for at most `patience` milliseconds.
 * @returns never rejects: no response is one, too
 */
export async function post(
	url: string,
	body: unknown,
	headers: Record<string, string> = {},
	patience = 60_000,
): Promise<Answer> {
	try {
		const response = await fetch(url, {
			method: 'POST',
			headers: { 'content-type': 'application/json', ...headers },
			body: JSON.stringify(body),
			signal: AbortSignal.timeout(patience),
		});
		return { status: response.status, text: await response.text() };
	} catch (fault) {
		return { status: 0, text: (fault as Error).message };
	}
}

/** How many responses there were of each status; `none` for no response. */
export function answerCounts(answers: Answer[]): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const { status } of answers) {
		const name = status === 0 ? 'none' : String(status);
		counts[name] = (counts[name] ?? 0) + 1;
	}
	return counts;
}
