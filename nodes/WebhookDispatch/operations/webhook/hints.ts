import type { IExecuteFunctions, INode } from 'n8n-workflow';

import type { Delivery } from '../../../../lib/delivery/delivery';
import type { RunSettings } from './settings';

/**
 * Tells after a run what could be turned on, and which settings had no effect.
 *
 * @param failed the deliveries that failed for good
 * @param bodiesDropped how many requests went without the body that Body shows for them
 */
export function addHints(
	context: IExecuteFunctions,
	node: INode,
	settings: RunSettings,
	failed: Delivery[],
	bodiesDropped = 0,
): void {
	const hints: string[] = [];
	const retryable = failed.filter(({ fault }) => fault?.retryable).length;
	if (retryable > 0 && node.retryOnFail !== true && settings.retrySchedule.length === 0) {
		hints.push(
			`${retryable} ${retryable === 1 ? 'delivery' : 'deliveries'} may work when tried again: switch on <b>Retry On Fail</b> in the node's settings. What was delivered is not sent again.`,
		);
	}
	if (settings.retrySchedule.length > 0 && node.onError !== 'continueErrorOutput') {
		hints.push(
			'<b>Retry Schedule</b> has no effect unless <b>On Error</b> in the settings is "Continue (using error output)" and a Wait node follows there.',
		);
	}
	if (settings.backoff === 'exponential' && node.retryOnFail !== true) {
		hints.push("<b>Backoff</b> has no effect unless <b>Retry On Fail</b> is switched on in the node's settings.");
	}
	if (bodiesDropped > 0) {
		hints.push(
			`${bodiesDropped} GET ${bodiesDropped === 1 ? 'request was' : 'requests were'} sent without a body, as GET sends none. Select another <b>Method</b>, or set <b>Body</b> to None.`,
		);
	}
	// Not there on older versions of n8n.
	context.addExecutionHints?.(...hints.map((message) => ({ message, location: 'outputPane' as const })));
}
