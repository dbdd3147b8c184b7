/** The messages in docs/errors.md and in the guide's last chapter are the ones that the code makes. */
import type { IExecuteFunctions, INode } from 'n8n-workflow';

import { oAuth2CredentialTypes } from '../../../lib/oauth2/credential/oAuth2Credential';
import { readOAuth2Credential } from '../../../lib/oauth2/credential/readOAuth2Credential';
import { fetchMetadata } from '../../../lib/oauth2/token/fetchMetadata';
import { transportFault } from '../../../lib/oauth2/token/tokenFault';
import { readTokenResponse } from '../../../lib/oauth2/token/tokenResponse';
import { jsonBody, jsonFieldBody } from '../../../lib/request/body';
import type { Result } from '../../../lib/result/result';
import { expiredFault } from '../../../lib/delivery/expiredToken';
import type { Delivery, DeliveryFault } from '../../../lib/delivery/delivery';
import { destinationUrl } from '../../../lib/request/destinationUrl';
import type { DeliveryCode } from '../../../lib/result/codes';
import { networkFailure, statusFailure, unavailable } from '../../../lib/delivery/failureText';
import { requestHeaders } from '../../../lib/http/headers';
import { downgradeFault, interrupted, judge, redirectFault, type Judgement } from '../../../lib/delivery/judge';
import { networkFault, OUTSIDE_ALLOWED_DOMAINS } from '../../../lib/http/networkFault';
import { failureItem } from '../../../nodes/WebhookDispatch/n8n/outputItem';
import { readSelectedFields } from '../../../lib/request/selectedFields';
import { readSigningSecret, unsignableId } from '../../../lib/signature/standardWebhooks';
import { readIdentity } from '../../../nodes/WebhookDispatch/operations/choice';
import { readRunCredential } from '../../../nodes/WebhookDispatch/n8n/itemCredential';
import { readSslCertificates } from '../../../lib/http/sslCertificates';
import { dispatchError } from '../../../nodes/WebhookDispatch/operations/webhook/dispatchError';
import { authorizingPart } from '../../../nodes/WebhookDispatch/operations/webhook/identities';
import { addHints } from '../../../nodes/WebhookDispatch/operations/webhook/hints';
import {
	itemSettings,
	readRunSettings,
	runSettings,
	type RunSettings,
} from '../../../nodes/WebhookDispatch/operations/webhook/settings';
import { clientCredential } from '../../support/oauth2/credentials';
import { answered, answering } from '../../support/oauth2/scriptedTransport';
import { presentedCertificate } from '../../../lib/http/presentedCertificate';
import { certificateFor } from '../../../lib/oauth2/token/clientTls';
import { issueCertificate } from '../../support/receiver';
import { codeOf, read, sourcesOf, tablesOf } from './markdown';

const page = read('docs/errors.md');
const tables = tablesOf(page);

const host = 'api.example.com';
const tokenUrl = 'https://login.example.com/oauth/token';

/** Why a result holds no value, in words. */
const reasonOf = <T, F extends { message: string }>(result: Result<T, F>): string =>
	result.ok ? 'no fault' : result.fault.message;

/** The message of a connection that ended with this code. */
function brokenBy(code: string, words = 'x'): string {
	const { code: deliveryCode, cause } = networkFault(Object.assign(new Error(words), { code }));
	return networkFailure(host, deliveryCode, cause).message;
}

/** What a judgement says went wrong, with the delivery or with the response. */
function faultIn(judgement: Judgement): string {
	return (judgement.ok ? judgement.value.responseFault?.message : judgement.fault.message) ?? 'no fault';
}

const rejected = judge(
	{ ok: true, statusCode: 200, headers: {}, body: Buffer.from('{"ok":false,"error":"channel_not_found"}') },
	new URL('https://slack.example/'),
	{
		successStatus: '2xx',
		retryStatuses: [],
		failsWhen: [{ path: 'ok', condition: 'equals', value: 'false', tryAgain: false }],
	},
	{ secrets: [] },
);

/** What is said of a 200 whose response could not be read for this cause. */
const unreadable = (code: 'TIMEOUT' | 'RESPONSE_TOO_LARGE', cause: string): string =>
	faultIn(
		judge(
			{ ok: false, statusCode: 200, code, cause },
			new URL(`https://${host}/`),
			{ successStatus: '2xx', retryStatuses: [], failsWhen: [] },
			{ secrets: [] },
		),
	);

