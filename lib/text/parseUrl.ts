/**
 * Reads a URL, by itself or against a base.
 *
 * @returns undefined when it is none
 * @source Node 20: `URL.canParse` says no to every host beyond ASCII once it was called a few thousand times
 */
export function parseUrl(text: string, base?: string | URL): URL | undefined {
	try {
		return new URL(text, base);
	} catch {
		return undefined;
	}
}
