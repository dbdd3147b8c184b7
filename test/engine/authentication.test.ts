import { generateKeyPairSync } from 'node:crypto';
import { importSPKI, jwtVerify } from 'jose';
import { answer, Receiver } from '../support/receiver';
import type { CredentialData } from '../support/engine/credentialsHelper';
import type { NodeSettings } from '../support/engine';
import { deliveryOf, dispatch, pairs } from './support/dispatch';
import { Tokens } from './support/tokens';

/** Who sends: none, Basic, and the three grants of OAuth 2.0. */

let receiver: Receiver;
let tokens: Tokens;
beforeAll(async () => (receiver = await Receiver.start()));
afterAll(async () => await receiver.close());
beforeEach(async () => {
	receiver.clear();
	// A new one each: the store of tokens outlives a test, and knows them by the credential's content.
	tokens = await Tokens.start();
});
afterEach(async () => await tokens.endpoint.close());

const COUNT = 12;
const items = Array.from({ length: COUNT }, (_, n) => ({ n }));
const headersOf = (name: string) => receiver.requests.map(({ headers }) => headers[name]);

describe('none', () => {
	it('adds nothing; a token may stand in the headers', async () => {
		await dispatch({
			items: [{}],
			parameters: { url: receiver.url(), headerParameters: pairs(['Authorization', 'Token x']) },
		});
		expect(headersOf('authorization')).toEqual(['Token x']);
	});
});

describe('Basic', () => {
	const basic = async (user: string, password: string, settings: NodeSettings = {}) =>
		await dispatch({
			items,
			settings,
			parameters: { url: receiver.url(), authentication: 'basic' },
			credentials: { webhookDispatchBasicApi: { user, password } },
		});

	it('is on every request, in UTF-8, and the credential is read once', async () => {
		const run = await basic('ünï', 'pä:ss 🎉');
		const encoded = Buffer.from('ünï:pä:ss 🎉', 'utf8').toString('base64');
		expect(headersOf('authorization')).toEqual(Array(COUNT).fill(`Basic ${encoded}`));
		expect(run.decryptions('webhookDispatchBasicApi')).toBe(1);
	});

	it.each([401, 403, 500])('says no secret when it gets %i with all that was sent', async (status) => {
		const password = 'hunter2-secret/"ä';
		const encoded = Buffer.from(`user:${password}`).toString('base64');
		receiver.choose(() => ({
			name: 'echo',
			act: (response, { headers }) => {
				response.writeHead(status, { 'content-type': 'application/json', 'x-echo': headers.authorization });
				response.end(JSON.stringify({ message: `no: ${headers.authorization ?? ''}`, password }));
			},
		}));
		const run = await basic('user', password, { onError: 'continueErrorOutput' });
		expect(run.errorOutput).toHaveLength(COUNT);
		const shown = JSON.stringify(run.data);
		expect(shown).not.toContain(encoded);
		expect(shown).not.toContain('hunter2-secret');
	});
});

const clientCredentials = (more = {}) => ({
	accessTokenUrl: tokens.url,
	clientId: 'client one',
	clientSecret: 'secret-of-the-client',
	scope: 'read  write',
	...more,
});

async function oAuth2(grantType: string, credentials: CredentialData, settings: NodeSettings = {}, options = {}) {
	return await dispatch({
		items,
		settings,
		parameters: { url: receiver.url(), authentication: 'oAuth2', grantType, options },
		credentials,
	});
}

const withClientCredentials = async (more = {}, settings: NodeSettings = {}, options = {}) =>
	await oAuth2(
		'clientCredentials',
		{ webhookDispatchClientCredentialsOAuth2Api: clientCredentials(more) },
		settings,
		options,
	);