const sources = ['lib', 'nodes'].map(sourcesOf).join('\n');

/** A message that cannot be had from outside; the parts of it must be in the code as they are. */
function inSources(message: string, ...parts: string[]): string {
	const missing = (parts.length === 0 ? [message] : parts).filter((part) => !sources.includes(part));
	return missing.length === 0 ? message : `not in the sources: ${missing.join('; ')}`;
}

/** An object that contains itself. */
const endless: { own?: object } = {};
endless.own = endless;

const redirect = redirectFault(new URL(`https://${host}/`), 'more than 10 times');
const downgrade = downgradeFault(new URL(`https://${host}/`), 301);
const jwt = { accessTokenUrl: tokenUrl, clientId: 'app', privateKey: 'x' };
const credentialFault = (changes: Record<string, unknown>): string => {
	const read = readOAuth2Credential(oAuth2CredentialTypes.clientCredentialsJwt, { ...jwt, ...changes });
	return read.ok ? 'no fault' : read.fault.message;
};

/** What a token endpoint's response is reported as. */
function tokenAnswer(status: number, body: unknown, headers: Record<string, string> = {}, changes = {}): string {
	const read = readOAuth2Credential(oAuth2CredentialTypes.clientCredentials, {
		...jwt,
		clientSecret: 'a client secret',
		...changes,
	});
	if (!read.ok) throw new Error(read.fault.message);
	const question = {
		credential: read.value,
		kind: 'clientCredentials',
		endpoint: tokenUrl,
		secrets: [],
		sentAt: 0,
	} as const;
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	const result = readTokenResponse(question, { statusCode: status, headers, body: text });
	return result.ok ? 'no fault' : result.fault.message;
}

/** What is told of the metadata of an issuer, when this is the response at all its URLs. */
async function metadataFault(...response: Parameters<typeof answered>): Promise<string> {
	const credential = clientCredential({ accessTokenUrl: '', issuerUrl: 'https://login.example.com' });
	return reasonOf(await fetchMetadata(credential, answering(answered(...response))));
}

/** As much of n8n's context as the checks of a run of two items read; an expression over `proxy` gives each its own. */
function runOf({
	parameters = {},
	credential,
}: {
	parameters?: object;
	credential?: (itemIndex: number) => object;
}): IExecuteFunctions {
	const valueOf = (name: string, itemIndex: number): unknown => {
		const stored = (parameters as { options?: Record<string, unknown> }).options?.[name.replace('options.', '')];
		if (stored === '={{ $json.none }}') throw new Error('x');
		return stored === undefined ? null : `http://127.0.0.1:${itemIndex}`;
	};
	return {
		getNode: () => ({ parameters }),
		getInputData: () => [{ json: {} }, { json: {} }],
		getNodeParameter: valueOf,
		getCredentials: async (_type: string, itemIndex: number) => await Promise.resolve(credential?.(itemIndex)),
	} as unknown as IExecuteFunctions;
}

const certificates: Array<Record<string, string>> = [
	{ cert: issueCertificate().cert, key: issueCertificate().key },
	{ ca: 'none' },
];

const signingSecret = readSigningSecret('whsec_!');

