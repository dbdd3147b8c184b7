import { fail, ok, type Result } from '../../result/result';
import { valueAt } from '../../text/responsePath';

/** What an authorization server says about itself, as far as it is used here; nothing of it is judged yet. */
export interface ServerMetadata {
	/** Equal to the one that was asked for. */
	readonly issuer: string;
	/** Undefined when it is missing or not a text. */
	readonly tokenEndpoint?: string;
	/** The token endpoint for clients that present a certificate in TLS (RFC 8705 section 5), when it is another one. */
	readonly mtlsTokenEndpoint?: string;
	/** Lists that are missing, empty or not lists of texts are undefined. */
	readonly authenticationMethods?: readonly string[];
	/** Of client assertions. */
	readonly signingAlgorithms?: readonly string[];
	readonly grantTypes?: readonly string[];
	readonly scopes?: readonly string[];
	readonly dpopAlgorithms?: readonly string[];
	/** Whether tokens can be bound to a client certificate (RFC 8705 section 3.3). */
	readonly bindsToCertificates: boolean;
}

/** What a document is, when it is not the metadata of the issuer that was asked for. */
export type NotMetadata =
	{ readonly kind: 'not JSON' | 'no issuer' } | { readonly kind: 'other issuer'; readonly issuer: string };

/** More than any server lists, in entries and in characters. */
const MAX_ENTRIES = 200;
const LONGEST_ENTRY = 200;
const LONGEST_URL = 2000;

/**
 * Reads a metadata document (RFC 8414 section 2, OpenID Connect Discovery section 3). Its `issuer` has to be the one that was
 * asked for, to the letter (RFC 8414 section 3.3): otherwise one server could speak for another. Never throws.
 *
 * @param body the response, with whatever in it
 */
export function readMetadata(body: string, issuer: string): Result<ServerMetadata, NotMetadata> {
	const document = parsed(body);
	if (typeof document !== 'object' || document === null || Array.isArray(document)) return fail({ kind: 'not JSON' });
	const named = valueAt(document, 'issuer');
	if (typeof named !== 'string') return fail({ kind: 'no issuer' });
	if (named !== issuer) return fail({ kind: 'other issuer', issuer: named });
	return ok({
		issuer,
		tokenEndpoint: urlIn(document, 'token_endpoint'),
		mtlsTokenEndpoint: urlIn(valueAt(document, 'mtls_endpoint_aliases'), 'token_endpoint'),
		authenticationMethods: listIn(document, 'token_endpoint_auth_methods_supported'),
		signingAlgorithms: listIn(document, 'token_endpoint_auth_signing_alg_values_supported'),
		grantTypes: listIn(document, 'grant_types_supported'),
		scopes: listIn(document, 'scopes_supported'),
		dpopAlgorithms: listIn(document, 'dpop_signing_alg_values_supported'),
		bindsToCertificates: valueAt(document, 'tls_client_certificate_bound_access_tokens') === true,
	});
}

function parsed(body: string): unknown {
	try {
		return JSON.parse(body.replace(/^\uFEFF/, '')) as unknown;
	} catch {
		return undefined;
	}
}

function urlIn(document: unknown, name: string): string | undefined {
	const value = valueAt(document, name);
	return typeof value === 'string' && value.length <= LONGEST_URL ? value : undefined;
}

function listIn(document: unknown, name: string): string[] | undefined {
	const value = valueAt(document, name);
	if (!Array.isArray(value) || value.length === 0 || value.length > MAX_ENTRIES) return undefined;
	const isEntry = (entry: unknown) => typeof entry === 'string' && entry.length <= LONGEST_ENTRY;
	return value.every(isEntry) ? (value as string[]) : undefined;
}
