import { basicHeader } from '../http/basicHeader';
import { headerField, isHeaderName, isHeaderValue, mergedFields, type HeaderFields } from '../http/headers';
import { invalidRequest, type RequestFault } from '../result/requestFault';
import { ok, type Result } from '../result/result';
import type { Authorized } from './authorization';

type Data = Readonly<Record<string, unknown>>;

/**
 * n8n's own credential types that are the same for every request, with how each authenticates: as n8n's HTTP Request node
 * does with it (n8n 2.40, `HttpRequestV3.node.ts` and `ZendeskApi.credentials.ts`). A fault names the field, never its value.
 */
export const fixedN8nCredentials = {
	httpBasicAuth: readBasic,
	httpBearerAuth: readBearer,
	httpCustomAuth: readCustom,
	httpHeaderAuth: readHeader,
	httpQueryAuth: readQuery,
	zendeskApi: readZendesk,
} satisfies Record<string, (data: Data) => Result<Authorized, RequestFault>>;

function readHeader(data: Data): Result<Authorized, RequestFault> {
	const name = textOf(data.name);
	if (name === '') return missing('Name', 'Header Auth');
	if (!isHeaderName(name)) {
		return invalidRequest(
			'Name in the Header Auth credential is not a header name',
			'Use letters, digits and hyphens, e.g. X-Api-Key. Headers of the connection itself, such as Content-Length, cannot be set.',
		);
	}
	const value = textOf(data.value);
	if (value === '') return missing('Value', 'Header Auth');
	if (!isHeaderValue(value)) return unsendable('Value', 'Header Auth');
	return ok({ ...headerField(name, value), secrets: secretsInHeader(value) });
}

function readBearer({ token: given }: Data): Result<Authorized, RequestFault> {
	const token = textOf(given);
	if (token === '') return missing('Bearer Token', 'Bearer Auth');
	if (!isHeaderValue(token)) return unsendable('Bearer Token', 'Bearer Auth');
	return ok({ ...headerField('Authorization', `Bearer ${token}`), secrets: [token] });
}

function readQuery(data: Data): Result<Authorized, RequestFault> {
	const name = textOf(data.name);
	if (name === '') return missing('Name', 'Query Auth');
	if (hasControls(name)) return withControls('Name', 'Query Auth');
	const value = textOf(data.value);
	if (value === '') return missing('Value', 'Query Auth');
	if (hasControls(value)) return withControls('Value', 'Query Auth');
	return ok({ headers: {}, query: [[name, value]], secrets: [value] });
}

function readBasic(data: Data): Result<Authorized, RequestFault> {
	const user = textOf(data.user);
	const password = textOf(data.password);
	if (user === '' && password === '') return missing('User and no Password', 'Basic Auth');
	if (hasControls(user)) return withControls('User', 'Basic Auth');
	if (hasControls(password)) return withControls('Password', 'Basic Auth');
	// Services with one key take it as the user, with no password or any character (Stripe, Freshdesk).
	return ok(basic(user, password, password.length < 2 ? [user, password] : [password]));
}

/** @source Zendesk, "Security and authentication": `{email}/token` as the user, the API token as the password */
function readZendesk(data: Data): Result<Authorized, RequestFault> {
	const email = textOf(data.email);
	if (email === '') return missing('Email', 'Zendesk API');
	if (hasControls(email)) return withControls('Email', 'Zendesk API');
	const token = textOf(data.apiToken);
	if (token === '') return missing('API Token', 'Zendesk API');
	if (hasControls(token)) return withControls('API Token', 'Zendesk API');
	return ok(basic(`${email}/token`, token, [token]));
}

function basic(user: string, password: string, secrets: string[]): Authorized {
	const { value, encoded } = basicHeader(user, password);
	return { ...headerField('Authorization', value), secrets: [encoded, ...secrets].filter((secret) => secret !== '') };
}

const CUSTOM_EXAMPLE = 'e.g. { "headers": { "X-Api-Key": "…" }, "qs": { "account": "…" } }';

