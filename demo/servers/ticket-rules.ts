'use strict';
/**
 * What Zendesk's Tickets API accepts when a ticket is created, and the words in which it refuses: names, enums and the
 * required comment from its OpenAPI description (shared `zendesk/tickets.openapi.yaml`), answers as
 * developer.zendesk.com documents them (introduction/requests, ticketing/introduction, tickets/tickets).
 */

const ENUMS = {
	priority: ['urgent', 'high', 'normal', 'low'],
	status: ['new', 'open', 'pending', 'hold', 'solved', 'closed'],
	type: ['problem', 'incident', 'question', 'task'],
};

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isBlank = (value) => typeof value !== 'string' || value.trim() === '';
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** @returns {Array<{ description: string, error: string }>} */
function requesterFaults(requester) {
	if (requester === undefined) return [];
	if (!isObject(requester)) return [{ description: 'Requester: is invalid', error: 'InvalidValue' }];
	const faults = [];
	if (!isBlank(requester.email) && !EMAIL.test(requester.email)) {
		faults.push({
			description: `Requester: Email:  ${requester.email} is not properly formatted`,
			error: 'InvalidFormat',
		});
	}
	if (isBlank(requester.name)) {
		faults.push({ description: 'Requester: Name:  is too short (minimum one character)', error: 'ValueTooShort' });
	}
	return faults;
}

function commentFaults(comment) {
	const text = isObject(comment) ? (comment.body ?? comment.html_body) : undefined;
	return isBlank(text)
		? [{ description: 'Description: cannot be blank', error: 'BlankValue', field_key: 'description' }]
		: [];
}

function enumFaults(field, value) {
	if (value === undefined || value === null || ENUMS[field].includes(value)) return [];
	return [
		{
			description: `${field[0].toUpperCase()}${field.slice(1)}: ${value} is not included in the list`,
			error: 'InvalidValue',
		},
	];
}

/**
 * @param {any} ticket the `ticket` of a create request
 * @returns {Record<string, object[]> | undefined} Zendesk's `details`, field by field; `base` is for the whole ticket
 */
function validateTicket(ticket) {
	const details = {
		base: commentFaults(ticket.comment),
		requester: requesterFaults(ticket.requester),
		...Object.fromEntries(Object.keys(ENUMS).map((field) => [field, enumFaults(field, ticket[field])])),
	};
	const found = Object.entries(details).filter(([, faults]) => faults.length > 0);
	return found.length > 0 ? Object.fromEntries(found) : undefined;
}

const KEPT = [
	'assignee_id',
	'brand_id',
	'collaborator_ids',
	'custom_fields',
	'custom_status_id',
	'due_at',
	'email_cc_ids',
	'external_id',
	'follower_ids',
	'group_id',
	'organization_id',
	'problem_id',
	'recipient',
	'submitter_id',
	'tags',
	'ticket_form_id',
];

/**
 * @param {any} input a valid `ticket`
 * @param {{ id: number, url: string, requesterId: number, now: Date }} facts
 * @returns {object} the ticket as Zendesk gives it back
 */
function ticketOf(input, { id, url, requesterId, now }) {
	const text = input.comment.body ?? input.comment.html_body;
	const subject = input.subject ?? input.raw_subject ?? text.slice(0, 100);
	return {
		url,
		id,
		external_id: null,
		via: { channel: 'api', source: { from: {}, to: {}, rel: null } },
		created_at: now.toISOString().replace(/\.\d+/, ''),
		updated_at: now.toISOString().replace(/\.\d+/, ''),
		type: input.type ?? null,
		subject,
		raw_subject: subject,
		description: text,
		priority: input.priority ?? null,
		status: input.status ?? 'open',
		requester_id: requesterId,
		tags: [],
		custom_fields: [],
		is_public: input.comment.public ?? true,
		...Object.fromEntries(KEPT.filter((name) => input[name] !== undefined).map((name) => [name, input[name]])),
	};
}

module.exports = { validateTicket, ticketOf, isObject };
