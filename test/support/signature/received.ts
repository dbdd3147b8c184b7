import type { INodeExecutionData } from 'n8n-workflow';

/** A request that somebody has signed. */
export interface SignedRequest {
	headers: Record<string, string | string[]>;
	body: string | Buffer;
	query?: Record<string, unknown>;
	params?: Record<string, string>;
	webhookUrl?: string;
}

/** An item as n8n 2.40.7's Webhook node puts it out with Raw Body on: measured, and held by the workflow's end-to-end test. */
export function receivedItem(request: SignedRequest): INodeExecutionData {
	const body = Buffer.from(request.body);
	return {
		json: parsedItem(request).json,
		binary: { data: { data: body.toString('base64'), mimeType: 'application/json' } },
	};
}

/** The same with Raw Body off: the parsed body alone. */
export function parsedItem({ headers, body, query = {}, params = {}, webhookUrl }: SignedRequest): INodeExecutionData {
	return {
		json: {
			headers: { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers },
			params,
			query: query as never,
			body: jsonOf(String(body)) as never,
			webhookUrl: webhookUrl ?? 'https://hooks.example.com/webhook/in',
			executionMode: 'production',
		},
	};
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}
