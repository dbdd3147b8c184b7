import { join } from 'node:path';

import { startChildServer } from './childServer';
import type { OAuth2Client } from './oauth2Server.model';
import { settingsOf, type Settings } from './settings';
import { startTokenFront } from './tokenFront';
import { withFront, type AuthorizationServer, type MovableClock } from './withFront';

export interface OAuth2TestServer extends AuthorizationServer, MovableClock {
	/** 200 and `{ user }` with a live token as Bearer, 401 without. */
	resourceUrl: string;
	/** Every access token given so far gets 401 from now on; refresh tokens stay good. */
	revokeAccessTokens(): Promise<void>;
	/** The next refresh gets `invalid_grant`. */
	revokeRefreshTokens(): Promise<void>;
	/** How often a used refresh token came again (each time its chain was ended). */
	replays(): Promise<number>;
}

/**
 * @node-oauth/oauth2-server 5: password, refresh and client credentials grants, and a protected resource.
 *
 * Its ways: raw Basic (nothing decoded, so no colon in an ID), or ID and secret in a form body; visible ASCII alone in
 * IDs and secrets; JSON bodies refused. With `oneUseRefreshTokens` a refresh response brings a new refresh token, and a
 * used one that comes again ends its whole chain; without, a refresh response brings no refresh token.
 */
export async function startOAuth2Server(options: Partial<Settings<OAuth2Client>> = {}): Promise<OAuth2TestServer> {
	const front = await startTokenFront('/token');
	return await withFront(front, async () => {
		const script = join(__dirname, 'oauth2Server.child.ts');
		const child = await startChildServer('@node-oauth/oauth2-server', script, settingsOf(options));
		front.passTo(child.port);
		return {
			stop: child.stop,
			resourceUrl: `${front.origin}/resource`,
			advanceClock: async (seconds) => await child.ask('advanceClock', seconds),
			revokeAccessTokens: async () => await child.ask('revokeAccessTokens'),
			revokeRefreshTokens: async () => await child.ask('revokeRefreshTokens'),
			replays: async () => await child.ask('replays'),
		};
	});
}
