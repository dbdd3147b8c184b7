import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';

import { WebhookDispatchClientCredentialsOAuth2Api } from '../../../credentials/WebhookDispatchClientCredentialsOAuth2Api.credentials';
import { tokenStore } from '../../../lib/oauth2/token/tokenStore';
import { TOKEN_URL } from '../../support/oauth2/credentials';
import { tokenHelper } from '../../support/oauth2/preAuthentication';

/** Which token a request of n8n's HTTP Request node gets: one that was fetched for the very content it is made with. */

let mockNow = Date.parse('2026-11-25T12:00:00Z');
jest.mock('../../../lib/oauth2/token/tokenStore', () => {
	const { TokenStore, ...others } = jest.requireActual<typeof import('../../../lib/oauth2/token/tokenStore')>(
		'../../../lib/oauth2/token/tokenStore',
	);
	return { ...others, TokenStore, tokenStore: new TokenStore({ now: () => mockNow }) };
});

const { preAuthentication, authenticate } = new WebhookDispatchClientCredentialsOAuth2Api();
const options: IHttpRequestOptions = { url: 'https://api.example.com', headers: { accept: '*/*' } };

/** A credential as n8n fills it in for one request: its own object. */
const credential = (change: ICredentialDataDecryptedObject = {}): ICredentialDataDecryptedObject => ({
	accessToken: '',
	accessTokenUrl: TOKEN_URL,
	clientId: 'ada',
	clientSecret: 'secret-of-ada',
	...change,
});

const sent = async (data: ICredentialDataDecryptedObject) => (await authenticate(data, options)).headers?.Authorization;
const refusal = async (data: ICredentialDataDecryptedObject) =>
	await authenticate(data, options).then(
		() => 'nothing',
		(error: unknown) => error,
	);
const likeA401 = { response: { status: 401 } };

beforeEach(() => tokenStore.clear());

describe('a request', () => {
	it('has the token that was fetched for it, and n8n is given nothing to keep', async () => {
		const { n8n, forms } = tokenHelper('one');
		const data = credential();
		expect(await preAuthentication.call(n8n, data)).toEqual({});
		expect(await sent(data)).toBe('Bearer one');
		expect(forms).toHaveLength(1);
	});

	it('shares a token with others of the same content', async () => {
		const { n8n, forms } = tokenHelper('one');
		for (const data of [credential(), credential()]) {
			await preAuthentication.call(n8n, data);
			expect(await sent(data)).toBe('Bearer one');
		}
		expect(forms).toHaveLength(1);
	});

	it('has a new token a minute before the last one expires, with nothing refused', async () => {
		const { n8n, forms } = tokenHelper('one', 'two');
		const first = credential();
		await preAuthentication.call(n8n, first);
		mockNow += 3_539_999;
		const second = credential();
		await preAuthentication.call(n8n, second);
		expect(await sent(second)).toBe('Bearer one');
		mockNow += 1;
		const third = credential();
		expect(await preAuthentication.call(n8n, third)).toEqual({});
		expect(await sent(third)).toBe('Bearer two');
		expect(forms).toHaveLength(2);
	});

	it("leaves n8n's own options alone: the editor is shown them", async () => {
		const { n8n } = tokenHelper('one');
		const data = credential({ headerName: 'X-Access-Token' });
		await preAuthentication.call(n8n, data);
		expect((await authenticate(data, options)).headers).toEqual({ accept: '*/*', 'X-Access-Token': 'Bearer one' });
		expect(options).toEqual({ url: 'https://api.example.com', headers: { accept: '*/*' } });
	});
});

