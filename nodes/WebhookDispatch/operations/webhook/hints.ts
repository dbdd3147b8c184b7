import type { IExecuteFunctions, INode } from 'n8n-workflow';

import type { Delivery } from '../../../../lib/delivery/delivery';
import { runSummary } from '../../../../lib/delivery/runSummary';
import type { RunSettings } from './settings';

/** What became of a run, for its hints. */
interface RunReport {
	deliveries: readonly Delivery[];
	/** Of those delivered in this try, in milliseconds. */
	durationsMs: readonly number[];
	/** How many requests went without the body that Body shows for them. */
	bodiesDropped: number;
}

/** Says after a run how it went, what could be turned on, and which settings had no effect. */
export function addHints(
	context: IExecuteFunctions,
	node: INode,
	settings: RunSettings,
	{ deliveries, durationsMs, bodiesDropped }: RunReport,
): void {
	const summary = runSummary(deliveries, durationsMs);
	const hints = summary === '' ? [] : [`${summary}.`];
	const retryable = deliveries.filter(({ state, fault }) => state === 'failed' && fault?.retryable).length;
	if (retryable > 0 && node.retryOnFail !== true && settings.retrySchedule.length === 0) {
		hints.push(
			`${retryable} ${retryable === 1 ? 'delivery' : 'deliveries'} may succeed on retry: turn on <b>Retry On Fail</b> in the node's settings. What was delivered is not sent again.`,
		);
	}
	if (settings.retrySchedule.length > 0 && node.onError !== 'continueErrorOutput') {
		hints.push(
			'<b>Retry Schedule</b> has no effect unless <b>On Error</b> in the settings is "Continue (using error output)" and is connected to a Wait node.',
		);
	}
	if (settings.backoff === 'exponential' && node.retryOnFail !== true) {
		hints.push("<b>Backoff</b> has no effect unless <b>Retry On Fail</b> is turned on in the node's settings.");
	}
	if (bodiesDropped > 0) {
		hints.push(
			`${bodiesDropped} GET ${bodiesDropped === 1 ? 'request was' : 'requests were'} sent without a body, as GET sends none. Select another <b>Method</b>, or set <b>Body</b> to None.`,
		);
	}
	// Not there on older versions of n8n.
	context.addExecutionHints?.(...hints.map((message) => ({ message, location: 'outputPane' as const })));
}