/** `{ headers, qs }`. n8n's `body` would change what is sent, and with it the delivery's ID and signature. */
function readCustom({ json }: Data): Result<Authorized, RequestFault> {
	const custom = parsedObject(json);
	if (custom === undefined) {
		return invalidRequest(
			'JSON in the Custom Auth credential is not a JSON object',
			`Fill in JSON in the credential, ${CUSTOM_EXAMPLE}.`,
		);
	}
	const headers = readEntries(custom.headers, 'headers');
	if (!headers.ok) return headers;
	const qs = readEntries(custom.qs, 'qs');
	if (!qs.ok) return qs;
	const body = readEntries(custom.body, 'body');
	if (!body.ok || body.value.length > 0) {
		return invalidRequest(
			'"body" in JSON of the Custom Auth credential is not supported',
			'Remove "body" from the credential, and put these fields into Body in the node. "headers" and "qs" are sent.',
		);
	}
	const fields: HeaderFields[] = [];
	for (const [index, { name, value }] of headers.value.entries()) {
		if (!isHeaderName(name)) {
			return invalidRequest(
				`The name of entry ${index + 1} of "headers" in JSON of the Custom Auth credential is not a header name`,
				'Use letters, digits and hyphens, e.g. X-Api-Key. Headers of the connection itself, such as Content-Length, cannot be set.',
			);
		}
		if (!isHeaderValue(value)) return unsendable(`Entry ${index + 1} of "headers" in JSON`, 'Custom Auth');
		fields.push(headerField(name, value));
	}
	for (const [index, { name, value }] of qs.value.entries()) {
		if (name === '' || hasControls(name + value))
			return withControls(`Entry ${index + 1} of "qs" in JSON`, 'Custom Auth');
	}
	if (fields.length === 0 && qs.value.length === 0) return missing('"headers" or "qs" in JSON', 'Custom Auth');
	return ok({
		...mergedFields(...fields),
		...(qs.value.length > 0 && { query: qs.value.map(({ name, value }) => [name, value] as const) }),
		secrets: [
			...headers.value.flatMap((entry) => (entry.isSecret ? secretsInHeader(entry.value) : [])),
			...qs.value.flatMap((entry) => (entry.isSecret ? [entry.value] : [])),
		],
	});
}

interface Entry {
	name: string;
	value: string;
	/** Of yes or no, or a small number, a response may say as much without repeating it. */
	isSecret: boolean;
}

function readEntries(given: unknown, where: string): Result<Entry[], RequestFault> {
	if (given === undefined || given === null) return ok([]);
	if (!isObject(given)) {
		return invalidRequest(
			`"${where}" in JSON of the Custom Auth credential is not an object`,
			`Write names and values, ${CUSTOM_EXAMPLE}.`,
		);
	}
	const entries: Entry[] = [];
	for (const [index, [name, value]] of Object.entries(given).entries()) {
		if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
			return invalidRequest(
				`Entry ${index + 1} of "${where}" in JSON of the Custom Auth credential is not a string`,
				`Write names and values, ${CUSTOM_EXAMPLE}.`,
			);
		}
		const isSecret = typeof value === 'string' ? value !== '' : typeof value === 'number' && Math.abs(value) >= 1000;
		entries.push({ name, value: String(value), isSecret });
	}
	return ok(entries);
}

function parsedObject(json: unknown): Record<string, unknown> | undefined {
	if (typeof json !== 'string') return isObject(json) ? json : undefined;
	try {
		const parsed: unknown = JSON.parse(json);
		return isObject(parsed) ? parsed : undefined;
	} catch {
		return undefined;
	}
}

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value, and what follows its scheme (`Bearer …`, `Token token=…`): a destination may repeat that alone. */
function secretsInHeader(value: string): string[] {
	const [, scheme = '', credentials = ''] = /^(\S+)\s+(\S.*)$/.exec(value.trim()) ?? [];
	if (credentials === '') return [value];
	const password = /^basic$/i.test(scheme) ? Buffer.from(credentials, 'base64').toString('utf8').split(':')[1] : '';
	return [value, credentials, ...(password ? [password] : [])];
}

/** An expression may give a number. */
const textOf = (value: unknown): string =>
	typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';

const hasControls = (text: string): boolean => /\p{Cc}/u.test(text);

const missing = (field: string, credential: string) =>
	invalidRequest(
		`The ${credential} credential has no ${field}`,
		'Enter it in the credential. If it is an expression, check that the item has the field it reads.',
	);

const withControls = (field: string, credential: string) =>
	invalidRequest(
		`${field} in the ${credential} credential is empty or has line breaks or control characters`,
		'Copy it into the credential again, without line breaks.',
	);

const unsendable = (field: string, credential: string) =>
	invalidRequest(
		`${field} in the ${credential} credential has line breaks, control characters or characters beyond Latin-1`,
		'Copy it into the credential again, without line breaks.',
	);
