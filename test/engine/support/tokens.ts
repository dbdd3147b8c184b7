import { answer, Receiver, type Behaviour } from '../../support/receiver';

/** A token endpoint that gives `token-1`, `token-2` … for a day, and a destination that takes the newest of them. */
export class Tokens {
	private given = 0;

	/** What it responds in place of a token, in turn. */
	instead: Behaviour[] = [];

	/** What it adds to its responses. */
	more: Record<string, unknown> = {};

	private constructor(readonly endpoint: Receiver) {}

	static async start(): Promise<Tokens> {
		const tokens = new Tokens(await Receiver.start());
		// Decided when it acts: a receiver may ask its chooser more than once.
		tokens.endpoint.choose(() => ({ name: 'token', act: (...request) => tokens.next().act(...request) }));
		return tokens;
	}

	private next(): Behaviour {
		const instead = this.instead.shift();
		if (instead) return instead;
		this.given += 1;
		return answer(200, { access_token: this.newest, token_type: 'Bearer', expires_in: 86_400, ...this.more });
	}

	get newest(): string {
		return `token-${this.given}-of-this-endpoint`;
	}

	get url(): string {
		return this.endpoint.url('/token');
	}

	/** The parameters of each token request. */
	get forms(): Array<Record<string, string>> {
		return this.endpoint.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body.toString())));
	}

	/** Makes a destination respond with 401 unless a request carries the newest token. */
	protect(destination: Receiver): void {
		destination.choose(() => ({
			name: 'protected',
			act: (response, request) => {
				response.statusCode = request.headers.authorization === `Bearer ${this.newest}` ? 200 : 401;
				response.end();
			},
		}));
	}

	/** The tokens given so far are no longer taken: as if one more had been given. */
	expire(): void {
		this.given += 1;
	}
}
