import {
	NodeOperationError,
	type ICredentialDataDecryptedObject,
	type IExecuteFunctions,
} from 'n8n-workflow';

import { oAuth2CredentialTypes, type GrantType } from '../../../../credentials/oauth2/oAuth2Credential';
import { readOAuth2Credential } from '../../../../credentials/oauth2/readOAuth2Credential';
import { tokenStore } from '../../../../credentials/oauth2/tokenStore';
import { allowedDomainsOf } from '../../delivery/allowedDomains';
import type { AttemptTools } from '../../delivery/attempt';
import { basicAuthorization, noAuthorization, oAuth2Authorization, type Authorization } from '../../delivery/authorization';
import type { RequestFault } from '../../delivery/codes';
import { leaseDispatcher } from '../../delivery/dispatchers';
import { egressFilterOf } from '../../delivery/egress';
import type { Headers } from '../../delivery/headers';
import { cancellableWait, pacer } from '../../delivery/pace';
import { readSigningSecret, signStandardWebhook } from '../../delivery/signature';
import { createTokenTransport } from '../../delivery/tokenTransport';
import { Transport } from '../../delivery/transport';
import { urlGuard } from '../../delivery/urlGuard';
import { readClientCertificate } from './clientCertificate';
import type { RunSettings } from './settings';

/** All that a run's attempts need; to be closed when the run is over. */
export interface Connection {
	tools: AttemptTools;
	wait: (milliseconds: number) => Promise<void>;
	close(): void;
}

/**
 * Reads the credentials of a run, once, and opens its way out.
 *
 * @param timeout milliseconds a connection may take to be made
 * @throws NodeOperationError when a credential cannot be used
 */
export async function openConnection(
	context: IExecuteFunctions,
	settings: RunSettings,
	timeout: number,
): Promise<Connection> {
	const { authorization, checkDomains } = await readAuthorization(context);
	const sign = await readSigning(context);
	const clientCertificate = settings.useClientCertificate
		? await readClientCertificate(await context.getCredentials('httpSslAuth', 0))
		: undefined;
	if (clientCertificate?.ok === false) {
		const { message, description } = clientCertificate.fault;
		throw new NodeOperationError(context.getNode(), message, { description });
	}
	const filter = egressFilterOf(context);
	const lease = leaseDispatcher(
		{
			connections: settings.concurrency,
			connectTimeout: timeout,
			allowUnauthorizedCerts: settings.allowUnauthorizedCerts,
			...(settings.proxy === undefined ? {} : { proxy: settings.proxy }),
			...(clientCertificate === undefined ? {} : { clientCertificate: clientCertificate.value }),
		},
		filter,
	);
	const signal = context.getExecutionCancelSignal?.();
	const wait = cancellableWait(signal);
	const transport = new Transport(lease.dispatcher, lease.connections);
	const cancel = () => transport.cancel();
	if (signal?.aborted) cancel();
	signal?.addEventListener('abort', cancel, { once: true });
	return {
		wait,
		tools: {
			transport,
			authorization,
			guard: urlGuard(filter, checkDomains),
			pace: pacer(settings.rateLimit, wait),
			...(sign === undefined ? {} : { sign }),
			...(signal === undefined ? {} : { signal }),
		},
		close() {
			signal?.removeEventListener('abort', cancel);
			lease.release();
		},
	};
}

type CheckDomains = (url: URL) => RequestFault | undefined;

async function readAuthorization(
	context: IExecuteFunctions,
): Promise<{ authorization: Authorization; checkDomains: CheckDomains }> {
	const authentication = context.getNodeParameter('authentication', 0, 'none') as string;
	if (authentication === 'none') return { authorization: noAuthorization, checkDomains: () => undefined };
	if (authentication === 'basic') {
		const data = await context.getCredentials('webhookDispatchBasicApi', 0);
		return {
			authorization: basicAuthorization(String(data.user ?? ''), String(data.password ?? '')),
			checkDomains: domainCheck(context, data),
		};
	}
	const type = oAuth2CredentialTypes[context.getNodeParameter('grantType', 0, 'clientCredentials') as GrantType];
	const data = await context.getCredentials(type, 0);
	const read = readOAuth2Credential(type, data);
	if (!read.ok) {
		throw new NodeOperationError(context.getNode(), read.fault.message, { description: read.fault.description });
	}
	return {
		authorization: oAuth2Authorization(read.credential, tokenStore, createTokenTransport(context)),
		checkDomains: domainCheck(context, data),
	};
}

function domainCheck(context: IExecuteFunctions, data: ICredentialDataDecryptedObject): CheckDomains {
	return allowedDomainsOf(context.getNode(), data);
}

async function readSigning(
	context: IExecuteFunctions,
): Promise<((id: string, body: string) => Headers) | undefined> {
	if (context.getNodeParameter('signing', 0, 'none') !== 'standardWebhooks') return undefined;
	const { secret, previousSecret } = await context.getCredentials('webhookDispatchSigningApi', 0);
	const secrets = [secret, previousSecret]
		.filter((text): text is string => typeof text === 'string' && text.trim() !== '')
		.map((text) => {
			const read = readSigningSecret(text);
			if (!read.ok) throw new NodeOperationError(context.getNode(), read.message, { description: read.description });
			return read.secret;
		});
	if (secrets.length === 0) {
		throw new NodeOperationError(context.getNode(), 'The signing credential holds no secret', {
			description: 'Fill in Secret in the Webhook Dispatch Signing credential, e.g. whsec_ and base64.',
		});
	}
	return (id, body) =>
		signStandardWebhook({ id, timestampSeconds: Math.floor(Date.now() / 1000), body, secrets });
}
