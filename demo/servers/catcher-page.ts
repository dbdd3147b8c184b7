import { escapeHtml, folded, page } from './page';

/** A request as it arrived. */
export interface CaughtRequest {
	id: number;
	at: string;
	method: string;
	path: string;
	/** Names as they were sent, in order; repeated ones stay apart. */
	headers: Array<[string, string]>;
	body: string;
	/** Text as text, anything else in base64. */
	encoding: 'utf8' | 'base64';
	/** The status. */
	answered: number;
}

const SECRET_HEADER = /^(authorization|proxy-authorization|cookie|set-cookie|.*(token|secret|api-?key|password).*)$/i;

/** A header's value as it may be shown: of a secret its scheme, and the last four characters of a long one. */
function masked(name: string, value: string): string {
	if (!SECRET_HEADER.test(name)) return value;
	const [, scheme = '', secret = ''] = /^(?:(\S+) +)?(.*)$/s.exec(value) ?? [];
	// Base64 of "user:password" ends with the password.
	const end = secret.length >= 16 && !/^basic$/i.test(scheme) ? secret.slice(-4) : '';
	return `${scheme ? `${scheme} ` : ''}••••${end}`;
}

/** Indented when it is JSON. */
function pretty(body: string): string {
	try {
		return JSON.stringify(JSON.parse(body), null, 2);
	} catch {
		return body;
	}
}

const article = ({ id, at, method, path, headers, body, encoding, answered }: CaughtRequest): string => `<article>
<p><strong>${escapeHtml(method)}</strong> <code>${escapeHtml(path)}</code>
<span class="quiet">#${id}, ${escapeHtml(at)}, response ${answered}</span></p>
<pre class="quiet">${headers.map(([name, value]) => escapeHtml(`${name}: ${masked(name, value)}`)).join('\n')}</pre>
<p></p>
${body === '' ? '<span class="quiet">(no body)</span>' : folded(encoding === 'utf8' ? pretty(body) : `(base64) ${body}`)}
</article>`;

/**
 * The catcher's page, the newest request first.
 * @param url the catcher's own address
 */
export const catcherPage = (caught: CaughtRequest[], url: string): string =>
	page(
		'Request catcher',
		`<header><h1>Request catcher</h1>
<form method="post" action="/_requests/clear"><button${caught.length ? '' : ' disabled'}>Clear</button></form></header>
<p>Destination URL: <code>${escapeHtml(url)}/</code>, or any path below it.</p>
<p class="quiet"><code>/status/503</code> responds with 503, <code>?delay=2000</code> waits two seconds.</p>
${caught.length ? [...caught].reverse().map(article).join('\n') : '<p>No requests yet.</p>'}`,
	);
