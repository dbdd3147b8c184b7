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
`;

/**
 * A page that reloads itself every few seconds, without a script.
 * @param content safe HTML
 */
export const page = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="3">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${content}
</body>
</html>
`;

export function sendPage(response: ServerResponse, html: string): void {
	response.writeHead(200, {
		'content-type': 'text/html; charset=utf-8',
		'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
		'cache-control': 'no-store',
	});
	response.end(html);
}
