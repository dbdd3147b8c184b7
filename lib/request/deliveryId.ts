import { hash, randomUUID } from 'node:crypto';

/** The place of a delivery: enough to find the same ID again after a crash. */
export interface DeliveryOrigin {
	instanceId: string;
	/** What distinguishes the execution and its retries from all others. */
	execution: string;
	nodeId: string;
	runIndex: number;
	itemIndex: number;
}

/**
 * The ID of a delivery. It is derived from its place and its content, so that the same execution, run again
 * after a crash on whichever worker, uses the same ID, and a receiver can recognize the repetition.
 * For an execution that n8n does not record it is random.
 *
 * @param origin its place; undefined for one that must be new
 * @param content the body's text, or what represents the bytes of a file (see `identityOf`)
 * @returns a UUID (RFC 9562 version 8, "custom", when derived; version 4 when random)
 */
export function deliveryId(origin: DeliveryOrigin | undefined, content: string): string {
	if (origin === undefined) return randomUUID();
	const { instanceId, execution, nodeId, runIndex, itemIndex } = origin;
	const hex = hash('sha256', `${instanceId}\n${execution}\n${nodeId}\n${runIndex}\n${itemIndex}\n${content}`);
	const variant = '89ab'.charAt(parseInt(hex.charAt(16), 16) & 3);
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
