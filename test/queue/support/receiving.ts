import type { ServerResponse } from 'node:http';
import { Receiver, type Behaviour, type KeySource } from '../../support/receiver';

const acknowledge = (response: ServerResponse) => {
	response.writeHead(200, { 'content-type': 'application/json' });
	response.end('{"ok":true}');
};

/** Responds with 200 after a while, so that there is a middle of a batch. */
export const slowAnswer = (milliseconds: number): Behaviour => ({
	name: `200 after ${milliseconds} ms`,
	act: (response) => {
		const timer = setTimeout(() => acknowledge(response), milliseconds);
		response.on('close', () => clearTimeout(timer));
	},
});

/** Holds its responses back until it is opened; from then on it responds at once. */
export class Gate {
	private readonly held: ServerResponse[] = [];

	private isOpen = false;

	readonly behaviour: Behaviour = {
		name: '200 when the gate opens',
		act: (response) => {
			if (this.isOpen) acknowledge(response);
			else this.held.push(response);
		},
	};

	open(): void {
		this.isOpen = true;
		this.held.splice(0).forEach(acknowledge);
	}
}

/** What an item of a batch is known by. */
const itemOf = ({ body }: KeySource): string | undefined =>
	body && String((JSON.parse(body.toString('utf8')) as { item: unknown }).item);

/** A receiver that knows deliveries by `item` of their bodies. */
export const startItemReceiver = (otherwise?: Behaviour) =>
	Receiver.start({ keyOf: itemOf, ...(otherwise && { otherwise }) });

/** What a receiver counted. */
export interface ReceiverCounts {
	/** Items that were acknowledged. */
	delivered: number;
	/** Acknowledgements on top of an item's first. */
	repeated: number;
	/** Items whose requests carried more than one ID. */
	underAnotherId: number;
	/** Items that were never acknowledged. */
	missing: number;
}

export function receiverCounts(receiver: Receiver, items: string[]): ReceiverCounts {
	const acknowledged = receiver.acknowledged();
	const idsOf = (item: string) => new Set(receiver.of(item).map(({ headers }) => headers['idempotency-key'])).size;
	return {
		delivered: items.filter((item) => acknowledged.has(item)).length,
		repeated: receiver.repeated(),
		underAnotherId: items.filter((item) => idsOf(item) > 1).length,
		missing: items.filter((item) => !acknowledged.has(item)).length,
	};
}

/** For the table. */
export const countsText = ({ delivered, repeated, underAnotherId, missing }: ReceiverCounts): string =>
	`${delivered} delivered, ${missing} missing, ${repeated} repeated${repeated > 0 ? `, ${underAnotherId} of them under another ID` : ''}`;
