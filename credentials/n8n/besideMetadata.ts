import type { OAuth2Credential } from '../../lib/oauth2/credential/oAuth2Credential';
import { compareMetadata } from '../../lib/oauth2/metadata/compareMetadata';
import { withTokenEndpoint } from '../../lib/oauth2/metadata/tokenEndpoint';
import type { ServerAccess } from '../../lib/oauth2/token/exchange';
import { fetchMetadata } from '../../lib/oauth2/token/fetchMetadata';
import { ok, type Result } from '../../lib/result/result';

/** A credential to be tested, and what the metadata of its issuer says beside what it sets. */
export interface BesideMetadata {
	/** With its token URL. */
	readonly credential: OAuth2Credential;
	/** Sentences without a full stop: the differences when a token was given, otherwise all that can be said. */
	notes(isGranted: boolean): string[];
}

/**
 * Reads the metadata of a credential's issuer, if it names one: nothing stored is used, and nothing is stored.
 *
 * @returns a fault when the token URL cannot be had from there, and the credential itself has none
 */
export async function besideMetadata(
	credential: OAuth2Credential,
	access: ServerAccess,
): Promise<Result<BesideMetadata>> {
	if (credential.issuerUrl === '') return ok({ credential, notes: () => [] });
	const hasOwnUrl = credential.accessTokenUrl !== '';
	const metadata = await fetchMetadata(credential, access);
	if (!metadata.ok) {
		return hasOwnUrl ? ok({ credential, notes: () => [`About Issuer URL: ${metadata.fault.message}`] }) : metadata;
	}
	const located = hasOwnUrl ? ok(credential) : withTokenEndpoint(credential, metadata.value);
	if (!located.ok) return located;
	return ok({
		credential: located.value,
		notes: (isGranted) => compareMetadata(metadata.value, located.value, isGranted),
	});
}
