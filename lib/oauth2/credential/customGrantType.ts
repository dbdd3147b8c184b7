import { type CredentialData, FieldFault, textField } from './credentialFields';

/** RFC 6749 appendix A.10: a name, or a URI; neither has spaces or quotation marks. */
const GRANT_TYPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** Grants that take more than a token request. */
const ELSEWHERE: Readonly<Record<string, string>> = {
	refresh_token: 'Leave Custom Grant Type empty: the Password type uses refresh tokens on its own',
	authorization_code: "Use n8n's own OAuth2 API credential: this grant needs a sign-in in the browser",
};

/**
 * Reads *Custom Grant Type*: the `grant_type` of servers with their own grant (RFC 6749 section 4.5), e.g. Zoom's
 * `account_credentials`.
 *
 * @returns empty for the credential's own grant
 */
export function readCustomGrantType(data: CredentialData): string {
	const grantType = textField(data, 'customGrantType').trim();
	if (grantType === '') return '';
	if (!GRANT_TYPE.test(grantType)) {
		throw new FieldFault(
			'Custom Grant Type has spaces or characters that a grant type cannot have',
			'Enter it as the server documents it, e.g. account_credentials',
		);
	}
	const advice = Object.hasOwn(ELSEWHERE, grantType) ? ELSEWHERE[grantType] : undefined;
	if (advice !== undefined) throw new FieldFault(`Custom Grant Type cannot be ${grantType}`, advice);
	return grantType;
}
