import { askWebhook } from '../../tools/n8n/webhook';

/** A rating as a person gives it in the app. */
export interface Rating {
	rating: unknown;
	comment?: string;
	profile: { identity?: string | number; name?: string; email?: string; phone?: string };
}

/** What the automation responds. */
export interface Outcome {
	status: number;
	outcome: string;
	ticket: number | null;
	message?: string;
	[more: string]: unknown;
}

/** What an app sends on an ordinary day, and once nonsense. */
const SAMPLES: Array<Rating & { opensTicket: boolean; note?: string }> = [
	{
		rating: 2,
		comment: 'It is "slow",\nand it crashed twice.',
		profile: { name: 'Ada Lovelace', email: 'ada@example.com' },
		opensTicket: true,
	},
	{ rating: 5, comment: 'Love it!', profile: { name: 'Grace Hopper', email: 'grace@example.com' }, opensTicket: false },
	{
		rating: '3',
		comment: 'Could be better',
		profile: { name: 'Alan Turing', email: 'alan@example.com' },
		opensTicket: true,
	},
	{ rating: 4, profile: { name: 'Edsger Dijkstra', email: 'edsger@example.com' }, opensTicket: false },
	{ rating: 1, profile: { name: 'Barbara Liskov', email: 'barbara@example.com' }, opensTicket: true },
	{
		rating: 'great',
		comment: 'A rating that is no number',
		profile: { name: 'Donald Knuth', email: 'donald@example.com' },
		opensTicket: false,
		note: 'sent on purpose: n8n keeps it as a failed execution, to show what one looks like',
	},
];

/** The event as the app sends it. */
const eventOf = ({ rating, comment, profile }: Rating): object => ({
	event: 'Rating Submitted',
	event_properties: {
		'User Rating': rating,
		...(comment === undefined ? {} : { Comment: comment }),
		'Campaign Id': 1700000000,
	},
	profile: { identity: profile.email, ...profile },
});

/** Sends one rating to the automation's webhook. */
export async function submitRating(webhookUrl: string, sample: Rating): Promise<Outcome> {
	const response = await askWebhook(webhookUrl, { json: eventOf(sample) });
	const text = await response.text();
	try {
		return { status: response.status, ...(JSON.parse(text) as Omit<Outcome, 'status'>) } as Outcome;
	} catch {
		return {
			status: response.status,
			outcome: 'no response from the automation',
			ticket: null,
			message: text.slice(0, 200),
		};
	}
}

/**
 * Runs the automation over the samples.
 * @param say is given one line for each rating
 * @returns how many tickets it reported
 */
export async function runSamples(
	webhookUrl: string,
	say: (line: string) => void,
): Promise<{ tickets: number; asExpected: boolean }> {
	let tickets = 0;
	let asExpected = true;
	for (const sample of SAMPLES) {
		const answer = await submitRating(webhookUrl, sample);
		const opened = answer.ticket !== null && answer.ticket !== undefined;
		if (opened) tickets += 1;
		const isRight = opened === sample.opensTicket && (opened || answer.status < 500);
		asExpected &&= isRight;
		const what = opened
			? `ticket #${answer.ticket}`
			: `none (${answer.outcome}${isRight ? '' : `: ${answer.message ?? answer.status}`})`;
		say(
			`  ${isRight ? ' ' : '✗'} Rating ${JSON.stringify(sample.rating).padEnd(8)} ${(sample.profile.name ?? '').padEnd(16)} → ${what}`,
		);
		if (sample.note !== undefined) say(`      (${sample.note})`);
	}
	return { tickets, asExpected };
}
