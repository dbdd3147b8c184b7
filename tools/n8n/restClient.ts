import crypto from 'node:crypto';
import { credentialRoutes } from './rest/credentials';
import { dataTableRoutes } from './rest/dataTables';
import { executionRoutes } from './rest/executions';
import type { Call, JsonObject } from './rest/json';
import { workflowRoutes } from './rest/workflows';

/** A response of n8n's REST API that is no 2xx. */
class RestFault extends Error {
	constructor(
		what: string,
		readonly status: number,
		readonly body: unknown,
	) {
		super(`${what} responded with ${status}: ${messageIn(body) ?? JSON.stringify(body)}`);
	}
}

export interface Login {
	email: string;
	password: string;
}

/** Of an instance, as anybody may read them. */
export interface Settings {
	userManagement: { showSetupOnFirstLoad: boolean };
	[setting: string]: unknown;
}

/** A node type or credential type as the editor gets it. */
export interface TypeDescription {
	name: string;
	[part: string]: unknown;
}

export type RestClient = ReturnType<typeof createRestClient>;

/**
 * The REST API that n8n's editor uses, with the cookie of one login.
 * @param url of the instance
 */
export function createRestClient(url: string) {
	let cookie = '';
	// n8n binds a login to the browser it was made in.
	const browserId = crypto.randomUUID();

	async function whole(method: string, route: string, body: unknown): Promise<unknown> {
		const response = await fetch(`${url}/rest${route}`, {
			method,
			headers: {
				'browser-id': browserId,
				cookie,
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
			},
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const [set] = response.headers.getSetCookie().filter((each) => each.startsWith('n8n-auth='));
		if (set) cookie = set.replace(/;.*/s, '');
		const answer = parse(await response.text());
		if (!response.ok) throw new RestFault(`${method} /rest${route}`, response.status, answer);
		return answer;
	}

	/** Any route below `/rest`; what it gives is as n8n documents it, or as its editor reads it. */
	const call: Call = async <Answer>(method: string, route: string, body?: unknown) => {
		const answer = await whole(method, route, body);
		return (answer && typeof answer === 'object' && 'data' in answer ? answer.data : answer) as Answer;
	};

	const types = async (file: string): Promise<TypeDescription[]> => {
		const response = await fetch(`${url}/types/${file}.json`, { headers: { 'browser-id': browserId, cookie } });
		return (await response.json()) as TypeDescription[];
	};

	return {
		url,
		call,
		/** The headers of a signed-in browser, for routes that are not here (an event stream, a page). */
		headers: () => ({ 'browser-id': browserId, cookie }),
		browserId,
		settings: () => call<Settings>('GET', '/settings'),
		setUpOwner: (owner: Login & { firstName: string; lastName: string }) =>
			call<JsonObject>('POST', '/owner/setup', owner),
		login: ({ email, password }: Login) => call<JsonObject>('POST', '/login', { emailOrLdapLoginId: email, password }),
		credentials: credentialRoutes(call),
		workflows: workflowRoutes(call),
		executions: executionRoutes(call),
		dataTables: dataTableRoutes(call),
		nodeTypes: () => types('nodes'),
		credentialTypes: () => types('credentials'),
	};
}

const messageIn = (body: unknown): unknown =>
	typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined;

function parse(text: string): unknown {
	try {
		return text === '' ? undefined : JSON.parse(text);
	} catch {
		return text;
	}
}
