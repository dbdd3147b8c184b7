import { Container, network } from '../engine/container';
import type {
	ICredentialTestFunctions,
	IExecuteFunctions,
	IHttpRequestHelper,
	IHttpRequestOptions,
} from 'n8n-workflow';

import { credentialTestTransport, preAuthenticationTransport } from '../../../credentials/n8n/tokenTransports';
import type { TokenTransport } from '../../../lib/oauth2/token/tokenTransport';
import { createTokenTransport } from '../../../nodes/WebhookDispatch/n8n/tokenTransport';

/** n8n's outgoing requests, as its helpers make them. */
interface Requests {
	request: IHttpRequestHelper['helpers']['httpRequest'];
	requestLegacy: (options: object) => Promise<unknown>;
}

/** n8n's own client, made again for each request as n8n does (the egress rules may have changed). */
const requests = (): Requests =>
	(Container.get(network?.OutboundHttp as never) as { requests: () => Requests }).requests();

/** What `preAuthentication` is given: all helpers of the node, more than their type says. */
const all = {
	httpRequest: async (options: IHttpRequestOptions) => (await requests().request(options)) as unknown,
	request: async (options: object) => await requests().requestLegacy(options),
};
export const preAuthenticationHelpers: IHttpRequestHelper['helpers'] = all;

/** What a credential test is given: n8n-core's `CredentialTestContext`, its HTTP helper. */
export const credentialTestHelpers = {
	request: async (options: object) => await requests().requestLegacy(options),
} as unknown as ICredentialTestFunctions['helpers'];

/** What the node is given, on an n8n whose egress rules are off. */
export const nodeContext = { helpers: {} } as unknown as IExecuteFunctions;

/** The three ways to a token endpoint, each over the real client behind it. */
export const tokenPaths: Array<[string, () => TokenTransport]> = [
	['the node', () => createTokenTransport(nodeContext)],
	['preAuthentication', () => preAuthenticationTransport(preAuthenticationHelpers)],
	['the credential test', () => credentialTestTransport(credentialTestHelpers)],
];