describe('other content', () => {
	it.each([
		['client ID', { clientId: 'ben' }],
		['client secret', { clientSecret: 'secret-of-ben' }],
		['scope', { scope: 'write' }],
		['URL', { accessTokenUrl: 'https://other.example/token' }],
		['parameter', { additionalParameters: { parameters: [{ name: 'audience', value: 'ben' }] } }],
		['token request header', { tokenRequestHeaders: { parameters: [{ name: 'X-Api-Key', value: 'ben' }] } }],
	])('has its own token: another %s', async (_field, change) => {
		const { n8n } = tokenHelper('one', 'two');
		const [ada, ben] = [credential(), credential(change)];
		await preAuthentication.call(n8n, ada);
		await preAuthentication.call(n8n, ben);
		expect([await sent(ben), await sent(ada)]).toEqual(['Bearer two', 'Bearer one']);
	});

	it('is not sent the token of what was in the same object before', async () => {
		const { n8n } = tokenHelper('one', 'two');
		const data = credential();
		await preAuthentication.call(n8n, data);
		data.clientSecret = 'secret-of-ben';
		expect(await refusal(data)).toMatchObject(likeA401);
		expect(await preAuthentication.call(n8n, data)).toEqual({ accessToken: '' });
		expect(await sent(data)).toBe('Bearer two');
	});
});

describe('a token that n8n has stored', () => {
	it('is not sent: it may be of other content. n8n gets a 401, and stores an empty one', async () => {
		const { n8n } = tokenHelper('one');
		const data = credential({ accessToken: 'stored-by-0.1.0' });
		expect(await refusal(data)).toMatchObject({
			...likeA401,
			message: 'No access token was fetched for this content of the credential',
			description: 'Run the node again',
		});
		expect(await preAuthentication.call(n8n, data)).toEqual({ accessToken: '' });
		expect(await sent(data)).toBe('Bearer one');
	});

	it('costs no token request when this process has one for the content', async () => {
		const { n8n, forms } = tokenHelper('one');
		await preAuthentication.call(n8n, credential());
		const data = credential({ accessToken: 'stored-by-0.1.0' });
		await refusal(data);
		await preAuthentication.call(n8n, data);
		expect(await sent(data)).toBe('Bearer one');
		expect(forms).toHaveLength(1);
	});
});

describe('a refused token', () => {
	it('is replaced, and n8n is given what it needs to send again', async () => {
		const { n8n, forms } = tokenHelper('one', 'two');
		const data = credential();
		await preAuthentication.call(n8n, data);
		await sent(data);
		const output = await preAuthentication.call(n8n, data);
		expect(output).toEqual({ accessToken: '' });
		// As n8n does.
		Object.assign(data, output);
		expect(await sent(data)).toBe('Bearer two');
		expect(forms).toHaveLength(2);
	});

	it('is replaced once for all requests that had it', async () => {
		const { n8n, forms } = tokenHelper('one', 'two');
		const all = Array.from({ length: 50 }, () => credential());
		for (const data of all) {
			await preAuthentication.call(n8n, data);
			await sent(data);
		}
		await Promise.all(all.map(async (data) => Object.assign(data, await preAuthentication.call(n8n, data))));
		expect(new Set(await Promise.all(all.map(sent)))).toEqual(new Set(['Bearer two']));
		expect(forms).toHaveLength(2);
	});

	it('leaves the tokens of other content alone', async () => {
		const { n8n, forms } = tokenHelper('one', 'two', 'three');
		const [ada, ben] = [credential(), credential({ clientId: 'ben' })];
		for (const data of [ada, ben]) {
			await preAuthentication.call(n8n, data);
			await sent(data);
		}
		Object.assign(ada, await preAuthentication.call(n8n, ada));
		const again = credential({ clientId: 'ben' });
		await preAuthentication.call(n8n, again);
		expect([await sent(ada), await sent(again)]).toEqual(['Bearer three', 'Bearer two']);
		expect(forms).toHaveLength(3);
	});
});

it('is sent after a token endpoint that failed once: n8n asks a second time', async () => {
	const { n8n } = tokenHelper(503, 'one');
	const data = credential();
	await expect(preAuthentication.call(n8n, data)).rejects.toThrow('503');
	expect(await preAuthentication.call(n8n, data)).toEqual({ accessToken: '' });
	expect(await sent(data)).toBe('Bearer one');
});

it('never goes out without authentication', async () => {
	expect(await refusal(credential())).toMatchObject(likeA401);
	expect(await refusal(credential({ clientId: '' }))).toMatchObject({ message: 'Client ID is empty' });
});
