import { ok, refused, type Result } from '../../result/result';
import { isStreamed, type SignedBody } from '../signedBody';
import type { Placeholder, Template } from './template';

/** The parts of a request that can be signed, whichever way it goes. */
export interface RequestParts {
	readonly id: string;
	/** Seconds since 1970, as digits: of a request that came in, as they were written. */
	readonly timestamp: string;
	readonly timestampMs: string;
	readonly method: string;
	/** Undefined where it is not known, and nothing needs it. */
	readonly url?: URL;
	readonly contentType: string;
	readonly body: SignedBody;
	/** Hex; empty where nothing needs it. */
	readonly bodySha256: string;
}

/** What is signed, in order: texts, and the body. */
export type SignedParts = ReadonlyArray<string | { readonly body: SignedBody }>;

/** What a template becomes with a request. */
export function contentOf(template: Template, request: RequestParts): Result<SignedParts> {
	const parts: Array<string | { body: SignedBody }> = [];
	for (const part of template) {
		if (typeof part === 'string') parts.push(part);
		else if (part.placeholder === 'body') parts.push({ body: request.body });
		else if (part.placeholder === 'form') {
			const form = formContent(request);
			if (!form.ok) return form;
			parts.push(form.value);
		} else parts.push(partOf(request, part.placeholder));
	}
	return ok(parts);
}

/** The text that replaces a placeholder; none for those that are no text by themselves. */
export function partOf(request: RequestParts, name: Placeholder): string {
	const { url } = request;
	switch (name) {
		case 'url':
			return url?.href ?? '';
		case 'path':
			return url?.pathname ?? '';
		case 'query':
			return url?.search.slice(1) ?? '';
		case 'body':
		case 'form':
		case 'signature':
			return '';
		default:
			return request[name];
	}
}

/** Whether a body is a form, which Twilio signs by its fields. */
export const isForm = ({ contentType }: Pick<RequestParts, 'contentType'>): boolean =>
	/^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType);

/** Names and values one after another, by name; equal values of a name count once. Nothing for a body that is no form. */
function formContent(request: RequestParts): Result<string> {
	if (!isForm(request)) return ok('');
	const { body } = request;
	if (isStreamed(body)) {
		return refused(
			'A form that is sent as a file cannot be signed by its fields',
			'Select Form under Body, or another Preset in the signing credential.',
		);
	}
	const fields = new URLSearchParams(typeof body === 'string' ? body : Buffer.from(body).toString('utf8'));
	const names = [...new Set(fields.keys())].sort();
	return ok(names.flatMap((name) => [...new Set(fields.getAll(name))].sort().map((value) => name + value)).join(''));
}

/**
 * The URL with a query parameter set, the rest of it as it was: `URLSearchParams` would write every parameter in its own way.
 */
export function withParameter(url: URL, name: string, value: string): URL {
	const others = url.search
		.slice(1)
		.split('&')
		.filter((pair) => pair !== '' && pair.split('=')[0] !== name);
	const changed = new URL(url);
	changed.search = [...others, `${name}=${value}`].join('&');
	return changed;
}
