import { deliveryId, type DeliveryOrigin } from '../../../lib/request/deliveryId';

const origin: DeliveryOrigin = { instanceId: 'i', execution: '7', nodeId: 'n', runIndex: 0, itemIndex: 0 };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

it('is a UUID of version 8, and the same for the same place and content', () => {
	const id = deliveryId(origin, '{"a":1}');
	expect(UUID.exec(id)?.[1]).toBe('8');
	expect(deliveryId({ ...origin }, '{"a":1}')).toBe(id);
});

it('is a known one, so that no release gives a delivery in progress another', () => {
	expect(deliveryId(origin, '{"a":1}')).toBe('38126f19-7ba2-8ba3-96f9-3b6760977c9c');
});

it('differs with every part of the place and with the content', () => {
	const ids = [
		deliveryId(origin, 'a'),
		deliveryId(origin, 'b'),
		deliveryId({ ...origin, instanceId: 'j' }, 'a'),
		deliveryId({ ...origin, execution: '8' }, 'a'),
		deliveryId({ ...origin, nodeId: 'm' }, 'a'),
		deliveryId({ ...origin, runIndex: 1 }, 'a'),
		deliveryId({ ...origin, itemIndex: 1 }, 'a'),
		deliveryId({ ...origin, runIndex: 1, itemIndex: 1 }, 'a'),
		deliveryId({ ...origin, runIndex: 1, itemIndex: 0 }, '1\na'),
	];
	expect(new Set(ids).size).toBe(ids.length);
});

it('is distinct over thousands of items, and fit for a header and for signing', () => {
	const ids = Array.from({ length: 5000 }, (_, itemIndex) => deliveryId({ ...origin, itemIndex }, ''));
	expect(new Set(ids).size).toBe(5000);
	expect(ids.every((id) => UUID.test(id))).toBe(true);
});

it('is random without a place', () => {
	const ids = Array.from({ length: 100 }, () => deliveryId(undefined, 'same'));
	expect(new Set(ids).size).toBe(100);
	expect(ids.every((id) => UUID.exec(id)?.[1] === '4')).toBe(true);
});
