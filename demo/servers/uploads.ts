import { randomBytes } from 'node:crypto';
import type { Answer } from './http';
import { isObject } from './ticket-rules';

/** Where files are uploaded, and where they can be had. */
export const UPLOAD = /^\/api\/v2\/uploads(\.json)?$/;
export const DOWNLOAD = /^\/attachments\/token\/([^/]+)$/;

/** Zendesk's limit for one file. */
export const UPLOAD_LIMIT = 50 * 1024 * 1024;

/** So long a token can be used for a ticket; then the file is deleted (support.zendesk.com, article 4408887057946). */
const TOKEN_LIFETIME_MS = 60 * 60_000;

/** A file as Zendesk describes it (developer.zendesk.com, Ticket Attachments, JSON format). */
export interface Attachment {
	id: number;
	file_name: string;
	content_type: string;
	content_url: string;
	size: number;
	inline: boolean;
	deleted: boolean;
	thumbnails: unknown[];
}

interface Upload {
	token: string;
	expiresAt: number;
	attachments: Attachment[];
}

interface UploadRequest {
	/** With `filename`, and `token` for one more file under it. */
	query: URLSearchParams;
	contentType: string | undefined;
	bytes: Buffer;
}

/**
 * The desk's files: uploaded first, then named by their token in the comment of a ticket.
 * @param baseUrl of the desk
 * @param now epoch milliseconds
 */
export function uploadShelf(baseUrl: () => string, now: () => number = Date.now) {
	const waiting = new Map<string, Upload>();
	const files = new Map<string, { attachment: Attachment; bytes: Buffer }>();
	/** Added to the clock: a test lets tokens grow old. */
	let later = 0;

	const live = (token: unknown): Upload | undefined => {
		const upload = waiting.get(String(token));
		return upload !== undefined && upload.expiresAt > now() + later ? upload : undefined;
	};

	return {
		/** Takes a file. */
		take({ query, contentType, bytes }: UploadRequest): Answer {
			const filename = query.get('filename') ?? '';
			if (filename === '') return refusal(400, 'InvalidParameter', 'filename is required');
			if (bytes.length === 0) return refusal(422, 'AttachmentUnprocessable', 'The file is empty');
			const known = query.has('token') ? live(query.get('token')) : undefined;
			if (query.has('token') && known === undefined) return refusal(404, 'RecordNotFound', 'Not found');
			const key = randomBytes(12).toString('hex');
			const attachment: Attachment = {
				id: 9_001 + files.size,
				file_name: filename,
				content_type: contentType ?? 'application/octet-stream',
				content_url: `${baseUrl()}/attachments/token/${key}?name=${encodeURIComponent(filename)}`,
				size: bytes.length,
				inline: false,
				deleted: false,
				thumbnails: [],
			};
			const token = known?.token ?? randomBytes(12).toString('hex');
			const attachments = [...(known?.attachments ?? []), attachment];
			waiting.set(token, { token, attachments, expiresAt: now() + later + TOKEN_LIFETIME_MS });
			files.set(key, { attachment, bytes });
			return { status: 201, body: { upload: { token, attachment, attachments } } };
		},
		/** @returns whether all tokens of a comment can be used */
		knows: (comment: unknown): boolean => tokensOf(comment).every((token) => live(token) !== undefined),
		/** Takes the files of a comment from the shelf: a token serves one ticket. */
		attach: (comment: unknown): Attachment[] =>
			tokensOf(comment).flatMap((token) => {
				const { attachments = [] } = live(token) ?? {};
				waiting.delete(token);
				return attachments;
			}),
		file: (path: string) => files.get(DOWNLOAD.exec(path)?.[1] ?? ''),
		letPass(milliseconds: number): void {
			later += milliseconds;
		},
		clear(): void {
			waiting.clear();
			files.clear();
			later = 0;
		},
	};
}

function tokensOf(comment: unknown): string[] {
	const uploads = isObject(comment) ? comment.uploads : undefined;
	if (uploads === undefined || uploads === null) return [];
	return (Array.isArray(uploads) ? uploads : [uploads]).map(String);
}

const refusal = (status: number, error: string, description: string): Answer => ({
	status,
	body: { error, description },
});