/** What the code says, by chapter of the page; complete for causes of connections, examples for the rest. */
const said: Record<string, string[]> = {
	TIMEOUT: [brokenBy('ETIMEDOUT'), networkFailure(host, 'TIMEOUT', 'no complete response within the timeout').message],
	CONNECTION: [
		...[
			'ECONNREFUSED',
			'ECONNRESET',
			'UND_ERR_SOCKET',
			'EPIPE',
			'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
			'EHOSTUNREACH',
			'ENETUNREACH',
			'',
		].map((code) => brokenBy(code)),
		brokenBy('UND_ERR_ABORTED', 'Proxy response (403) !== 200 when HTTP Tunneling'),
		faultIn(interrupted(new TypeError('x'), new URL(`https://${host}/`), undefined)),
		inSources('The delivery was interrupted (TypeError)', 'The delivery was interrupted ('),
		inSources('The delivery was not sent'),
	],
	DNS: [brokenBy('ENOTFOUND')],
	TLS: [
		'CERT_HAS_EXPIRED',
		'DEPTH_ZERO_SELF_SIGNED_CERT',
		'SELF_SIGNED_CERT_IN_CHAIN',
		'ERR_TLS_CERT_ALTNAME_INVALID',
		'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
		'EPROTO',
	].map((code) => brokenBy(code)),
	STATUS: [statusFailure(host, 422, 'email is missing').message],
	REDIRECT: [
		statusFailure(host, 301, '', 'https://www.example.com/events').message,
		redirect.message,
		downgrade.message,
	],
	RESPONSE_TOO_LARGE: [
		unreadable('RESPONSE_TOO_LARGE', 'the response is larger than allowed'),
		unreadable('RESPONSE_TOO_LARGE', networkFault({ code: 'UND_ERR_HEADERS_OVERFLOW' }).cause),
	],
	INVALID_URL: ['', 'example', 'ftp://example.com', 'https://a:b@example.com'].map((url) =>
		reasonOf(destinationUrl(url)),
	),
	INVALID_REQUEST: [
		...[
			['X Name', ''],
			['Content-Length', '1'],
			['X-Name', 'a\nb'],
		].map(([name = '', value]) => reasonOf(requestHeaders([{ name, value }]))),
		...['', 'a.'].map((fields) => reasonOf(readSelectedFields(fields))),
		...[undefined, '{\n  "a": b}', '{"name": "a'].map((json) => reasonOf(jsonFieldBody(json, 'JSON'))),
		reasonOf(jsonBody(endless)),
		...[
			{ timeout: 0 },
			{ deliveryId: 'a b' },
			{ idempotencyHeader: 'a b' },
			{ retryStatuses: 'abc' },
			{ retryStatuses: '204' },
			{ failsWhen: { rules: [{ condition: 'matches' }] } },
		].map((options) => reasonOf(itemSettings(options))),
		inSources('The item has no file in "data"', 'The item has no file in '),
		inSources('Input Data Field Name is empty'),
		inSources('The file in "data" is empty', 'The file in ', ' is empty'),
		inSources('The file in "data" no longer exists', ' no longer exists'),
		inSources('The file in "data" could not be read (EIO)', ' could not be read'),
		inSources(
			'The file in "data" could not be read to its end: 300000 of 500000 bytes',
			' could not be read to its end: ',
		),
		inSources(
			'The content type of the file in "data" is not valid',
			'The content type of the file in ',
			' is not valid',
		),
		inSources(
			'Type of the parameter "photo" in Body Parameters has a value that does not exist',
			'Type of the parameter ',
			' in Body Parameters has a value that does not exist',
		),
		inSources('The file could not be read within the timeout'),
		inSources('A file in Body Parameters has no name'),
		inSources('Body Parameters has no named parameter'),
		inSources('The Content-Type header contains a boundary'),
		inSources('The file is too large to be signed with an Ed25519 key (whsk_), which takes 16 MiB at most'),
		inSources('The Method is not supported'),
		inSources('A broadcast needs a body, which GET does not send'),
		inSources('The item is a failed broadcast to 3 recipients', 'The item is a failed broadcast to ', ' recipients'),
		unsignableId.message,
		inSources('An expression gave no value:', 'An expression gave no value'),
	],
	BLOCKED: [
		networkFailure('10.0.0.5', 'BLOCKED', 'the rules of this n8n instance forbid it').message,
		`The credential may not be used with ${host}`,
	],
	TOKEN: [
		tokenAnswer(401, { error: 'invalid_client', error_description: 'Bad client secret' }),
		transportFault(tokenUrl, networkFault({ code: 'ECONNREFUSED' })).message,
	],
	UNAVAILABLE: [unavailable(host).message],
	REJECTED: [
		faultIn(rejected),
		expiredFault(200, new URL('https://api.example'), { path: 'errors.code', value: '602' }, 'Access token expired', [])
			.message,
	],
	CANCELLED: [networkFailure(host, 'CANCELLED', 'the execution was cancelled').message],
};

/** Without the dots that represent what was said before. */
const bare = (text: string): string => text.replace(/^… | ?…$/g, '');

