import type { IDataObject } from 'n8n-workflow';
import type { Random } from './random';

/** Random fields of items: deep, odd, and made to look like what the node itself writes. */

const texts = [
	'',
	' ',
	'a',
	'Łódź',
	'日本語',
	'👩‍👩‍👧‍👦',
	'𝄞',
	'e\u0301',
	'\u202eabc',
	'\u0000',
	'\ud800',
	'\udfff x',
	'\u2028',
	'\ufeff',
	'"\\/\b\f\n\r\t',
	'</script>',
	'{{ $json.a }}',
	'={{ 1 }}',
	'__proto__',
	'constructor',
	'null',
	'0',
	'x'.repeat(5000),
	'\r\nX-Injected: 1',
	'%00',
	"'; DROP TABLE items; --",
];
const names = [
	...texts.slice(0, 20),
	'__proto__',
	'constructor',
	'prototype',
	'toString',
	'toJSON',
	'hasOwnProperty',
	'length',
	'json',
	'binary',
	'pairedItem',
	'error',
	'message',
	'details',
	'delivery',
	'response',
	'identity',
	'profiles',
	'key_values',
	'then',
	'then ',
	'0',
	'-1',
	'a.b',
	'a[0]',
];
const numbers = [0, -0, 1, -1, 0.1, 1e21, 1e-7, 2 ** 53, -(2 ** 63), Number.MAX_VALUE, Number.MIN_VALUE, 1733011200];

const scalar = (random: Random): unknown =>
	random.pick<() => unknown>([
		() => random.pick(texts),
		() => random.pick(numbers),
		() => random.chance(0.5),
		() => null,
	])();

/** Also `__proto__` is a field like any other, as in an object that was parsed from JSON. */
function put(object: Record<string, unknown>, name: string, value: unknown): void {
	Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

function value(random: Random, depth: number): unknown {
	if (depth === 0 || random.chance(0.5)) return scalar(random);
	if (random.chance(0.4)) return Array.from({ length: random.whole(0, 4) }, () => value(random, depth - 1));
	return object(random, depth - 1);
}

function object(random: Random, depth: number): Record<string, unknown> {
	const made: Record<string, unknown> = {};
	for (let count = random.whole(0, 4); count > 0; count--) put(made, random.pick(names), value(random, depth));
	return made;
}

/** A chain of objects or arrays, deeper than anyone writes by hand. */
function deep(random: Random): unknown {
	let made = scalar(random);
	for (let depth = random.pick([50, 200, 400]); depth > 0; depth--)
		made = random.chance(0.5) ? [made] : { deeper: made };
	return made;
}

const codes = [
	'TIMEOUT',
	'CONNECTION',
	'DNS',
	'TLS',
	'STATUS',
	'REDIRECT',
	'INVALID_URL',
	'TOKEN',
	'CANCELLED',
	'30003',
	'constructor',
	7,
	null,
];

/** Fields like those of a failed delivery, which this node did not make: no mark of it, and never all as 0.1.0 wrote it. */
function lookAlike(random: Random): Record<string, unknown> {
	const delivery = {
		id: random.pick<unknown>([
			'SM123',
			'',
			null,
			7,
			'0f5b4b7e-0000-8000-8000-000000000000',
			'a\r\nb',
			'ü',
			{ toString: 'x' },
			'x'.repeat(300),
		]),
		status: random.pick(['failed', 'delivered', 'sent', null]),
		code: random.pick(codes),
		attempts: random.pick<unknown>([0, 1, 5, -1, 1.5, 1e300, '3', null, []]),
		retryable: random.pick<unknown>([true, false, 'yes', null]),
		at: random.pick<unknown>(['2026-01-01T00:00:00.000Z', 'now', 0]),
		// Never absent: without any, it could be one that 0.1.0 wrote.
		mark: random.pick<unknown>([
			'webhookDispatch:another-node',
			'webhookDispatch:',
			'',
			null,
			true,
			{ id: 'node-1' },
			'node-1',
		]),
		...(random.chance(0.3) && { scheduleStep: random.pick<unknown>([0, 3, -1, 'x', 1e9]) }),
		...(random.chance(0.3) && { statusCode: random.pick<unknown>([503, '503', null]) }),
	};
	return {
		error: random.pick<unknown>(['Webhook Dispatch Failed', 'Invalid Webhook URL', true, { message: 'x' }, 'no']),
		message: random.pick<unknown>(['api.example.com responded 503 [item 0]', 'm', 5]),
		details: {
			delivery,
			description: random.pick<unknown>(['Try again', 5]),
			...(random.chance(0.3) && { response: value(random, 2) }),
		},
	};
}

/** The fields of a random item; all of it has a form in JSON. */
export function randomItem(random: Random): IDataObject {
	const made = object(random, 4);
	if (random.chance(0.1)) put(made, 'deep', deep(random));
	if (random.chance(0.3))
		for (const [name, field] of Object.entries(lookAlike(random))) if (random.chance(0.85)) put(made, name, field);
	return made as IDataObject;
}

/** An item that JSON has no form for: it contains itself somewhere. (A BigInt has one in n8n: it becomes text.) */
export function unwritableItem(random: Random): IDataObject {
	const circle: Record<string, unknown> = { a: 1 };
	circle.self = random.pick<unknown>([circle, [circle], { back: [[circle]] }]);
	return random.pick<Record<string, unknown>>([
		circle,
		{ list: [circle] },
		{ error: 'x', details: circle },
		{ details: { delivery: circle } },
	]) as IDataObject;
}
