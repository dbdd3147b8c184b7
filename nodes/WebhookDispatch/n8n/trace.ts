import type { IExecuteFunctions } from 'n8n-workflow';

import type { Headers } from '../../../lib/http/headers';

/** What of n8n's own data of a run is used here; it is not a part of the public context. */
interface TracedContext {
	additionalData?: {
		executionId?: string;
		otel?: { injectTraceHeaders?: (executionId: string | undefined, nodeName: string, headers: Headers) => void };
	};
}

/**
 * The headers of n8n's trace (`traceparent`, W3C Trace Context), where the instance writes one (`N8N_OTEL_ENABLED`) and
 * hands it on. They are the node's own span, the same for all requests of a run.
 *
 * @returns undefined without a trace
 * @source n8n 2.40: its request helpers call `additionalData.otel.injectTraceHeaders`; nodes with their own client have to
 */
export function traceHeaders(context: IExecuteFunctions): Headers | undefined {
	const { additionalData } = context as unknown as TracedContext;
	const headers: Headers = {};
	try {
		additionalData?.otel?.injectTraceHeaders?.(additionalData.executionId, context.getNode().name, headers);
	} catch {
		// A delivery without a trace is better than none.
	}
	return Object.keys(headers).length === 0 ? undefined : headers;
}
