import { signingAlgorithms } from '../../keys/algorithm';
import { certificateHeaders } from '../../keys/certificate';
import { checkBasicHeader, readClientEncoding } from './clientSecretFields';
import { readCommonFields } from './commonFields';
import {
	booleanField,
	choiceField,
	choicesField,
	type CredentialData,
	FieldFault,
	filledField,
	listField,
	numberField,
	objectField,
	requiredField,
	textField,
} from './credentialFields';
import { agreed, readKeyFields } from './keyFields';
import type { KeyFile } from './keyFile';
import type { AuthorizationGrantFields, JwtCredential } from './oAuth2Credential';
import { readAccessTokenUrl } from './readTokenUrl';

/** An assertion that is good for longer than a day is a mistake in the unit. */
const LONGEST_ASSERTION_SECONDS = 86_400;

/** Of the form, too. */
const DEFAULT_ASSERTION_SECONDS = 60;

/** Who a JWT speaks for and to, and what it is used for. */
type Parties = Pick<
	JwtCredential,
	'accessTokenUrl' | 'clientId' | 'issuer' | 'subject' | 'additionalClaims' | 'authorizationGrant'
>;

/** Reads a JWT credential, for either use of the JWT. Throws FieldFault. */
export function readJwtCredential(data: CredentialData): JwtCredential {
	const { file, ...key } = readKeyFields(data);
	const jwtUse = choiceField(data, 'jwtUse', 'Use JWT As', ['clientAssertion', 'authorizationGrant']);
	const parties = jwtUse === 'authorizationGrant' ? readGrantParties(data, file) : readClientParties(data, file);
	if (textField(data, 'privateKey').trim() === '') {
		// The documented way to a first key: a credential is saved without one.
		throw new FieldFault('Private Key is empty', 'Paste a private key, or save, and run Key: Generate to make one');
	}
	const audiences = listField(data, 'audience', 'Audience', /\s+/);
	const common = readCommonFields(data);
	if (parties.authorizationGrant && common.additionalParameters.some(([name]) => name.toLowerCase() === 'assertion')) {
		throw new FieldFault(
			'Additional Parameters contains assertion',
			'Remove it: with Use JWT As set to Authorization Grant, the JWT of this credential is sent as assertion',
		);
	}
	return {
		grant: 'clientCredentialsJwt',
		...common,
		...parties,
		...key,
		previousPublicKey: textField(data, 'previousPublicKey'),
		algorithm: choiceField(data, 'algorithm', 'Algorithm', signingAlgorithms),
		headerType: textField(data, 'headerType', 'JWT').trim(),
		contentType: textField(data, 'contentType').trim(),
		critical: listField(data, 'critical', 'Critical (crit)', /[\s,]+/),
		audience: audiences.length > 1 ? audiences : (audiences[0] ?? parties.accessTokenUrl),
		expiresIn: readLifetime(data, parties.authorizationGrant && file),
		useIssuedAt: booleanField(data, 'useIssuedAt', true),
		jwtId: textField(data, 'jwtId').trim(),
		certificate: textField(data, 'certificate'),
		certificateHeaders: choicesField(data, 'certificateHeaders', 'Certificate Headers', certificateHeaders, [
			'x5t#S256',
		]),
	};
}

/** Seconds. n8n gives the default of the form as a value, so it counts as none beside a key file. */
function readLifetime(data: CredentialData, file: KeyFile | undefined): number {
	const limits = { fallback: DEFAULT_ASSERTION_SECONDS, min: 1, max: LONGEST_ASSERTION_SECONDS };
	const seconds = numberField(data, 'expiresIn', 'Assertion Lifetime', limits);
	return seconds === DEFAULT_ASSERTION_SECONDS ? (file?.expiresIn ?? seconds) : seconds;
}

