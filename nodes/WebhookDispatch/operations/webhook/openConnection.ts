import type { IExecuteFunctions } from 'n8n-workflow';

import { readOAuth2Credential } from '../../../../lib/oauth2/credential/readOAuth2Credential';
import { tokenStore } from '../../../../lib/oauth2/token/tokenStore';
import { allowedDomainsOf } from '../../n8n/credentialDomains';
import type { Route } from '../../../../lib/delivery/deliveryRun';
import {
	basicAuthorization,
	noAuthorization,
	oAuth2Authorization,
	type Authorization,
} from '../../../../lib/delivery/authorization';
import { invalidRequest, type RequestFault } from '../../../../lib/result/requestFault';
import { ok, type Result } from '../../../../lib/result/result';
import { leaseDispatcher } from '../../../../lib/http/dispatchers';
import { egressFilterOf } from '../../n8n/egressFilter';
import type { Headers } from '../../../../lib/http/headers';
import { cancellableWait, eventLoopTurns, pacer } from '../../../../lib/delivery/pace';
import { readSigningSecret, signStandardWebhook, type SigningSecret } from '../../../../lib/request/signature';
import { createTokenTransport } from '../../n8n/tokenTransport';
import { Transport } from '../../../../lib/http/transport';
import { urlGuard } from '../../../../lib/http/urlGuard';
import type { Identity } from '../choice';
import { readRunCredential } from '../../n8n/itemCredential';
import { readClientCertificate } from '../../../../lib/http/clientCertificate';
import type { RunSettings } from './settings';

/** All that a run's attempts need; to be closed when the run is over. */
export interface Connection extends Route {
	close(): void;
}

/**
 * Reads the credentials of a run, once, and opens its way out.
 *
 * @param timeout milliseconds a connection may take to be made
 * @returns a fault when a credential cannot be used
 * @throws what n8n throws when a credential cannot be read; that may pass
 */
export async function openConnection(
	context: IExecuteFunctions,
	identity: Identity,
	settings: RunSettings,
	timeout: number,
): Promise<Result<Connection, RequestFault>> {
	const read = await readAuthorization(context, identity, settings);
	if (!read.ok) return read;
	const { authorization, checkDomains } = read.value;
	const sign = identity.signing === 'none' ? undefined : await readSigning(context);
	if (sign?.ok === false) return sign;
	const clientCertificate = settings.useClientCertificate ? await readCertificate(context) : undefined;
	if (clientCertificate?.ok === false) return clientCertificate;
	const filter = egressFilterOf(context);
	const lease = leaseDispatcher(
		{
			connections: settings.concurrency,
			connectTimeoutMs: timeout,
			allowUnauthorizedCerts: settings.allowUnauthorizedCerts,
			...(settings.proxy === undefined ? {} : { proxy: settings.proxy }),
			...(clientCertificate === undefined ? {} : { clientCertificate: clientCertificate.value }),
		},
		filter,
		`${context.getExecutionId()}/${context.getNode().id}/${String(context.getWorkflowDataProxy(0).$runIndex)}`,
	);
	// The event loop may have been held: what happened to idle connections meanwhile is read before they are used.
	if (lease.connections.hasIdle) await eventLoopTurns(TURNS_BEFORE_SENDING);
	const signal = context.getExecutionCancelSignal?.();
	const wait = cancellableWait(signal);
	const transport = new Transport(lease.dispatcher, lease.connections);
	const cancel = () => transport.cancel();
	if (signal?.aborted) cancel();
	signal?.addEventListener('abort', cancel, { once: true });
	return ok({
		wait,
		tools: {
			transport,
			authorization,
			guard: urlGuard(filter, checkDomains),
			pace: pacer(settings.rateLimit, wait),
			...(sign === undefined ? {} : { sign: sign.value }),
			...(signal === undefined ? {} : { signal }),
		},
		close() {
			signal?.removeEventListener('abort', cancel);
			lease.release();
		},
	});
}

/** One to read each socket, and more for the layers above it (TLS, a proxy's tunnel). */
const TURNS_BEFORE_SENDING = 4;

interface Authorizing {
	authorization: Authorization;
	checkDomains: (url: URL) => RequestFault | undefined;
}

async function readAuthorization(
	context: IExecuteFunctions,
	{ authentication, credentialType }: Identity,
	{ proxy }: RunSettings,
): Promise<Result<Authorizing, RequestFault>> {
	if (credentialType === undefined) return ok({ authorization: noAuthorization, checkDomains: () => undefined });
	const read = await readRunCredential(context, credentialType);
	if (!read.ok) return read;
	const data = read.value;
	const checkDomains = allowedDomainsOf(context.getNode(), data);
	if (authentication === 'basic') {
		const authorization = basicAuthorization(String(data.user ?? ''), String(data.password ?? ''));
		return ok({ authorization, checkDomains });
	}
	const oAuth2 = readOAuth2Credential(credentialType, data);
	if (!oAuth2.ok) return invalidRequest(oAuth2.fault.message, oAuth2.fault.description);
	const authorization = oAuth2Authorization(oAuth2.value, tokenStore, createTokenTransport(context, proxy));
	return ok({ authorization, checkDomains });
}

async function readCertificate(context: IExecuteFunctions): Promise<Awaited<ReturnType<typeof readClientCertificate>>> {
	const data = await readRunCredential(context, 'httpSslAuth');
	return data.ok ? await readClientCertificate(data.value) : data;
}

type Sign = (id: string, body: string) => Headers;

async function readSigning(context: IExecuteFunctions): Promise<Result<Sign, RequestFault>> {
	const data = await readRunCredential(context, 'webhookDispatchSigningApi');
	if (!data.ok) return data;
	const { secret, previousSecret } = data.value;
	const secrets: SigningSecret[] = [];
	for (const text of [secret, previousSecret]) {
		if (typeof text !== 'string' || text.trim() === '') continue;
		const read = readSigningSecret(text);
		if (!read.ok) return invalidRequest(read.fault.message, read.fault.description);
		secrets.push(read.value);
	}
	if (secrets.length === 0) {
		return invalidRequest(
			'The signing credential has no secret',
			'Fill in Secret in the Webhook Dispatch Signing credential, e.g. whsec_ and base64.',
		);
	}
	return ok((id, body) => signStandardWebhook({ id, timestampSeconds: Math.floor(Date.now() / 1000), body, secrets }));
}
