import type { IncomingHttpHeaders } from 'node:http';

import { answer, redirect, type Behaviour, type ReceivedRequest } from '../receiver';

/** The ways in which a server may give back what it was sent. */
function waysOf(text: string): string[] {
	const bytes = Buffer.from(text);
	return [
		text,
		bytes.toString('base64'),
		bytes.toString('base64url'),
		encodeURIComponent(text),
		new URLSearchParams({ v: text }).toString().slice(2),
	];
}

/** What a request was authenticated with: the whole header, its credentials, and what they are made of. */
function fromAuthorization({ authorization = '' }: IncomingHttpHeaders): string[] {
	const [, credentials = ''] = authorization.split(' ');
	if (!authorization.startsWith('Basic ')) return [authorization, credentials];
	const pair = Buffer.from(credentials, 'base64').toString();
	const secret = pair.slice(pair.indexOf(':') + 1);
	return [authorization, credentials, pair, secret, decoded(secret)];
}

/** As form encoding has it (RFC 6749 section 2.3.1); a secret that was not encoded stays as it is. */
function decoded(text: string): string {
	try {
		return decodeURIComponent(text.replaceAll('+', ' '));
	} catch {
		return text;
	}
}

/** The fields of a token request, form or JSON, by name. */
export function fieldsOf({ body }: Pick<ReceivedRequest, 'body'>): Record<string, string> {
	const text = body.toString();
	return text.startsWith('{')
		? (JSON.parse(text) as Record<string, string>)
		: Object.fromEntries(new URLSearchParams(text));
}

const SENSITIVE = ['client_secret', 'password', 'client_assertion', 'refresh_token'];

/** Everything in a token request that must not come back to light. */
const sensitiveOf = (request: ReceivedRequest): string[] => {
	const fields = fieldsOf(request);
	return [...SENSITIVE.map((name) => fields[name]), ...fromAuthorization(request.headers)].filter(
		(text) => text !== undefined && text !== '',
	) as string[];
};

/**
 * A token endpoint that responds with what it was asked with. Clients show the beginning of a long text only: each of the
 * things that are secret comes first for one value of `first`.
 */
export function echoOfToken(first: number, status: number, form: 'json' | 'html' | 'text' | 'location'): Behaviour {
	return {
		name: `token request echoed as ${form}`,
		act: (response, request) => {
			const secrets = sensitiveOf(request);
			const rotated = secrets.map((_, index) => secrets[(index + first) % secrets.length] ?? '');
			const words = rotated.map((text) => waysOf(text).join(' ')).join(' ');
			const behaviour = {
				json: () =>
					answer(status, {
						error: 'invalid_client',
						error_description: `planted-at-token ${words}`,
						request: request.body.toString(),
					}),
				html: () =>
					answer(
						status,
						`<p>planted-at-token ${words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')}</p>`,
						{ 'content-type': 'text/html' },
					),
				text: () => answer(status, `planted-at-token ${words}`),
				location: () =>
					redirect(
						`https://elsewhere.example/${encodeURIComponent(rotated[0] ?? '')}?back=${encodeURIComponent(words)}`,
					),
			}[form]();
			behaviour.act(response, request);
		},
	};
}

/** A destination that responds with what it was sent, in its body and in its headers, in every way. */
export function echoOfDelivery(
	status: number,
	form: 'json' | 'text' | 'location',
	headers: Record<string, string> = {},
): Behaviour {
	return {
		name: `delivery echoed as ${form}`,
		act: (response, request) => {
			const texts = [...fromAuthorization(request.headers), String(request.headers['x-planted'])];
			const ways = texts.map(waysOf);
			const [authorization = []] = ways;
			const echoed = { ...headers, 'x-echo': authorization[0] ?? '', 'set-cookie': `session=${authorization[3]}` };
			const echo = {
				message: `planted-in-answer ${ways.flat().join(' ')}`,
				headers: request.rawHeaders,
				keys: Object.fromEntries(ways.flat().map((way) => [way, way])),
			};
			const behaviour = {
				json: () => answer(status, echo, echoed),
				// As PHP writes JSON.
				text: () => answer(status, JSON.stringify(echo).replaceAll('/', '\\/'), echoed),
				location: () =>
					redirect(`/to/${encodeURIComponent(texts[1] ?? '')}/${authorization[2]}?token=${authorization[3]}`, status),
			}[form]();
			behaviour.act(response, request);
		},
	};
}
