import type { JwtCredential, OAuth2Credential } from './oAuth2Credential';

/** Shorter pieces of a pasted key say nothing about it. */
const SHORTEST_KEY_PIECE = 16;

/** Parameters with such names have secrets as their values (`api_key`, `assertion`). */
const SECRET_PARAMETER = /secret|passw|token|assertion|key|pin|otp/i;

/** The lines of a pasted private key, in whatever form it was pasted, without the lines of dashes. */
function keyPieces(privateKey: string): string[] {
	return privateKey
		.replace(/-----[A-Z ]+-----/g, ' ')
		.split(/\s+|\\r|\\n/)
		.filter((piece) => piece.length >= SHORTEST_KEY_PIECE);
}

/** A header's value, and what follows the scheme in one such as `ApiKey abc`. */
function headerSecrets(value: string): string[] {
	const [, afterScheme = ''] = /^[^\s,;]+\s+(\S+)$/.exec(value) ?? [];
	return [value, afterScheme];
}

/** Of a JWT credential: the key, its passphrase, and the secret of a client that has one beside its grant. */
function jwtSecrets({ privateKey, passphrase, authorizationGrant }: JwtCredential): string[] {
	const client = authorizationGrant?.client;
	return [
		privateKey,
		...keyPieces(privateKey),
		passphrase,
		...(typeof client === 'object' ? [client.clientSecret] : []),
	];
}

/** What of a credential must appear in no message: secret, password, passphrase, key, key lines and header values. */
export function secretsOf(credential: OAuth2Credential): string[] {
	const own =
		credential.grant === 'clientCredentialsJwt'
			? jwtSecrets(credential)
			: credential.grant === 'password'
				? [credential.clientSecret, credential.password]
				: [credential.clientSecret];
	const tls = credential.tls ? [...keyPieces(credential.tls.privateKey), credential.tls.passphrase] : [];
	const named = credential.additionalParameters.filter(([name]) => SECRET_PARAMETER.test(name));
	const extra = [...named, ...credential.secretParameters].map(([, value]) => value);
	const headers = credential.tokenRequestHeaders.flatMap(([, value]) => headerSecrets(value));
	return [...own, ...tls, ...extra, ...headers].filter((secret) => secret !== '');
}
