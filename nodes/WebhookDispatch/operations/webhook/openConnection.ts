import type { IExecuteFunctions } from 'n8n-workflow';

import type { AttemptTools } from '../../../../lib/delivery/attempt';
import type { DeliveryFault } from '../../../../lib/delivery/delivery';
import type { Route } from '../../../../lib/delivery/deliveryRun';
import { cancellableWait, eventLoopTurns, pacer } from '../../../../lib/time/pace';
import { leaseDispatcher, type ClientCertificate, type Lease } from '../../../../lib/http/dispatchers';
import { presentedCertificate } from '../../../../lib/http/presentedCertificate';
import { Transport } from '../../../../lib/http/transport';
import { urlGuard } from '../../../../lib/http/urlGuard';
import { fail, ok, type Result } from '../../../../lib/result/result';
import type { Signer } from '../../../../lib/signature/scheme';
import { egressFilterOf } from '../../n8n/egressFilter';
import { traceHeaders } from '../../n8n/trace';
import type { Identity } from '../choice';
import { authorizingPart, certificatePart, signingPart, type Authorizing } from './identities';
import type { RunSettings } from './settings';

/** All that a run's attempts need; to be closed when the run is over. */
export interface Connection extends Route {
	close(): void;
}

/** One to read each socket, and more for the layers above it (TLS, a proxy's tunnel). */
const TURNS_BEFORE_SENDING = 4;

/**
 * Reads the credentials of a run, once, or for each item where their fields read the item, and opens its way out.
 *
 * @param connectTimeoutMs milliseconds a connection may take to be made
 * @returns a fault when a credential that holds for all items cannot be used
 * @throws what n8n throws when a credential cannot be read; that may pass
 */
export async function openConnection(
	context: IExecuteFunctions,
	identity: Identity,
	settings: RunSettings,
	connectTimeoutMs: number,
): Promise<Result<Connection, DeliveryFault>> {
	const authorizing = await authorizingPart(context, identity, settings.proxy);
	const signing = await signingPart(context, identity);
	const certificate = await certificatePart(context, settings.useClientCertificate);
	for (const part of [authorizing, signing, certificate]) {
		const made = part.isByItem ? undefined : await part.of(0);
		if (made?.ok === false) return made;
	}

	const filter = egressFilterOf(context);
	const signal = context.getExecutionCancelSignal?.();
	const wait = cancellableWait(signal);
	const pace = pacer(settings.rateLimit, settings.rateLimitPer, wait);
	const trace = traceHeaders(context);
	const run = `${context.getExecutionId()}/${context.getNode().id}/${String(context.getWorkflowDataProxy(0).$runIndex)}`;
	const leases: Lease[] = [];
	const cancels = new Set<() => void>();
	const cancel = () => cancels.forEach((cancelTransport) => cancelTransport());
	signal?.addEventListener('abort', cancel, { once: true });

	const transportOf = remembered((clientCertificate: ClientCertificate | undefined) => {
		const lease = leaseDispatcher(
			{
				connections: settings.concurrency,
				connectTimeoutMs,
				allowUnauthorizedCerts: settings.allowUnauthorizedCerts,
				...(settings.proxy === undefined ? {} : { proxy: settings.proxy }),
				...(clientCertificate === undefined ? {} : { clientCertificate }),
			},
			filter,
			run,
		);
		leases.push(lease);
		const transport = new Transport(lease.dispatcher, lease.connections);
		cancels.add(() => transport.cancel());
		if (signal?.aborted) transport.cancel();
		return transport;
	});
	const certificateOf = remembered(({ certificate: own }: Authorizing) =>
		remembered((ofNode: ClientCertificate | undefined): Result<ClientCertificate | undefined, DeliveryFault> => {
			if (own === undefined) return ok(ofNode);
			const presented = presentedCertificate(own, ofNode);
			return presented.ok ? presented : fail({ code: 'INVALID_REQUEST', ...presented.fault, retryable: false });
		}),
	);
	const guardOf = remembered(({ checkDomains }: Authorizing) => urlGuard(filter, checkDomains));
	const toolsWith = (who: Authorizing, signer: Signer | undefined, transport: Transport): AttemptTools => ({
		transport,
		authorization: who.authorization,
		guard: guardOf(who),
		pace,
		...(signer === undefined ? {} : { signer }),
		...(trace === undefined ? {} : { trace }),
		...(signal === undefined ? {} : { signal }),
	});
	const toolsFor = async (itemIndex: number): Promise<Result<AttemptTools, DeliveryFault>> => {
		const who = await authorizing.of(itemIndex);
		if (!who.ok) return who;
		const signer = await signing.of(itemIndex);
		if (!signer.ok) return signer;
		const ofNode = await certificate.of(itemIndex);
		if (!ofNode.ok) return ofNode;
		const presented = certificateOf(who.value)(ofNode.value);
		return presented.ok ? ok(toolsWith(who.value, signer.value, transportOf(presented.value))) : presented;
	};

	const isByItem = authorizing.isByItem || signing.isByItem || certificate.isByItem;
	const forAll = isByItem ? undefined : await toolsFor(0);
	// The event loop may have been held: what happened to idle connections meanwhile is read before they are used.
	if (leases.some(({ connections }) => connections.hasIdle)) await eventLoopTurns(TURNS_BEFORE_SENDING);
	return ok({
		wait,
		signal,
		toolsFor: forAll === undefined ? toolsFor : () => forAll,
		close() {
			signal?.removeEventListener('abort', cancel);
			for (const lease of leases) lease.release();
		},
	});
}

/** Gives the same for the same. */
function remembered<K, V>(make: (key: K) => V): (key: K) => V {
	const known = new Map<K, V>();
	return (key) => {
		let value = known.get(key);
		if (value === undefined) known.set(key, (value = make(key)));
		return value;
	};
}
