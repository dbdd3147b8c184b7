import { percentEncoded } from '../text/percentEncoding';

/** Names and values that authenticate in a URL's query, in order. Names may repeat. */
export type CredentialQuery = ReadonlyArray<readonly [name: string, value: string]>;

/**
 * Adds what authenticates to the end of a URL's query. What was there stays as it is written (a signed query would be void
 * otherwise) but for parameters of the same name: what authenticates wins.
 */
export function withCredentialQuery(url: URL, query: CredentialQuery): URL {
	const names = new Set(query.map(([name]) => name));
	const kept = partsOf(url).filter((part) => !names.has(pairOf(part)[0]));
	const added = query.map(([name, value]) => `${percentEncoded(name)}=${percentEncoded(value)}`);
	return withQuery(url, [...kept, ...added]);
}

/**
 * Takes out of a URL what authenticated: a destination that redirects to another origin may repeat in its Location the
 * query that it was sent.
 */
export function withoutCredentialQuery(url: URL, query: CredentialQuery): URL {
	const parts = partsOf(url);
	const kept = parts.filter((part) => {
		const [givenName, givenValue] = pairOf(part);
		return !query.some(([name, value]) => name === givenName && value === givenValue);
	});
	return kept.length === parts.length ? url : withQuery(url, kept);
}

const partsOf = ({ search }: URL) => search.replace(/^\?/, '').split('&');

/** Name and value of a part of a query; both empty where there are none. */
const pairOf = (part: string): readonly [string, string] => [...new URLSearchParams(part)][0] ?? ['', ''];

function withQuery(url: URL, parts: string[]): URL {
	const changed = new URL(url);
	changed.search = parts.filter((part, index) => part !== '' || index > 0).join('&');
	return changed;
}