describe('errors.md', () => {
	it.each(Object.keys(said))('shows the messages of %s as they are', (code) => {
		const rows = tables.filter(({ heading }) => heading === code).flatMap((table) => table.rows);
		const shown = rows
			.filter(([cell = '']) => cell.startsWith('Looks like'))
			.flatMap(([, cell = '']) => codeOf(cell))
			.map(bare);
		const made = said[code] ?? [];
		expect(shown.filter((text) => !made.some((message) => message.endsWith(text)))).toEqual([]);
		expect(made.filter((message) => !shown.some((text) => message.endsWith(text)))).toEqual([]);
	});

	it('shows a failed item as it is', () => {
		const fault: DeliveryFault = {
			code: 'STATUS',
			statusCode: 503,
			retryable: true,
			response: {},
			...statusFailure(host, 503, 'maintenance'),
		};
		const delivery: Delivery = {
			itemIndexes: [3],
			state: 'failed',
			id: 'x',
			attempts: 3,
			scheduleStep: 0,
			settledAt: 0,
			fault,
		};
		const { json } = failureItem(delivery, { mark: 'webhookDispatch:node-1' });
		const details = json.details as Record<string, object>;
		const rows = tables[0]?.rows ?? [];
		const [title, what, next, programs, answer] = rows.map((row) => codeOf(row.at(-1) ?? ''));
		expect(title).toContain(json.error);
		expect(what).toEqual([json.message]);
		expect(String(details.description)).toContain(bare(next?.[0] ?? '?'));
		expect(Object.keys(JSON.parse(programs?.[0] ?? '{}') as object)).toEqual(Object.keys(details.delivery ?? {}));
		expect(answer).toEqual([]);
		expect(rows.map((row) => codeOf(row[1] ?? '')[0])).toEqual([
			'error',
			'message',
			'details.description',
			'details.delivery',
			'details.response',
		]);
		expect(Object.keys(json)).toEqual(['error', 'message', 'details']);
		expect(Object.keys(details)).toEqual(['delivery', 'description', 'response']);

		const { description } = dispatchError({ typeVersion: 1 } as INode, [delivery], 0);
		expect(description).toContain(json.message);
		expect(description).toContain(bare(next?.[0] ?? '?'));
		expect(page).toContain("`Turn on Retry On Fail in the node's settings to retry.`");
		const cut: Delivery = {
			...delivery,
			fault: { code: 'CONNECTION', retryable: true, ...networkFailure(host, 'CONNECTION', 'it was cut') },
		};
		expect(dispatchError({ typeVersion: 1 } as INode, [cut], 0).description).toContain(
			"Turn on Retry On Fail in the node's settings to retry.",
		);
	});

	it('shows what stops a run as it is', async () => {
		const notSelected = await authorizingPart(
			runOf({ parameters: {} }),
			{ authentication: 'basic', credentialType: 'webhookDispatchBasicApi', signing: 'none' },
			undefined,
		);
		const made = [
			...[{ authentication: '={{ 1 }}' }, { signing: 'v2' }].map((parameters) =>
				reasonOf(readIdentity(runOf({ parameters }))),
			),
			reasonOf(
				await readRunCredential(runOf({ credential: (itemIndex) => ({ user: itemIndex }) }), 'webhookDispatchBasicApi'),
			),
			...(await Promise.all(
				[{ proxy: '={{ $json.proxy }}' }, { concurrency: '={{ $json.none }}' }].map(
					async (options) => (await readRunSettings(runOf({ parameters: { options } }))).fault?.message,
				),
			)),
			...[{ retrySchedule: '5x' }, { concurrency: 0 }, { proxy: 'x' }].map((options) => reasonOf(runSettings(options))),
			reasonOf(await notSelected.of(0)),
			credentialFault({ clientId: '' }),
			credentialFault({ accessTokenUrl: 'http://example.com/' }),
			signingSecret.ok ? 'no fault' : signingSecret.fault.message,
			...(await Promise.all(certificates.map(async (data) => reasonOf(await readSslCertificates(data))))),
			reasonOf(presentedCertificate(issueCertificate(), issueCertificate())),
		];
		const table = tables.find(({ heading }) => heading === 'What stops the run as a whole');
		const shown = (table?.rows ?? []).slice(0, 8).flatMap(([cell = '']) => codeOf(cell));
		expect(shown).toEqual(made);
	});

	it('shows what is said of a response that cannot be read, and how long words may be, as they are', () => {
		expect(page).toContain(`"message": "${unreadable('TIMEOUT', 'no complete response within the timeout')}"`);
		const [, longest] = /cut at (\d+) characters/.exec(page) ?? [];
		expect(inSources(`const MAX_WORDS = ${longest};`)).not.toContain('not in the sources');
	});

	it('shows the hints as they are', () => {
		const hints: string[] = [];
		const context = {
			addExecutionHints: (...added: Array<{ message: string }>) => hints.push(...added.map(({ message }) => message)),
		};
		const delivered = { state: 'delivered' } as Delivery;
		const failed = (code: DeliveryCode, statusCode?: number) =>
			({ state: 'failed', fault: { code, statusCode, retryable: true } }) as Delivery;
		const hintsFor = (settings: Partial<RunSettings>, deliveries: Delivery[] = [], bodiesDropped = 0) =>
			addHints(
				context as unknown as IExecuteFunctions,
				{} as INode,
				{ retrySchedule: [], ...settings } as RunSettings,
				{ deliveries, durationsMs: deliveries.length === 0 ? [] : [120, 90, 2140], bodiesDropped },
			);
		const all = Array.from({ length: 998 }, () => delivered);
		hintsFor({}, [...all, failed('TIMEOUT'), failed('STATUS', 404)]);
		hintsFor({ retrySchedule: [1] });
		hintsFor({ backoff: 'exponential' });
		hintsFor({}, [], 2);
		const table = tables.find(({ heading }) => heading === 'Hints and the test');
		const shown = (table?.rows ?? []).slice(0, hints.length).flatMap(([cell = '']) => codeOf(cell));
		expect(shown.length).toBe(hints.length);
		shown.forEach((text, index) => expect(hints[index]?.replace(/<\/?b>/g, '')).toContain(text));
	});
});

