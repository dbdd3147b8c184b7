import type { IExecuteFunctions, INode } from 'n8n-workflow';

import type { Delivery } from '../../delivery/delivery';
import type { RunSettings } from './settings';

/** Tells after a run what could be switched on, and which settings had no effect. */
export function addHints(
	context: IExecuteFunctions,
	node: INode,
	settings: RunSettings,
	failed: Delivery[],
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
	// Not there on older versions of n8n.
	context.addExecutionHints?.(...hints.map((message) => ({ message, location: 'outputPane' as const })));
}
