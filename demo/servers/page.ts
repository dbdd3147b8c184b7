import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Safe between tags and in quoted attributes. */
export const escapeHtml = (value: unknown): string =>
	String(value ?? '').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

const STYLE = `
	:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
	body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
	h1 { font-size: 1.4rem; }
	.quiet { opacity: .65; }
	table { border-collapse: collapse; width: 100%; }
	th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #8884; }
	pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.45 ui-monospace, monospace; }
	article { border: 1px solid #8884; border-radius: 8px; padding: .8rem 1rem; margin: 1rem 0; }
	code { font: 13px ui-monospace, monospace; }
	header { display: flex; align-items: baseline; justify-content: space-between; gap: 1rem; flex-wrap: wrap; }
	textarea { width: 100%; box-sizing: border-box; font: 13px ui-monospace, monospace; }
	button { font: inherit; padding: .2rem .8rem; cursor: pointer; }
	summary { cursor: pointer; }
	:focus-visible { outline: 2px solid #2f81f7; outline-offset: 2px; }
`;

/** Shows what is new, but not while somebody reads what is unfolded, or marks text. */
const RELOAD =
	"setInterval(() => { if (!document.querySelector('details[open]') && String(getSelection()) === '') location.reload(); }, 3000);";
const RELOAD_HASH = createHash('sha256').update(RELOAD).digest('base64');

/**
 * A page, light or dark as the browser is.
 * @param content safe HTML
 * @param options `reloads`: every few seconds
 */
export const page = (title: string, content: string, { reloads = true } = {}): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${content}
${reloads ? `<script>${RELOAD}</script>` : ''}
</body>
</html>
`;

/** A text of many lines is folded up: its start shows what it is. */
export function folded(text: string, { lines = 12, characters = 1_200 } = {}): string {
	const start = text.split('\n').slice(0, lines).join('\n').slice(0, characters);
	const whole = `<pre>${escapeHtml(text)}</pre>`;
	if (start.length === text.length) return whole;
	return `<details><summary>${text.length.toLocaleString('en-US')} characters, beginning with<pre class="quiet">${escapeHtml(start)} …</pre></summary>${whole}</details>`;
}

export function sendPage(response: ServerResponse, html: string, status = 200): void {
	response.writeHead(status, {
		'content-type': 'text/html; charset=utf-8',
		'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${RELOAD_HASH}'`,
		'cache-control': 'no-store',
	});
	response.end(html);
}

/** After a form was sent: back to the page. */
export function sendBack(response: ServerResponse, place = '/'): void {
	response.writeHead(303, { location: place }).end();
}
