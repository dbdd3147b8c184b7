import path from 'node:path';
import type { ICredentialTestFunctions } from 'n8n-workflow';

import { credentialTests } from '../../credentials/n8n/credentialTests';
import { tokenStore } from '../../lib/oauth2/token/tokenStore';
import { dispatch } from '../engine/support/dispatch';
import { startOidcProvider, type OidcProviderServer } from '../support/authorization-servers';
import { startChildServer, type ChildServer } from '../support/authorization-servers/childServer';
import { newKey, PASSPHRASE } from '../support/authorization-servers/tokenClient';
import { runWorkflow } from '../support/engine';
import { verifyAt } from '../support/dpop/jwtDestination';
import type { ProofVerifier } from '../support/dpop/proofVerifier';
import { credentialTestHelpers } from '../support/oauth2/tokenPaths';
import { Receiver } from '../support/receiver';

/**
 * DPoP end to end with servers that no one here wrote: oidc-provider binds the tokens, and requests with them are judged by
 * oauth4webapi, and by jose point by point.
 */

const AUDIENCE = 'https://hooks.example/';
const clientSecret = 'secret-of-the-client';
const COUNT = 30;
const items = Array.from({ length: COUNT }, (_, n) => ({ n }));

describe.each([
	['without nonces', false],
	['with nonces', true],
])('oidc-provider %s', (_name, dpopNonces) => {
	let provider: OidcProviderServer;
	let resourceServer: ChildServer;
	let receiver: Receiver;
	let verifier: ProofVerifier;
	let forms: Record<'clientCredentials' | 'clientCredentialsJwt', Record<string, unknown>>;

	beforeAll(async () => {
		const key = await newKey('ES256');
		provider = await startOidcProvider({
			clients: [
				{ client_id: 'bound', client_secret: clientSecret, dpop_bound_access_tokens: true },
				{ client_id: 'with-key', token_endpoint_auth_method: 'private_key_jwt', jwks: key.jwks },
			],
			resources: [AUDIENCE],
			jwtAccessTokens: true,
			dpopNonces,
		});
		const script = path.join(__dirname, '../support/dpop/oauth4webapi.child.ts');
		[resourceServer, receiver] = await Promise.all([
			startChildServer('oauth4webapi', script, { issuer: provider.issuer, audience: AUDIENCE }),
			Receiver.start(),
		]);
		const common = {
			accessTokenUrl: provider.tokenUrl,
			tokenBinding: 'dpop',
			additionalParameters: { parameters: [{ name: 'resource', value: AUDIENCE }] },
		};
		forms = {
			clientCredentials: { ...common, clientId: 'bound', clientSecret },
			clientCredentialsJwt: {
				...common,
				clientId: 'with-key',
				algorithm: 'ES256',
				keyId: key.keyId,
				privateKey: key.encryptedPrivateKey,
				passphrase: PASSPHRASE,
			},
		};
	}, 60_000);
	afterAll(async () => await Promise.all([provider?.stop(), resourceServer?.stop(), receiver?.close()]));

	beforeEach(() => {
		tokenStore.clear();
		provider.forget();
		receiver.clear();
		verifier = verifyAt(receiver, { issuer: provider.issuer, audience: AUDIENCE });
	});

	const send = async (grantType: keyof typeof forms, url: string, data: object = {}) =>
		await dispatch({
			items,
			credentials: {
				[grantType === 'clientCredentials'
					? 'webhookDispatchClientCredentialsOAuth2Api'
					: 'webhookDispatchJwtOAuth2Api']: { ...forms[grantType], ...data } as never,
			},
			parameters: { url, authentication: 'oAuth2', grantType },
		});

	it.each(['clientCredentials', 'clientCredentialsJwt'] as const)('%s: every proof is verified', async (grantType) => {
		const run = await send(grantType, receiver.url('/hook?a=1'));
		expect(run.error).toBeUndefined();
		expect([run.output().length, verifier.accepted.length, receiver.requests.length]).toEqual([COUNT, COUNT, COUNT]);
		// The nonce is learned with one more request, for which an assertion is made again: one is taken once.
		expect(provider.requests().map(({ status, error }) => [status, error])).toEqual([
			...(dpopNonces ? [[400, 'use_dpop_nonce']] : []),
			[200, undefined],
		]);
	});

	it('the resource server of oauth4webapi takes all of them', async () => {
		const { accepted: before } = await resourceServer.ask<{ accepted: number }>('seen');
		const run = await send('clientCredentials', `http://127.0.0.1:${resourceServer.port}/hook?a=1`);
		expect(run.output()).toHaveLength(COUNT);
		expect(await resourceServer.ask('seen')).toEqual({ refusals: [], accepted: before + COUNT });
	});

	it('the client of oauth4webapi gets and sends what is taken here as well: the verifier is no friend of ours', async () => {
		const delivery = { tokenUrl: provider.tokenUrl, clientId: 'bound', clientSecret, url: receiver.url('/hook?a=1') };
		expect(await resourceServer.ask('deliver', delivery)).toBe(200);
		expect(verifier.accepted).toHaveLength(1);
	});

	it('without DPoP the client is refused, and told which setting it is', async () => {
		const run = await send('clientCredentials', receiver.url(), { tokenBinding: 'none' });
		expect(run.error?.description).toContain('If the client must use DPoP, set Token Binding to DPoP');
		expect(receiver.requests).toHaveLength(0);
	});

	it('the test of the credential says that the token is bound', async () => {
		const helpers = { helpers: credentialTestHelpers } as unknown as ICredentialTestFunctions;
		const result = await credentialTests.webhookDispatchOAuth2ClientCredentialsTest.call(helpers, {
			data: forms.clientCredentials,
		} as never);
		expect(result).toMatchObject({
			status: 'OK',
			message: expect.stringMatching(/It is bound to a key of this n8n \(DPoP\)$/) as string,
		});
	});

	it('a nonce that is too old is renewed within the request; so is a proof, when only the clocks differ', async () => {
		const get = async () =>
			await runWorkflow({
				items: [{}],
				node: { parameters: { resource: 'accessToken', operation: 'get', grantType: 'clientCredentials' } },
				credentials: { webhookDispatchClientCredentialsOAuth2Api: forms.clientCredentials as never },
			});
		const first = await get();
		provider.forget();
		await provider.advanceClock(3600);
		const second = await get();
		expect(second.output()[0]?.json).toMatchObject({ tokenType: 'DPoP', jkt: first.output()[0]?.json.jkt });
		expect(provider.requests().map(({ status, error }) => [status, error])).toEqual([
			[400, 'use_dpop_nonce'],
			[200, undefined],
		]);
	});
});
