import { Receiver, type ReceiverOptions } from './receiver';

/**
 * Gives a function that starts receivers for one test each: they are closed after it, also when it fails.
 * To be called once, at the top of a test file.
 */
export function receiversForTest(): (options?: ReceiverOptions) => Promise<Receiver> {
	const open: Receiver[] = [];
	afterEach(async () => {
		await Promise.all(open.splice(0).map(async (receiver) => await receiver.close()));
	});
	return async (options) => {
		const receiver = await Receiver.start(options);
		open.push(receiver);
		return receiver;
	};
}