describe('OAuth 2.0, client credentials', () => {
	it('one token request serves all items, all tries, and the executions after it', async () => {
		receiver.choose((_key, nth) => (nth === 3 ? answer(503) : undefined));
		const run = await withClientCredentials({}, { retryOnFail: true });
		expect(run.status).toBe('success');
		await withClientCredentials();
		expect(tokens.forms).toEqual([{ grant_type: 'client_credentials', scope: 'read write' }]);
		expect(tokens.endpoint.requests[0]?.headers.authorization).toBe(
			`Basic ${Buffer.from('client+one:secret-of-the-client').toString('base64')}`,
		);
		expect(new Set(headersOf('authorization'))).toEqual(new Set([`Bearer ${tokens.newest}`]));
		expect(run.decryptions('webhookDispatchClientCredentialsOAuth2Api')).toBe(2); // once a try
	});

	it('another secret in the credential is another token', async () => {
		await withClientCredentials();
		await withClientCredentials({ clientSecret: 'another-secret' });
		expect(tokens.forms).toHaveLength(2);
	});

	it('with header name and prefix of the credential, and its own mapping', async () => {
		tokens.more = { data: { token: 'mapped-token' } };
		await withClientCredentials({ headerName: 'X-Access-Token', headerPrefix: '', accessTokenPath: 'data.token' });
		expect(new Set(headersOf('x-access-token'))).toEqual(new Set(['mapped-token']));
		expect(receiver.requests[0]?.rawHeaders).toContain('X-Access-Token');
		expect(new Set(headersOf('authorization'))).toEqual(new Set([undefined]));
	});

	it.each(['apiKey', 'AUTHORIZATION', 'Authorization'])(
		'its header %s goes out as written, in place of a header parameter of that name',
		async (headerName) => {
			const parameters = {
				url: receiver.url(),
				authentication: 'oAuth2',
				grantType: 'clientCredentials',
				headerParameters: pairs([headerName.toLowerCase(), 'mine']),
			};
			await dispatch({
				items: [{}],
				parameters,
				credentials: { webhookDispatchClientCredentialsOAuth2Api: clientCredentials({ headerName }) },
			});
			const sent = (receiver.requests[0]?.rawHeaders ?? []).filter(
				(text, index) => index % 2 === 0 && text.toLowerCase() === headerName.toLowerCase(),
			);
			expect(sent).toEqual([headerName]);
			expect(headersOf(headerName.toLowerCase())).toEqual([`Bearer ${tokens.newest}`]);
		},
	);

	it.each([1, 4, 50])(
		'a token that expires in the middle of a batch is fetched again once (concurrency %i)',
		async (concurrency) => {
			tokens.protect(receiver);
			await withClientCredentials();
			tokens.expire();
			receiver.requests.length = 0;
			const run = await withClientCredentials({}, {}, { concurrency });
			expect(run.status).toBe('success');
			expect(run.output()).toHaveLength(COUNT);
			expect(tokens.forms).toHaveLength(2);
			expect(receiver.requests.filter(({ outcome }) => outcome === 'acknowledged')).toHaveLength(COUNT);
			expect(receiver.repeated()).toBe(COUNT - 1); // all to one path: one acknowledgement each
		},
	);

	it.each([1, 50])(
		'a destination that takes no token gets one new one in a run (concurrency %i)',
		async (concurrency) => {
			receiver.choose(() => answer(401));
			const run = await withClientCredentials({}, { onError: 'continueErrorOutput' }, { concurrency });
			expect(run.errorOutput).toHaveLength(COUNT);
			expect(tokens.forms).toHaveLength(2);
			expect(deliveryOf(run.errorOutput[COUNT - 1]!.json)).toMatchObject({
				code: 'STATUS',
				statusCode: 401,
				retryable: false,
			});
		},
	);

	it('a token endpoint that refuses: which one, status, error and description, no secret; asked once, nothing sent', async () => {
		const refusal = answer(401, { error: 'invalid_client', error_description: 'unknown secret-of-the-client' });
		tokens.instead = Array(COUNT).fill(refusal) as typeof tokens.instead;
		const run = await withClientCredentials({}, { onError: 'continueErrorOutput', retryOnFail: true });
		expect([run.errorOutput.length, tokens.forms.length, receiver.requests.length]).toEqual([COUNT, 1, 0]);
		const [{ json }] = run.errorOutput as [{ json: { message: string } }];
		expect(json.message).toMatch(
			/^The token endpoint http:\/\/127\.0\.0\.1:\d+\/token responded with 401 \(.*invalid_client.*unknown \*\*\*.*\) \[item 0\]$/,
		);
		expect(deliveryOf(json)).toMatchObject({ code: 'TOKEN', statusCode: 401, retryable: false, attempts: 0 });
		expect(JSON.stringify(run.data)).not.toContain('secret-of-the-client');
	});

	it('a token endpoint that is down for a moment is asked again in the next try', async () => {
		tokens.instead = [answer(503)];
		const run = await withClientCredentials({}, { retryOnFail: true }, { concurrency: 1 });
		expect(run.status).toBe('success');
		expect([tokens.forms.length, receiver.requests.length]).toEqual([2, COUNT]);
	});

	it('a credential that is not filled in stops the node with the field’s name, and no token is asked for', async () => {
		const { error } = await withClientCredentials({ clientId: '' });
		expect([error?.message, tokens.forms.length, receiver.requests.length]).toEqual(['Client ID is empty', 0, 0]);
	});

	it('or takes the error output with every item', async () => {
		const run = await withClientCredentials({ accessTokenUrl: 'nonsense' }, { onError: 'continueErrorOutput' });
		expect(run.errorOutput).toHaveLength(COUNT);
		expect(run.errorOutput[2]?.json).toMatchObject({
			n: 2,
			message: expect.stringMatching(/^Access Token URL .* \[item 2\]$/) as string,
		});
	});

	it('nothing that comes out holds token or secret', async () => {
		receiver.choose(() => ({
			name: 'echo',
			act: (response, { headers }) =>
				response.writeHead(200, { 'x-echo': headers.authorization }).end(headers.authorization),
		}));
		const run = await withClientCredentials({}, {}, { includeHeaders: true });
		expect(run.output()[0]?.json).toMatchObject({ response: 'Bearer ***', headers: { 'x-echo': 'Bearer ***' } });
		expect(JSON.stringify(run.data)).not.toMatch(/of-this-endpoint|secret-of-the-client/);
	});

	it('a credential limited to other domains is not sent', async () => {
		const limited = { allowedHttpRequestDomains: 'domains', allowedDomains: 'api.example.com' };
		const run = await withClientCredentials(limited, { onError: 'continueErrorOutput' });
		expect([receiver.requests.length, run.errorOutput.length]).toEqual([0, COUNT]);
		expect(deliveryOf(run.errorOutput[0]!.json)).toMatchObject({ code: 'BLOCKED', retryable: false });
	});
});

