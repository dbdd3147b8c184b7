import crypto from 'node:crypto';
import type { Answer } from './http';
import type { ClientSecret } from './secrets';

/** What is looked at; other members and other types are refused or ignored. */
interface TokenRequest {
	grant_type?: unknown;
	client_id?: unknown;
	client_secret?: unknown;
	expires_in?: number;
	scope?: string;
}

/** Seconds. */
const LIFETIME = { least: 300, usual: 1_800, most: 172_800 };

const refuse = (status: number, error: string, description: string): Answer => ({
	status,
	body: { error, error_description: description },
});

/**
 * Zendesk's own `POST /oauth/tokens` for client credentials, which documents a JSON body
 * (developer.zendesk.com, ticketing/oauth/grant_type_tokens).
 */
export function deskTokens(oauthClients: ClientSecret[] = []) {
	const tokens = new Map<string, { scope: string; until: number }>();
	return {
		/** A token's scopes while it is valid. */
		scopeOf(token: string): string | undefined {
			const entry = tokens.get(token);
			return entry && entry.until > Date.now() ? entry.scope : undefined;
		},
		/** @param text the request's body */
		issue(contentType: string | undefined, text: string): Answer {
			if (!/^application\/json\b/i.test(contentType ?? '')) {
				return refuse(400, 'invalid_request', 'The request parameters must be formatted as JSON.');
			}
			let asked: TokenRequest | null;
			try {
				asked = JSON.parse(text) as TokenRequest | null;
			} catch {
				return refuse(400, 'invalid_request', 'The request body is not valid JSON.');
			}
			if (asked?.grant_type !== 'client_credentials') {
				return refuse(
					400,
					'unsupported_grant_type',
					'The authorization grant type is not supported by the authorization server.',
				);
			}
			const known = oauthClients.some(
				({ clientId, clientSecret }) => clientId === asked.client_id && clientSecret === asked.client_secret,
			);
			if (!known) {
				return refuse(
					401,
					'invalid_client',
					'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.',
				);
			}
			const seconds = asked.expires_in ?? LIFETIME.usual;
			if (!(seconds >= LIFETIME.least && seconds <= LIFETIME.most)) {
				return refuse(
					400,
					'invalid_request',
					`expires_in must lie between ${LIFETIME.least} and ${LIFETIME.most} seconds.`,
				);
			}
			const token = crypto.randomBytes(32).toString('hex');
			const scope = asked.scope ?? 'read';
			tokens.set(token, { scope, until: Date.now() + seconds * 1000 });
			return { status: 200, body: { access_token: token, token_type: 'bearer', scope, expires_in: seconds } };
		},
		forgetAll: (): void => tokens.clear(),
	};
}
