import { readAdditionalParameters } from './additionalParameters';
import {
	choiceField,
	type CredentialData,
	FieldFault,
	filledField,
	listField,
	numberField,
	textField,
} from './credentialFields';
import { readClientTls } from './clientTls';
import type { CommonOAuth2Credential, TokenExpiry } from './oAuth2Credential';
import { isHttpToken } from '../../text/httpToken';
import { readCustomGrantType } from './customGrantType';
import { readExpiredWhen } from './expiredWhen';
import { readIssuerUrl } from './readTokenUrl';
import { readResponseFields } from './responseFields';
import { readTokenRequestHeaders } from './tokenRequestHeaders';

const SECONDS = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const;

function readExpiry(data: CredentialData): TokenExpiry {
	const mode = choiceField(data, 'expiryMode', 'Token Expiry', ['response', 'fixed', 'never']);
	if (mode === 'never') return { mode };
	const unit = choiceField(data, 'expiryUnit', 'Expiry Unit', ['seconds', 'minutes', 'hours', 'days']);
	const secondsPerUnit = SECONDS[unit];
	if (mode === 'response') return { mode, path: filledField(data, 'expiryPath', 'expires_in'), secondsPerUnit };
	const value = numberField(data, 'expiryValue', 'Expiry Value', { fallback: 3600, min: 1, max: 1e8 });
	return { mode, seconds: value * secondsPerUnit };
}

function readTokenLocation(data: CredentialData): Pick<CommonOAuth2Credential, 'tokenLocation' | 'accessTokenHeader'> {
	const tokenLocation = choiceField(data, 'tokenLocation', 'Access Token Location', ['json', 'header', 'text']);
	const accessTokenHeader = textField(data, 'accessTokenHeader').trim();
	if (tokenLocation === 'header' && !isHttpToken(accessTokenHeader)) {
		throw new FieldFault(
			`Access Token Header is ${accessTokenHeader === '' ? 'empty' : 'not a header name'}`,
			'Enter the name of the response header that holds the token, e.g. X-Auth-Token',
		);
	}
	return { tokenLocation, accessTokenHeader };
}

function readHeader(data: CredentialData): Pick<CommonOAuth2Credential, 'headerName' | 'headerPrefix'> {
	const headerName = filledField(data, 'headerName', 'Authorization');
	if (!isHttpToken(headerName)) {
		throw new FieldFault('Header Name is not a header name', 'Use letters, digits and hyphens, e.g. X-Access-Token');
	}
	const headerPrefix = textField(data, 'headerPrefix', 'Bearer').trim();
	if (!/^[\x20-\x7e]*$/.test(headerPrefix)) {
		throw new FieldFault(
			'Header Prefix contains a character that a header cannot have',
			'Use plain letters, e.g. Bearer',
		);
	}
	return { headerName, headerPrefix };
}

/**
 * How the token is bound, and the header that follows from it: RFC 9449 §7.1 has `Authorization: DPoP` and nothing else.
 * `Bearer`, which is the field's default, is no contradiction.
 */
function readBinding(
	data: CredentialData,
): Pick<CommonOAuth2Credential, 'tokenBinding' | 'headerName' | 'headerPrefix'> {
	const tokenBinding = choiceField(data, 'tokenBinding', 'Token Binding', ['none', 'dpop', 'tls']);
	const header = readHeader(data);
	if (tokenBinding !== 'dpop') return { tokenBinding, ...header };
	if (header.headerName.toLowerCase() !== 'authorization') {
		throw new FieldFault(
			'Header Name contradicts Token Binding',
			'DPoP tokens are sent in the header Authorization: set Header Name to Authorization, or Token Binding to None',
		);
	}
	if (!/^(?:bearer|dpop)$/i.test(header.headerPrefix)) {
		throw new FieldFault(
			'Header Prefix contradicts Token Binding',
			'DPoP tokens are sent with the prefix DPoP: set Header Prefix to DPoP, or Token Binding to None',
		);
	}
	return { tokenBinding, headerName: 'Authorization', headerPrefix: 'DPoP' };
}

function readStatusCodes(data: CredentialData): number[] {
	const codes = textField(data, 'expiredStatusCodes', '401')
		.split(/[\s,;]+/)
		.filter((code) => code !== '');
	if (!codes.every((code) => /^[45]\d\d$/.test(code))) {
		throw new FieldFault(
			'Expired Token Status Codes contains something other than status codes',
			'Enter codes from 400 to 599, separated by commas, e.g. 401, 403',
		);
	}
	return [...new Set(codes.map(Number))];
}

/**
 * n8n's *Allowed Domains* of a credential: its own requests keep to that list too, as n8n itself has it
 * for `preAuthentication`. The mode *none* is about the HTTP Request node alone.
 */
function readAllowedDomains(data: CredentialData): readonly string[] | undefined {
	if (textField(data, 'allowedHttpRequestDomains') !== 'domains') return undefined;
	const domains = listField(data, 'allowedDomains', 'Allowed Domains', /[\s,]+/);
	if (domains.length === 0) {
		throw new FieldFault('Allowed Domains is empty', 'Enter the domains, or set Allowed HTTP Request Domains to All');
	}
	return domains;
}

/** What all three OAuth2 credentials have, but for where the request goes and who asks. Throws FieldFault. */
export function readCommonFields(data: CredentialData): Omit<CommonOAuth2Credential, 'accessTokenUrl' | 'clientId'> {
	return {
		issuerUrl: readIssuerUrl(data),
		// RFC 6749 section 3.3: separated by single spaces.
		scope: textField(data, 'scope').trim().replace(/\s+/g, ' '),
		customGrantType: readCustomGrantType(data),
		tokenRequestMethod: choiceField(data, 'tokenRequestMethod', 'Token Request Method', ['POST', 'GET']),
		tokenRequestFormat: choiceField(data, 'tokenRequestFormat', 'Token Request Format', ['form', 'json']),
		...readAdditionalParameters(data),
		tokenRequestHeaders: readTokenRequestHeaders(data),
		...readTokenLocation(data),
		accessTokenPath: filledField(data, 'accessTokenPath', 'access_token'),
		refreshTokenPath: filledField(data, 'refreshTokenPath', 'refresh_token'),
		tokenTypeCheck: choiceField(data, 'tokenTypeCheck', 'Token Type Check', ['strict', 'any']),
		expiry: readExpiry(data),
		expiredStatusCodes: readStatusCodes(data),
		expiredWhen: readExpiredWhen(data),
		responseFields: readResponseFields(data),
		...readBinding(data),
		tls: readClientTls(data),
		allowedDomains: readAllowedDomains(data),
	};
}