/** A client that authenticates with the JWT speaks for itself (RFC 7523 §3). */
function readClientParties(data: CredentialData, file: KeyFile | undefined): Parties {
	if (file && (textField(data, 'clientId').trim() === '' || textField(data, 'accessTokenUrl').trim() === '')) {
		throw new FieldFault(
			`Private Key contains ${file.name}, and Use JWT As is set to Client Assertion`,
			'Set Use JWT As to Authorization Grant: the accounts that such files are for get their tokens that way',
		);
	}
	const accessTokenUrl = readAccessTokenUrl(data);
	const clientId = requiredField(data, 'clientId', 'Client ID');
	return {
		accessTokenUrl,
		clientId,
		issuer: filledField(data, 'issuer', clientId),
		subject: filledField(data, 'subject', clientId),
		additionalClaims: objectField(data, 'additionalClaims', 'Additional Claims'),
	};
}

/** The issuer of a grant is the client, its subject the user whom the token is for (RFC 7523 §3, no. 2A). */
function readGrantParties(data: CredentialData, file: KeyFile | undefined): Parties {
	const ofFile = (name: string, label: string, value: string | undefined) => {
		const own = textField(data, name).trim();
		return file ? agreed(own, value ?? '', label, file) : own;
	};
	const url = ofFile('accessTokenUrl', 'Access Token URL', file?.accessTokenUrl);
	const clientId = ofFile('clientId', 'Client ID', file?.clientId);
	const issuer = ofFile('issuer', 'Issuer (Iss)', file?.issuer) || clientId;
	if (issuer === '') {
		throw new FieldFault(
			'Client ID is empty',
			'Fill in Client ID or Issuer in the credential: the JWT needs an issuer. Or paste the whole key file of the service ' +
				'account into Private Key',
		);
	}
	const subject = textField(data, 'subject').trim() || (file?.subject ?? '');
	return {
		accessTokenUrl: readAccessTokenUrl({ ...data, accessTokenUrl: url }),
		clientId,
		issuer,
		subject,
		additionalClaims: {
			...file?.claimsFor(subject),
			...objectField(data, 'additionalClaims', 'Additional Claims'),
		},
		authorizationGrant: { ...readScopePlaces(data, file), client: readGrantClient(data, clientId, file) },
	};
}

/**
 * Where the scope is sent. RFC 7521 §4.1 has a parameter, Google and DocuSign read a claim; servers ignore parameters
 * and claims that they do not know (RFC 6749 §3.2, RFC 7519 §4), so by default it is in both, but for Google's key file.
 */
function readScopePlaces(
	data: CredentialData,
	file: KeyFile | undefined,
): Pick<AuthorizationGrantFields, 'scopeInRequest' | 'scopeInAssertion'> {
	const location = choiceField(data, 'scopeLocation', 'Send Scope In', ['automatic', 'request', 'assertion', 'both']);
	const places = location === 'automatic' ? (file?.scopeLocation ?? 'both') : location;
	return { scopeInRequest: places !== 'assertion', scopeInAssertion: places !== 'request' };
}

/** How the client authenticates beside a grant: not at all unless the server wants it (RFC 7523 §2.1). */
function readGrantClient(
	data: CredentialData,
	clientId: string,
	file: KeyFile | undefined,
): AuthorizationGrantFields['client'] {
	const label = 'Client Authentication Type';
	const chosen = choiceField(data, 'clientAuthentication', label, ['none', 'id', 'header', 'body', 'tls']);
	const clientAuthentication = chosen === 'none' && file && file.clientSecret !== '' ? 'body' : chosen;
	if (clientAuthentication === 'none') return 'none';
	if (clientId === '') {
		throw new FieldFault('Client ID is empty', `Fill in Client ID in the credential, or set ${label} to None`);
	}
	// RFC 8705 section 2: the client's ID, and the certificate in TLS.
	if (clientAuthentication === 'id' || clientAuthentication === 'tls') return 'id';
	const own = textField(data, 'clientSecret');
	const clientSecret = file ? agreed(own, file.clientSecret, 'Client Secret', file) : own;
	if (clientSecret === '') {
		throw new FieldFault('Client Secret is empty', `Fill in Client Secret in the credential, or set ${label} to None`);
	}
	const fields = {
		clientSecret,
		clientAuthentication,
		clientEncoding: readClientEncoding(data),
		sendEmptySecret: false,
	} as const;
	checkBasicHeader(clientId, fields);
	return fields;
}
