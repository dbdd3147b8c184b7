import crypto from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import path from 'node:path';
import { readJson, writeJson } from '../../tools/lib/json';

export interface ClientSecret {
	clientId: string;
	clientSecret: string;
}

/** A key as a key set has it. */
type NamedJwk = JsonWebKey & { kty: string; kid: string; use: 'sig'; alg: 'RS256' };

/** Everything the demonstration's servers and n8n must agree on. */
export interface Secrets {
	/** Client credentials, secret in the header. */
	automation: ClientSecret;
	/** Client credentials, secret in the body. */
	automationPost: ClientSecret;
	/** Client credentials with a client assertion. */
	automationJwt: { clientId: string; keyId: string; privateKey: string; publicJwk: NamedJwk };
	/** What the ticket desk signs in with to have tokens checked. */
	desk: ClientSecret;
	/** Basic at the ticket desk. */
	agent: { user: string; password: string };
	/** For the desk's own `/oauth/tokens`. */
	zendeskClient: ClientSecret;
	/** The authorization server's signing key. */
	server: { keyId: string; privateJwk: NamedJwk };
	cookieKey: string;
}

const secret = (): string => crypto.randomBytes(24).toString('base64url');

/** RFC 7638, so that the key's name follows from the key. */
function thumbprint({ e, kty, n }: JsonWebKey): string {
	return crypto.createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url');
}

function rsaPair() {
	const { privateKey, publicKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
	const keyId = thumbprint(publicKey.export({ format: 'jwk' }));
	const jwkOf = (key: KeyObject): NamedJwk => ({
		...key.export({ format: 'jwk' }),
		kty: 'RSA',
		kid: keyId,
		use: 'sig',
		alg: 'RS256',
	});
	return {
		keyId,
		privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
		privateJwk: jwkOf(privateKey),
		publicJwk: jwkOf(publicKey),
	};
}

/** New ones. */
export function makeSecrets(): Secrets {
	const automationKey = rsaPair();
	const server = rsaPair();
	return {
		automation: { clientId: 'rating-automation', clientSecret: secret() },
		automationPost: { clientId: 'rating-automation-post', clientSecret: secret() },
		automationJwt: {
			clientId: 'rating-automation-jwt',
			keyId: automationKey.keyId,
			privateKey: automationKey.privateKey,
			publicJwk: automationKey.publicJwk,
		},
		desk: { clientId: 'ticket-desk', clientSecret: secret() },
		agent: { user: 'agent@example.com', password: secret() },
		zendeskClient: { clientId: 'zendesk-client', clientSecret: secret() },
		server: { keyId: server.keyId, privateJwk: server.privateJwk },
		cookieKey: secret(),
	};
}

/** The secrets of a data folder, made at the first call. */
export function secretsOf(folder: string): Secrets {
	const file = path.join(folder, 'secrets.json');
	const known = readJson<Secrets>(file);
	if (known) return known;
	const made = makeSecrets();
	writeJson(file, made, { mode: 0o600 });
	return made;
}
