import { isAllowedDomain } from '../../http/allowedDomains';
import { OUTSIDE_ALLOWED_DOMAINS, type NetworkFault } from '../../http/networkFault';
import { retryAfterMs } from '../../http/retryAfter';
import { isRetryableStatus } from '../../http/retryable';
import { fail, ok, type Result } from '../../result/result';
import { parseUrl } from '../../text/parseUrl';
import { cleanServerText } from '../../text/redaction';
import { secretsOf } from '../credential/credentialSecrets';
import type { OAuth2Credential } from '../credential/oAuth2Credential';
import { endpointLabel } from '../credential/tokenUrl';
import { readMetadata, type ServerMetadata } from '../metadata/readMetadata';
import { wellKnownUrls } from '../metadata/wellKnownUrls';
import { openClientTls } from './clientTls';
import { exchange, type ServerAccess } from './exchange';
import type { TokenFault } from './token';
import { answerFault, preparationFault, transportFault } from './tokenFault';
import type { TokenHttpRequest, TokenHttpResponse } from './tokenTransport';
import { isWebPage } from './withoutToken';

export type MetadataResult = Result<ServerMetadata, TokenFault>;

const CHECK =
	'Check Issuer URL against the documentation of the server, or leave it empty and fill in Access Token URL instead';

/**
 * Fetches the metadata of a credential's issuer, from the first of its well-known URLs that has it: GET requests with nothing
 * of the credential in them. Whatever a server responds at one of them, the next one is asked; when there was no response, or
 * the server limits requests, it is not. Never rejects.
 */
export async function fetchMetadata(credential: OAuth2Credential, access: ServerAccess): Promise<MetadataResult> {
	const { issuerUrl, allowedDomains } = credential;
	const trust = await trustOf(credential);
	if (!trust.ok) return fail(preparationFault(endpointLabel(issuerUrl), trust.fault));
	const seen: Seen[] = [];
	for (const url of wellKnownUrls(issuerUrl)) {
		if (!isAllowedDomain(parseUrl(url)?.hostname ?? '', allowedDomains)) {
			return fail(unanswered(url, OUTSIDE_ALLOWED_DOMAINS));
		}
		const sentAt = Date.now();
		const headers = { accept: 'application/json', 'user-agent': 'n8n-nodes-webhook-dispatch' };
		const response = await exchange(access, { url, method: 'GET', headers, ...trust.value });
		if (!response.ok) return fail(unanswered(url, response.fault, credential.tls !== undefined));
		const read = readResponse(response.value, issuerUrl);
		if (read.ok) return read;
		const wait = retryAfterMs(response.value.headers['retry-after'], sentAt);
		seen.push({ url, statusCode: response.value.statusCode, ...read.fault, ...(wait !== undefined && { wait }) });
		if (response.value.statusCode === 429) break;
	}
	return fail(noMetadata(issuerUrl, seen, secretsOf(credential)));
}

/** The authorities in TLS CA are trusted here, too. The certificate itself is not presented: metadata is public. */
async function trustOf({ tls }: OAuth2Credential): Promise<Result<Pick<TokenHttpRequest, 'clientCertificate'>>> {
	if (tls === undefined) return ok({});
	const opened = await openClientTls(tls);
	if (!opened.ok) return opened;
	const { ca } = opened.value;
	return ok(ca === undefined ? {} : { clientCertificate: { ca } });
}

/** As for a token request, but for what was asked. */
function unanswered(url: string, network: NetworkFault, hasCertificate = false): TokenFault {
	const fault = transportFault(url, network, hasCertificate);
	if (fault.code === 'CANCELLED') return fault;
	const message = `No response from the metadata URL ${url}: ${network.cause}`;
	return { ...fault, message, ...(network.code === 'RESPONSE_TOO_LARGE' && { description: CHECK }) };
}

/** What was found in place of metadata. */
interface Unfit {
	readonly what: string;
	/** The issuer that is named there, when it is another one. */
	readonly other?: string;
}

interface Seen extends Unfit {
	readonly url: string;
	readonly statusCode: number;
	/** Milliseconds that the server asks to wait. */
	readonly wait?: number;
}

function readResponse({ statusCode, body }: TokenHttpResponse, issuer: string): Result<ServerMetadata, Unfit> {
	if (statusCode >= 300 && statusCode <= 399) return fail({ what: `${statusCode}, a redirect` });
	if (statusCode < 200 || statusCode > 299) return fail({ what: String(statusCode) });
	const read = readMetadata(body, issuer);
	if (read.ok) return ok(read.value);
	const { fault } = read;
	if (fault.kind === 'other issuer') {
		return fail({ what: `${statusCode} and the metadata of another issuer`, other: fault.issuer });
	}
	const something = isWebPage(body) ? 'a web page' : 'something other than a JSON object';
	return fail({ what: `${statusCode} and ${fault.kind === 'no issuer' ? 'JSON without an issuer' : something}` });
}

/** What says most comes first: the metadata of another issuer, then what passes, then all that was seen. */
function noMetadata(issuerUrl: string, seen: readonly Seen[], secrets: readonly string[]): TokenFault {
	const other = seen.find((one) => one.other !== undefined);
	const passing = seen.find(({ statusCode }) => isRetryableStatus(statusCode));
	if (passing === undefined && other?.other !== undefined) {
		return answerFault(other.url, other.statusCode, {
			message: `The metadata at ${other.url} belongs to the issuer ${cleanServerText(other.other, secrets)}, not to ${issuerUrl}`,
			description:
				'Issuer URL must be the issuer exactly as its server writes it, including a slash at the end: check it against the documentation of the server',
		});
	}
	const { url, statusCode, wait } = passing ?? seen.at(-1) ?? { url: issuerUrl, statusCode: 404 };
	const all = seen.map((one) => `${one.url} responded with ${one.what}`).join('; ');
	return answerFault(
		url,
		statusCode,
		{
			message: `There is no metadata of the issuer ${issuerUrl}: ${all}`,
			description: passing === undefined ? CHECK : 'The server is unavailable or limits requests: try again later',
		},
		wait === undefined ? {} : { retryAfterMs: wait },
	);
}
