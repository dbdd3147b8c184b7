import { escapeHtml, folded, page } from './page';
import type { Entry } from './ticket-rules';

/** The files of a ticket, each a link. */
const filesOf = ({ attachments = [] }: Entry): string =>
	attachments
		.map(
			({ file_name: name, content_url: url, size }) =>
				`<br><a href="${escapeHtml(url)}">${escapeHtml(name)}</a> <span class="quiet">${size} bytes</span>`,
		)
		.join('');

const row = ({ ticket, requester, attachments }: Entry): string => `<tr>
	<td>#${ticket.id}</td>
	<td><strong>${escapeHtml(ticket.subject)}</strong><br>${folded(ticket.description ?? '')}${filesOf({ ticket, requester, attachments })}</td>
	<td>${escapeHtml(requester?.name)}<br><span class="quiet">${escapeHtml(requester?.email)}</span></td>
	<td>${escapeHtml([ticket.type, ticket.priority, ticket.status].filter(Boolean).join(', '))}</td>
	<td class="quiet">${escapeHtml(ticket.created_at)}</td>
</tr>`;

/**
 * The desk's page, the newest ticket first.
 * @param ticketsUrl where tickets are created
 */
export function deskPage(tickets: Entry[], requests: Array<{ status: number }>, ticketsUrl: string): string {
	const refused = requests.filter(({ status }) => status >= 400).length;
	const rows = tickets.length
		? [...tickets].reverse().map(row).join('\n')
		: '<tr><td colspan="5" class="quiet">No ticket yet.</td></tr>';
	return page(
		'Ticket desk',
		`<header><h1>Ticket desk</h1>
<form method="post" action="/clear"><button${requests.length ? '' : ' disabled'}>Clear</button></form></header>
<p>Destination URL: <code>${escapeHtml(ticketsUrl)}</code></p>
<p class="quiet">${tickets.length} tickets from ${requests.length} requests, ${refused} of them refused. Kept until the demonstration ends.</p>
<table>
<tr><th></th><th>Ticket</th><th>Requester</th><th>Type, priority, status</th><th>Created</th></tr>
${rows}
</table>`,
	);
}
