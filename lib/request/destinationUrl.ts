import type { RequestFault } from '../result/requestFault';
import { fail, ok, type Result } from '../result/result';
import { asText, type Pair } from '../text/asText';
import { parseUrl } from '../text/parseUrl';
import { percentEncoded } from '../text/percentEncoding';

const invalid = (message: string, description: string) =>
	fail<RequestFault>({ code: 'INVALID_URL', message, description });

/**
 * Reads a Destination URL and appends query parameters to those it already has.
 *
 * @param text what the user typed or the expression gave
 * @param query pairs in order; a name may repeat, pairs without a name are left out
 * @returns the URL, or an `INVALID_URL` fault that does not repeat the URL (it may hold secrets)
 */
export function destinationUrl(text: unknown, query: Pair[] = []): Result<URL, RequestFault> {
	const trimmed = asText(text).trim();
	if (trimmed === '') {
		return invalid(
			'The Destination URL is empty',
			'Fill in the Destination URL, e.g. https://api.example.com/events. If it is an expression, check that the item has the field it reads.',
		);
	}
	const url = parseUrl(trimmed);
	if (url === undefined) {
		return invalid(
			'The Destination URL is not a URL',
			'Write it with its scheme and host, e.g. https://api.example.com/events.',
		);
	}
	if (url.protocol !== 'https:' && url.protocol !== 'http:') {
		return invalid(`The Destination URL has the scheme "${url.protocol.slice(0, 20)}"`, 'Use https:// or http://.');
	}
	if (url.username !== '' || url.password !== '') {
		return invalid(
			'The Destination URL contains a user name or password',
			'Remove them from the URL, and select Basic under Authentication.',
		);
	}
	url.hash = '';
	// Not by url.searchParams: that would write the whole query again, and a signed one would be void.
	const added = query
		.filter(({ name }) => asText(name) !== '')
		.map(({ name, value }) => `${percentEncoded(asText(name))}=${percentEncoded(asText(value))}`)
		.join('&');
	if (added !== '') url.search = url.search === '' ? added : `${url.search}&${added}`;
	return ok(url);
}