describe('OAuth 2.0, password', () => {
	it('asks with user name and password, then with the refresh token, at its own URL', async () => {
		tokens.more = { refresh_token: 'refresh-1' };
		tokens.protect(receiver);
		const credentials = {
			webhookDispatchPasswordOAuth2Api: {
				...clientCredentials(),
				refreshTokenUrl: tokens.endpoint.url('/refresh'),
				username: 'ada',
				password: 'hunter2-secret',
				clientAuthentication: 'body',
			},
		};
		await oAuth2('password', credentials);
		tokens.expire();
		const run = await oAuth2('password', credentials, {}, { concurrency: 1 });
		expect(run.status).toBe('success');
		expect(tokens.endpoint.requests.map(({ url }) => url)).toEqual(['/token', '/refresh']);
		const client = { client_id: 'client one', client_secret: 'secret-of-the-client' };
		expect(tokens.forms).toEqual([
			{ grant_type: 'password', username: 'ada', password: 'hunter2-secret', scope: 'read write', ...client },
			expect.objectContaining({ grant_type: 'refresh_token', refresh_token: 'refresh-1', ...client }),
		]);
		expect(JSON.stringify(run.data)).not.toMatch(/hunter2-secret|refresh-1/);
	});
});

describe('OAuth 2.0, client credentials with JWT', () => {
	const { privateKey, publicKey } = generateKeyPairSync('rsa', {
		modulusLength: 2048,
		privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
		publicKeyEncoding: { type: 'spki', format: 'pem' },
	});

	it('the client authenticates with an assertion that its public key verifies', async () => {
		const { clientSecret: _, ...rest } = clientCredentials();
		const run = await oAuth2('clientCredentialsJwt', {
			webhookDispatchJwtOAuth2Api: { ...rest, privateKey, keyId: 'key-1' },
		});
		expect(run.output()).toHaveLength(COUNT);
		expect(tokens.forms).toHaveLength(1);
		const [form] = tokens.forms;
		expect(form).toMatchObject({
			grant_type: 'client_credentials',
			client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
			scope: 'read write',
		});
		const { payload, protectedHeader } = await jwtVerify(
			form?.client_assertion ?? '',
			await importSPKI(publicKey, 'RS256'),
			{
				audience: tokens.url,
				issuer: 'client one',
				subject: 'client one',
			},
		);
		expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' });
		expect(payload.jti).toMatch(/./);
		expect(JSON.stringify(run.data)).not.toContain('PRIVATE KEY');
	});

	it('a key that is no key: what was expected; nothing is sent, and nothing of the key is shown', async () => {
		const { clientSecret: _, ...rest } = clientCredentials();
		const data = { ...rest, privateKey: 'hunter2-secret, which is no key' };
		const run = await oAuth2(
			'clientCredentialsJwt',
			{ webhookDispatchJwtOAuth2Api: data },
			{ onError: 'continueErrorOutput' },
		);
		expect([run.errorOutput.length, tokens.forms.length, receiver.requests.length]).toEqual([COUNT, 0, 0]);
		expect(deliveryOf(run.errorOutput[0]!.json)).toMatchObject({ code: 'TOKEN', retryable: false });
		expect(JSON.stringify(run.errorOutput)).toMatch(/PEM/);
		expect(JSON.stringify(run.data)).not.toContain('hunter2-secret');
	});
});
