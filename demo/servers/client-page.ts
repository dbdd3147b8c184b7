import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { escapeHtml, page } from './page';

/** The client that has no key until somebody gives it one. */
export const YOUR_CLIENT = 'your-client';

export interface ClientKeys {
	keys: JsonWebKey[];
}

/**
 * A public key as the node's operation *Key: Generate* puts it out: `jwk`, `jwks`, or the whole item.
 *
 * @returns the keys, or what is wrong in a sentence
 */
export function readPublicKeys(text: string): ClientKeys | string {
	let given: unknown;
	try {
		given = JSON.parse(text);
	} catch {
		return 'This is not JSON. Paste jwk or jwks from the output of Key: Generate.';
	}
	const item = (Array.isArray(given) ? given[0] : given) as { jwks?: unknown; jwk?: unknown; keys?: unknown } | null;
	const set = (item?.jwks ?? item) as { keys?: unknown } | null;
	const keys = (Array.isArray(set?.keys) ? set.keys : [item?.jwk ?? item]) as JsonWebKey[];
	for (const key of keys) {
		if (key?.d !== undefined) return 'This is a private key. Paste the public one: jwk or jwks.';
		try {
			createPublicKey({ key, format: 'jwk' });
		} catch {
			return 'This is not a public key. Paste jwk or jwks from the output of Key: Generate.';
		}
	}
	return { keys };
}

const keyRow = (key: JsonWebKey): string =>
	`<li><code>${escapeHtml(key.kid ?? '(no kid)')}</code> ${escapeHtml([key.kty, key.alg].filter(Boolean).join(', '))}</li>`;

/** The page that takes the public key of a client. */
export const clientPage = (tokenUrl: string, keys: JsonWebKey[], news = ''): string =>
	page(
		'Authorization server',
		`<h1>Authorization server</h1>
<p>To try a signed client assertion: paste your public key here, and fill these into a
<em>Webhook Dispatch JWT OAuth2 API</em> credential.</p>
<table>
<tr><th>Access Token URL</th><td><code>${escapeHtml(tokenUrl)}</code></td></tr>
<tr><th>Client ID</th><td><code>${YOUR_CLIENT}</code></td></tr>
<tr><th>Scope</th><td><code>tickets:write</code></td></tr>
</table>
${news ? `<p role="status"><strong>${escapeHtml(news)}</strong></p>` : ''}
<form method="post" action="/client-key">
<p><label for="key">Public key: <code>jwk</code> or <code>jwks</code> from <em>Key: Generate</em></label></p>
<p><textarea id="key" name="key" rows="8" required></textarea></p>
<p><button>Register Key</button></p>
</form>
<p class="quiet">${keys.length ? 'Registered until the demonstration ends:' : 'No key is registered yet.'}</p>
<ul>${keys.map(keyRow).join('')}</ul>`,
		{ reloads: false },
	);
