import { waitFor } from '../lib/wait';

/**
 * Asks a production webhook once, as soon as n8n has it: n8n registers webhooks a moment after it has responded to the
 * activation, or after its start; until then it responds with 404 and runs nothing.
 * @param init as for `fetch`; `json` is sent as the body of a POST
 * @returns the response, whatever its status
 */
export async function askWebhook(
	url: string,
	{ json, ...init }: RequestInit & { json?: unknown; headers?: Record<string, string> } = {},
): Promise<Response> {
	const post = {
		method: 'POST',
		body: JSON.stringify(json),
		headers: { 'content-type': 'application/json', ...init.headers },
	};
	return await waitFor(
		async () => {
			const answer = await fetch(url, json === undefined ? init : { ...init, ...post });
			return answer.status !== 404 && answer;
		},
		{ what: `the webhook ${url}` },
	);
}