describe('credential-guides.md', () => {
	it('shows what the test of a form says as it is', async () => {
		const made = [
			await metadataFault(404, ''),
			await metadataFault(200, { issuer: 'https://login.example.com/' }),
			...[400, 401].map((status) => tokenAnswer(status, { error: 'invalid_client' })),
			tokenAnswer(403, ''),
			...[404, 405].map((status) => tokenAnswer(status, '')),
			tokenAnswer(200, '<html>'),
			tokenAnswer(302, '', { location: tokenUrl }),
			credentialFault({ accessTokenUrl: 'http://example.com/' }),
			tokenAnswer(200, { token: 'x' }),
			tokenAnswer(200, { access_token: 'x', token_type: 'mac' }),
			tokenAnswer(200, { access_token: 'x', token_type: 'Bearer' }, {}, { tokenBinding: 'dpop' }),
			tokenAnswer(200, '', {}, { tokenLocation: 'header', accessTokenHeader: 'X-Auth-Token' }),
			tokenAnswer(200, '', {}, { tokenLocation: 'text' }),
			credentialFault({ tokenBinding: 'dpop', headerPrefix: 'Token' }),
			credentialFault({ tokenBinding: 'tls' }),
			...(await Promise.all(
				[tokenUrl, 'http://127.0.0.1/'].map(async (url) => {
					const [{ cert: certificate }, { key: privateKey }] = [issueCertificate(), issueCertificate()];
					return reasonOf(await certificateFor({ certificate, privateKey, passphrase: '', ca: '' }, url));
				}),
			)),
			transportFault(tokenUrl, OUTSIDE_ALLOWED_DOMAINS).message,
			credentialFault({ additionalParameters: { parameters: [{ name: 'scope', value: 'x' }] } }),
			credentialFault({ privateKey: '' }),
			credentialFault({
				jwtUse: 'authorizationGrant',
				issuer: 'another',
				privateKey: JSON.stringify({ client_email: 'robot@example.com', private_key: 'a key' }),
			}),
			'The private key is empty',
		];
		const rows =
			tablesOf(read('docs/credential-guides.md')).find(({ header }) => header[0] === 'What the test says')?.rows ?? [];
		const isName = (text: string) => /^([a-z_]+|40\d)$/.test(text);
		const shown = rows.flatMap(([cell = '']) => codeOf(cell)).filter((text) => !isName(text));
		expect(shown.length).toBeGreaterThan(10);
		const parts = shown.map((text) =>
			text
				.split('…')
				.map((part) => part.trim())
				.filter(Boolean),
		);
		expect(parts.filter((texts) => !made.some((message) => texts.every((text) => message.includes(text))))).toEqual([]);
	});
});
