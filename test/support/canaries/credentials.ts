import { generateKeyPairSync, randomBytes } from 'node:crypto';

const random = () => randomBytes(6).toString('hex');
/** With everything in it that encodings trip over, and never the same. */
const awkward = (name: string) => `${name}: ä+%20&="'<\\/ ${random()}`;

/** Credentials of one kind, and what in them is secret. */
export interface Canary {
	kind: string;
	type: string;
	/** How the node is told to use it. */
	parameters: { authentication: string; grantType?: string };
	data: Record<string, unknown>;
	secrets: string[];
	/** Whether it asks for tokens. */
	asks: boolean;
}

const oAuth2 = (grantType: string) => ({ authentication: 'oAuth2', grantType });

/**
 * One credential of each kind, with secrets of its own.
 * @param accessTokenUrl where tokens are had; the first path segment is the kind
 */
export function canaries(accessTokenUrl: (kind: string) => string): Canary[] {
	const passphrase = awkward('passphrase');
	const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
	const open = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
	const closed = pair.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }) as string;
	const { d = '', p = '', q = '' } = pair.privateKey.export({ format: 'jwk' });
	const keySecrets = [
		passphrase,
		open,
		closed,
		...[d, p, q].flatMap((part) => [part, Buffer.from(part, 'base64url').toString('base64')]),
	];
	const basicPassword = awkward('basic');
	const secrets = {
		header: awkward('header'),
		body: awkward('body'),
		json: awkward('json'),
		password: awkward('password'),
	};
	const password = awkward('user');
	const withSecret = (kind: keyof typeof secrets, more: object): Omit<Canary, 'type' | 'parameters'> => ({
		kind,
		asks: true,
		secrets: [secrets[kind]],
		data: { accessTokenUrl: accessTokenUrl(kind), clientId: `client-${kind}`, clientSecret: secrets[kind], ...more },
	});
	const clientCredentials = {
		type: 'webhookDispatchClientCredentialsOAuth2Api',
		parameters: oAuth2('clientCredentials'),
	};
	const passwordGrant = withSecret('password', { username: 'ada', password });
	const jwt = (kind: string, key: object): Canary => ({
		kind,
		asks: true,
		type: 'webhookDispatchJwtOAuth2Api',
		parameters: oAuth2('clientCredentialsJwt'),
		secrets: keySecrets,
		data: { accessTokenUrl: accessTokenUrl(kind), clientId: `client-${kind}`, keyId: 'key', ...key },
	});
	const grant = jwt('grant', { privateKey: closed, passphrase });
	const grantSecret = awkward('grant');
	const secretParameter = awkward('parameter');
	return [
		{
			kind: 'basic',
			asks: false,
			type: 'webhookDispatchBasicApi',
			parameters: { authentication: 'basic' },
			data: { user: 'agent', password: basicPassword },
			secrets: [basicPassword, Buffer.from(`agent:${basicPassword}`).toString('base64')],
		},
		{ ...withSecret('header', {}), ...clientCredentials },
		{ ...withSecret('body', { clientAuthentication: 'body' }), ...clientCredentials },
		{ ...withSecret('json', { clientAuthentication: 'body', tokenRequestFormat: 'json' }), ...clientCredentials },
		{
			...passwordGrant,
			secrets: [...passwordGrant.secrets, password],
			type: 'webhookDispatchPasswordOAuth2Api',
			parameters: oAuth2('password'),
		},
		jwt('jwt', { privateKey: closed, passphrase }),
		jwt('jwt-open', { privateKey: open }),
		{
			...grant,
			secrets: [...grant.secrets, grantSecret, secretParameter],
			data: {
				...grant.data,
				jwtUse: 'authorizationGrant',
				subject: 'ada',
				clientAuthentication: 'body',
				clientSecret: grantSecret,
				secretParameters: { parameters: [{ name: 'tenant', value: secretParameter }] },
			},
		},
		// What goes wrong when a key is read must not show it.
		jwt('jwt-wrong', { privateKey: closed, passphrase: `${passphrase} wrong` }),
	];
}
