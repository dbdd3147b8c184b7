import type { DeliveryFault } from '../../../../lib/delivery/delivery';
import { labelOf, optionNames, type OptionRow } from './optionTable';

/** What deliveries have and a test has not: options, and the settings about retries. */
const LACKING = ['Retry On Fail', ...optionNames((row: OptionRow) => row.inTest !== true).map(labelOf)];

/** Sentences, also where one has an abbreviation. */
const sentencesOf = (text: string): string[] => text.split(/(?<=[.!?])(?<!e\.g\.|i\.e\.) +(?=\p{Lu})/u);

/**
 * The next step after a test that did not pass: that of the delivery, without what Send Test lacks.
 *
 * @param fault of the one delivery that was tried
 */
export function testAdvice({ description, statusCode, retryable }: DeliveryFault): string {
	const steps = sentencesOf(description).filter((sentence) => !LACKING.some((name) => sentence.includes(name)));
	if (statusCode !== undefined && statusCode >= 200 && statusCode < 300) {
		steps.push('Send Test passes only on 200 OK. Webhook: Dispatch accepts every 2xx status by default.');
	} else if (retryable) steps.push('Run the test again later.');
	return steps.filter((step) => step !== '').join(' ');
}
