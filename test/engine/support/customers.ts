import { answer, Receiver, type Behaviour, type ReceivedRequest, type ReceiverOptions } from '../../support/receiver';

/**
 * Customers with their own destination each. Everything that is one customer's says so: `password-of-ada`. So whoever
 * sees anything of another's can be found by searching all that it received.
 */
export interface Customer {
	name: string;
	receiver: Receiver;
}

const NAMES = ['ada', 'ben', 'cyd', 'dov', 'eva', 'fay'];

/** Starts the destinations of so many customers. */
export async function startCustomers(count: number, options: ReceiverOptions = {}): Promise<Customer[]> {
	return await Promise.all(
		NAMES.slice(0, count).map(async (name) => ({ name, receiver: await Receiver.start(options) })),
	);
}

/** Whose things are in a text, each once. */
export const ownersIn = (text: string): string[] =>
	[...new Set([...text.matchAll(/-of-([a-z]+)/g)].map(([, name = '']) => name))].sort();

/** All that a request holds, with what is encoded in it (Basic, JWT) in plain text as well. */
export function allOf({ url, rawHeaders, body }: Pick<ReceivedRequest, 'url' | 'rawHeaders' | 'body'>): string {
	const text = [decodeURIComponent(url), ...rawHeaders, decodeURIComponent(body.toString('utf8'))].join('\n');
	const encoded = text.match(/[\w+/-]{8,}={0,2}/g) ?? [];
	return [text, ...encoded.map((part) => decodeURIComponent(Buffer.from(part, 'base64').toString('latin1')))].join(
		'\n',
	);
}

/** `decodeURIComponent` for what may be no such text. */
function decodeURIComponent(text: string): string {
	try {
		return globalThis.decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** Whose things a receiver has seen, over all its requests. */
export const ownersSeenBy = (receiver: Receiver): string[] => ownersIn(receiver.requests.map(allOf).join('\n'));

let given = 0;

/** Gives a token, a new one each time, of the one whose things the request holds; of several, and it says so. */
export const tokenForOwner = (): Behaviour => ({
	name: 'token of whoever asks',
	act: (response, request) => {
		const token = `token-${(given += 1)}${ownersIn(allOf(request))
			.map((name) => `-of-${name}`)
			.join('')}`;
		answer(200, { access_token: token, token_type: 'Bearer', expires_in: 3600 }).act(response, request);
	},
});

/** What a destination gets from one who came by such a token. */
export const tokenOf = (name: string): RegExp => new RegExp(`^Bearer token-\\d+-of-${name}$`);
