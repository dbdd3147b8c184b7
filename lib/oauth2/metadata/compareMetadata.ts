import { parseUrl } from '../../text/parseUrl';
import { cleanServerText } from '../../text/redaction';
import { secretsOf } from '../credential/credentialSecrets';
import { sendsSecret, type ClientSecretFields, type OAuth2Credential } from '../credential/oAuth2Credential';
import { endpointLabel } from '../credential/tokenUrl';
import type { ServerMetadata } from './readMetadata';

/** The algorithm of this package's DPoP proofs. */
const DPOP_ALGORITHM = 'ES256';

/** As the form calls that token binding. */
const CERTIFICATE = 'TLS Client Certificate';

/** Entries of a list that are shown; what is set is always among them when it is listed. */
const SHOWN = 12;

/** One thing that the server says and the credential sets. */
interface Row {
	readonly what: string;
	readonly listed: readonly string[];
	/** In place of the list. */
	readonly inWords?: string;
	/** What is set; several when each of them would be the same setting here. */
	readonly set: readonly string[];
	/** Whether it is still no difference: a server need not list all scopes (RFC 8414 section 2), say. */
	readonly isFine?: boolean;
}

/** How the client authenticates, under the names of RFC 7591 section 2 and RFC 8705 section 2; empty for not at all. */
function authenticationOf(credential: OAuth2Credential): readonly string[] {
	const certificate = ['tls_client_auth', 'self_signed_tls_client_auth'];
	if (credential.grant !== 'clientCredentialsJwt') {
		if (sendsSecret(credential)) return [secretMethod(credential)];
		if (credential.tls) return credential.tokenBinding === 'tls' ? [...certificate, 'none'] : certificate;
		return ['none'];
	}
	const { authorizationGrant: grant } = credential;
	if (grant === undefined) return ['private_key_jwt'];
	// Beside a grant the client may stay unknown, whatever methods there are (RFC 7521 section 4.1).
	if (typeof grant.client === 'object') return [secretMethod(grant.client)];
	return credential.tls && credential.tokenBinding !== 'tls' ? certificate : [];
}

function secretMethod({ clientAuthentication, secretJwt }: ClientSecretFields): string {
	if (secretJwt) return 'client_secret_jwt';
	return clientAuthentication === 'body' ? 'client_secret_post' : 'client_secret_basic';
}

function algorithmOf(credential: OAuth2Credential): string | undefined {
	if (credential.grant !== 'clientCredentialsJwt') return credential.secretJwt?.algorithm;
	return credential.authorizationGrant ? undefined : credential.algorithm;
}

function grantOf(credential: OAuth2Credential): string {
	if (credential.customGrantType !== '') return credential.customGrantType;
	if (credential.grant === 'password') return 'password';
	return credential.grant === 'clientCredentialsJwt' && credential.authorizationGrant
		? 'urn:ietf:params:oauth:grant-type:jwt-bearer'
		: 'client_credentials';
}

/** A token endpoint that differs from the one in the metadata; undefined when it does not. */
function endpointRow(
	{ tokenEndpoint, mtlsTokenEndpoint }: ServerMetadata,
	{ accessTokenUrl }: OAuth2Credential,
): Row | undefined {
	const listed = [tokenEndpoint, mtlsTokenEndpoint].filter((url) => url !== undefined);
	const hrefOf = (url: string) => parseUrl(url)?.href;
	return listed.length === 0 || listed.some((url) => hrefOf(url) === hrefOf(accessTokenUrl))
		? undefined
		: { what: 'Token endpoint', listed: listed.map(endpointLabel), set: [endpointLabel(accessTokenUrl)] };
}

function bindingRow(
	{ dpopAlgorithms: listed, bindsToCertificates }: ServerMetadata,
	{ tokenBinding }: OAuth2Credential,
): Row | undefined {
	const what = 'Token Binding';
	if (tokenBinding === 'tls') {
		return bindsToCertificates
			? { what, listed: [CERTIFICATE], set: [CERTIFICATE] }
			: { what, listed: [], inWords: 'no certificate-bound tokens', set: [CERTIFICATE] };
	}
	if (tokenBinding === 'none') return listed && { what, listed: ['DPoP'], set: ['None'], isFine: true };
	const set = [DPOP_ALGORITHM];
	return { what: 'DPoP', listed: listed ?? [], ...(!listed && { inWords: 'no algorithms for it' }), set };
}

function rowsOf(metadata: ServerMetadata, credential: OAuth2Credential): Row[] {
	const { authenticationMethods, signingAlgorithms, grantTypes, scopes } = metadata;
	const authentication = authenticationOf(credential);
	const algorithm = algorithmOf(credential);
	const unlisted = credential.scope.split(' ').filter((scope) => scope !== '' && scopes?.includes(scope) === false);
	const rows: Array<Row | false | undefined> = [
		endpointRow(metadata, credential),
		authentication.length > 0 && {
			what: 'Client authentication',
			listed: authenticationMethods ?? ['client_secret_basic'],
			...(!authenticationMethods && { inWords: 'no methods, which means client_secret_basic' }),
			set: authentication,
		},
		algorithm !== undefined && signingAlgorithms && { what: 'Algorithm', listed: signingAlgorithms, set: [algorithm] },
		grantTypes && { what: 'Grant type', listed: grantTypes, set: [grantOf(credential)] },
		scopes && unlisted.length > 0 && { what: 'Scope', listed: scopes, set: [unlisted.join(' ')], isFine: true },
		bindingRow(metadata, credential),
	];
	return rows.filter((row) => typeof row === 'object');
}

const isListed = ({ listed, set }: Row): boolean => set.some((one) => listed.includes(one));

/**
 * What a server supports and what a credential sets, side by side, in sentences without a full stop: differences first. What
 * the server does not state is left out, but for the methods by which clients authenticate, which have a default (RFC 8414 section 2).
 *
 * @param onlyDifferences for a credential that works; otherwise all that can be said
 */
export function compareMetadata(
	metadata: ServerMetadata,
	credential: OAuth2Credential,
	onlyDifferences: boolean,
): string[] {
	const secrets = secretsOf(credential);
	const shown = (text: string) => cleanServerText(text, secrets);
	const inWords = ({ listed, set }: Row) => {
		const first = [...new Set([...listed.filter((entry) => set.includes(entry)), ...listed])];
		const more = first.length - SHOWN;
		return `${first.slice(0, SHOWN).map(shown).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
	};
	const rows = rowsOf(metadata, credential);
	const differing = rows.filter((row) => !isListed(row) && row.isFine !== true);
	const others = onlyDifferences ? [] : rows.filter((row) => !differing.includes(row));
	return [...differing, ...others].map(
		(row) => `${row.what}: the server lists ${row.inWords ?? inWords(row)}; set is ${shown(row.set.join(' or '))}`,
	);
}
