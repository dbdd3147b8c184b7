/**
 * A local HTTP(S) receiver that fails on demand and counts what it has acknowledged.
 *
 *   const receiver = await Receiver.start({ keyOf: bodyKey('item') });
 *   receiver.script('3', resetAfterBody(), busy(503, 1));   // item 3: reset, then 503, then 200
 *   … requests to receiver.url('/hook') …
 *   receiver.of('3').length; receiver.acknowledged().get('3'); receiver.repeated(); receiver.connections
 *   await receiver.close();
 */
export * from './behaviours';
export { issueCertificate } from './certificates';
export { receiversForTest } from './forTest';
export { bodyKey, pathKey, Receiver, type KeySource, type ReceivedRequest, type ReceiverOptions } from './receiver';
export { refusingUrl } from './refusingUrl';
