/**
 * What Zendesk's Tickets API accepts when a ticket is created, and the words in which it refuses: names, enums and the
 * required comment from its OpenAPI description (shared `zendesk/tickets.openapi.yaml`), responses as
 * developer.zendesk.com documents them (introduction/requests, ticketing/introduction, tickets/tickets).
 */

import type { Attachment } from './uploads';

/** As it came, or as it is given back: what it has is checked, not its type. */
type Fields = Record<string, unknown>;

/** One complaint of `details`. */
interface Complaint {
	description: string;
	error: string;
	field_key?: string;
}

/** A ticket as Zendesk gives it back. */
export interface Ticket extends Fields {
	id: number;
	subject: string;
	description: string;
	created_at: string;
}

/** A ticket at the desk, with the requester of its request and the files of its comment. */
export interface Entry {
	ticket: Ticket;
	requester: Requester | undefined;
	attachments?: Attachment[];
}

export interface Requester {
	name?: string;
	email?: string;
	phone?: string;
}

/** A `ticket` of a create request that was found valid. */
export interface ValidTicket extends Fields {
	subject?: string;
	raw_subject?: string;
	comment: { body?: string; html_body?: string; public?: boolean; uploads?: unknown };
	requester_id?: number;
	requester?: Requester;
}

const ENUMS = {
	priority: ['urgent', 'high', 'normal', 'low'],
	status: ['new', 'open', 'pending', 'hold', 'solved', 'closed'],
	type: ['problem', 'incident', 'question', 'task'],
};

export const isObject = (value: unknown): value is Fields =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const isBlank = (value: unknown): boolean => typeof value !== 'string' || value.trim() === '';
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

function requesterFaults(requester: unknown): Complaint[] {
	if (requester === undefined) return [];
	if (!isObject(requester)) return [{ description: 'Requester: is invalid', error: 'InvalidValue' }];
	const faults: Complaint[] = [];
	if (!isBlank(requester.email) && !EMAIL.test(String(requester.email))) {
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

/** A `requester_id` is that of a user who is there already; only `requester` makes one. */
function requesterIdFaults(id: unknown, isUser: (id: number) => boolean): Complaint[] {
	if (id === undefined || id === null) return [];
	return typeof id === 'number' && isUser(id) ? [] : [{ description: 'Requester: is invalid', error: 'InvalidValue' }];
}

function commentFaults(comment: unknown): Complaint[] {
	const text = isObject(comment) ? (comment.body ?? comment.html_body) : undefined;
	return isBlank(text)
		? [{ description: 'Description: cannot be blank', error: 'BlankValue', field_key: 'description' }]
		: [];
}

function enumFaults(field: string, names: string[], value: unknown): Complaint[] {
	if (value === undefined || value === null || names.some((name) => name === value)) return [];
	return [
		{
			description: `${field.slice(0, 1).toUpperCase()}${field.slice(1)}: ${value} is not included in the list`,
			error: 'InvalidValue',
		},
	];
}

/**
 * @param ticket the `ticket` of a create request
 * @param isUser whether the desk has a user of this ID
 * @returns Zendesk's `details`, field by field; `base` is for the whole ticket
 */
function complaintsAbout(ticket: Fields, isUser: (id: number) => boolean): Record<string, Complaint[]> | undefined {
	const details: Record<string, Complaint[]> = {
		base: commentFaults(ticket.comment),
		requester: [...requesterFaults(ticket.requester), ...requesterIdFaults(ticket.requester_id, isUser)],
		...Object.fromEntries(
			Object.entries(ENUMS).map(([field, names]) => [field, enumFaults(field, names, ticket[field])]),
		),
	};
	const found = Object.entries(details).filter(([, faults]) => faults.length > 0);
	return found.length > 0 ? Object.fromEntries(found) : undefined;
}

/**
 * Checks the `ticket` of a create request.
 * @param isUser whether the desk has a user of this ID
 * @returns the ticket, or Zendesk's `details` of why it is not taken
 */
export function validate(
	ticket: Fields,
	isUser: (id: number) => boolean,
): { ok: true; ticket: ValidTicket } | { ok: false; details: object } {
	const details = complaintsAbout(ticket, isUser);
	// What has no complaint has a comment with a text.
	return details ? { ok: false, details } : { ok: true, ticket: ticket as ValidTicket };
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

/** The ticket as Zendesk gives it back. */
export function ticketOf(
	input: ValidTicket,
	{ id, url, requesterId, now }: { id: number; url: string; requesterId: number; now: Date },
): Ticket {
	const text = input.comment.body ?? input.comment.html_body ?? '';
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
