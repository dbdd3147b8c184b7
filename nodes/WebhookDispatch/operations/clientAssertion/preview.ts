import { longestJwtIdPrefix } from '../../../../lib/oauth2/assertion/clientAssertionClaims';
import type { JwtCredential } from '../../../../lib/oauth2/credential/oAuth2Credential';

/** The longest life of an assertion that is made for looking at, in seconds. */
export const longestPreviewLife = 60;

/** What distinguishes it from the others in a server's log, at the end of the `jti` prefix. */
const mark = 'preview';

/**
 * The credential for an assertion that is made for looking at. It is stored in the execution, and whoever
 * reads it there could use it to fetch a token: so it dies within seconds, whatever the credential says,
 * and its `jti` shows what it was made for.
 * @param seconds its life, from 1 to {@link longestPreviewLife}
 */
export function forPreview(credential: JwtCredential, seconds: number): JwtCredential {
	const separator = /[A-Za-z0-9]$/.test(credential.jwtId) ? '-' : '';
	const marked = `${credential.jwtId}${separator}${mark}`;
	return { ...credential, expiresIn: seconds, jwtId: marked.length <= longestJwtIdPrefix ? marked : mark };
}
