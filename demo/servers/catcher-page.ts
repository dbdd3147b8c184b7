'use strict';
const { escapeHtml, page } = require('./page');

const SECRET_HEADER = /^(authorization|proxy-authorization|cookie|set-cookie|.*(token|secret|api-?key|password).*)$/i;

/**
 * @param {string} name  @param {string} value
 * @returns {string} as it may be shown: of a secret its scheme, and the last four characters of a long one
 */
function masked(name, value) {
	if (!SECRET_HEADER.test(name)) return value;
	const [, scheme = '', secret] = /^(?:(\S+) +)?(.*)$/s.exec(value);
	// Base64 of "user:password" ends with the password.
	const end = secret.length >= 16 && !/^basic$/i.test(scheme) ? secret.slice(-4) : '';
	return `${scheme ? `${scheme} ` : ''}••••${end}`;
}

/** Indented when it is JSON. */
function pretty(body) {
	try {
		return JSON.stringify(JSON.parse(body), null, 2);
	} catch {
		return body;
	}
}

const article = ({ id, at, method, path, headers, body, encoding, answered }) => `<article>
<p><strong>${escapeHtml(method)}</strong> <code>${escapeHtml(path)}</code>
<span class="quiet">#${id}, ${escapeHtml(at)}, answered ${answered}</span></p>
<pre class="quiet">${headers.map(([name, value]) => escapeHtml(`${name}: ${masked(name, value)}`)).join('\n')}</pre>
<p></p>
<pre>${escapeHtml(encoding === 'utf8' ? pretty(body) : `(base64) ${body}`) || '<span class="quiet">(no body)</span>'}</pre>
</article>`;

/**
 * @param {Array<any>} caught  @returns {string} the catcher's page, the newest request first
 */
const catcherPage = (caught) =>
	page(
		'Request catcher',
		`<h1>Request catcher</h1>
<p class="quiet">Point Webhook Dispatch at any path here. <code>/status/503</code> answers 503, <code>?delay=2000</code> waits two seconds.</p>
${caught.length ? [...caught].reverse().map(article).join('\n') : '<p>Nothing arrived yet.</p>'}`,
	);

module.exports = { catcherPage, masked };
