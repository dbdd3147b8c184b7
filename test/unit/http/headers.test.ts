import { headerField, isHeaderName, mergedFields, requestHeaders, writtenHeaders } from '../../../lib/http/headers';

const read = (...pairs: Array<[string, unknown]>) => requestHeaders(pairs.map(([name, value]) => ({ name, value })));
const entries = (...pairs: Array<[string, unknown]>) => {
	const result = read(...pairs);
	return result.ok ? Object.entries(result.value.headers) : result.fault.message;
};

describe('header parameters', () => {
	it('have lowercase names, the last of the same name counts, and those without a name are left out', () => {
		expect(entries(['X-One', '1'], ['', 'lost'], ['  ', 'lost'], ['x-two', 2], ['X-ONE', 'one'])).toEqual([
			['x-one', 'one'],
			['x-two', '2'],
		]);
	});

	it('lose spaces at the ends of name and value', () => {
		expect(entries([' X-A ', '  b c\t'])).toEqual([['x-a', 'b c']]);
	});

	it.each([
		[true, 'true'],
		[undefined, ''],
		[null, ''],
		[{ a: 1 }, '{"a":1}'],
		[1e300, '1e+300'],
		['tab\tinside', 'tab\tinside'],
		['Grüße', 'Grüße'],
		['x'.repeat(4096), 'x'.repeat(4096)],
	])('the value %p is sent as %p', (value, text) => {
		expect(entries(['X-A', value])).toEqual([['x-a', text]]);
	});

	it('may be named like a prototype', () => {
		const result = read(['__proto__', 'a'], ['constructor', 'b']);
		expect(result.ok && Object.entries(result.value.headers)).toEqual([
			['__proto__', 'a'],
			['constructor', 'b'],
		]);
		expect(({} as Record<string, unknown>).a).toBeUndefined();
	});

	it.each(['a\r\nX-Injected: 1', 'a\nb', 'a\rb', 'a\0b', 'a\x7fb', 'a\x1bb', 'emoji 🎉', '\ud800', 'ā'])(
		'the value %p is refused, without being repeated',
		(value) => {
			const result = read(['X-Secret', value]);
			expect(result).toEqual({
				ok: false,
				fault: {
					code: 'INVALID_REQUEST',
					message: 'The value of the header X-Secret has line breaks, control characters or characters beyond Latin-1',
					description: 'Remove them, or encode the value, e.g. with encodeURIComponent().',
				},
			});
		},
	);

	it.each(['X A', 'X:A', 'X-A\r\nX-Injected', 'Ä', '🎉', 'X(A)', '"X"', 'a/b', '\ud800'])(
		'the name %p is refused',
		(name) => {
			const result = read([name, 'v']);
			expect(result).toMatchObject({ ok: false, fault: { code: 'INVALID_REQUEST' } });
			expect(result.ok || result.fault.message).toMatch(/^The header name "[\x20-\x7e]+" has characters that/);
		},
	);

	it('a refused name is cut to 60 characters', () => {
		const result = read([`${'n'.repeat(4096)} `.concat('x'), 'v']);
		expect(result.ok || result.fault.message.length).toBeLessThan(150);
	});

	it.each(['Content-Length', 'transfer-encoding', 'Connection', 'Upgrade', 'Expect', 'TE', 'Keep-Alive', 'Trailer'])(
		'%s belongs to the connection',
		(name) => {
			expect(entries([name, '1'])).toBe(`The header ${name} is set by the connection itself`);
			expect(isHeaderName(name)).toBe(false);
		},
	);

	it('Host, Content-Type and Authorization may be set', () => {
		expect(entries(['Host', 'a'], ['Content-Type', 'b'], ['Authorization', 'c'])).toHaveLength(3);
	});
});

const inPairs = (flat: string[]) =>
	flat.flatMap((name, index): Array<[string, string]> => (index % 2 === 0 ? [[name, flat[index + 1]!]] : []));

describe('a name is sent as written', () => {
	const written = (...given: Array<[string, unknown]>) => {
		const result = read(...given);
		return result.ok ? inPairs(writtenHeaders(result.value)) : result.fault.message;
	};

	it.each([
		'apiKey',
		'SOAPAction',
		'X-API-KEY',
		'x-lower',
		'X_Under',
		'CONSTRUCTOR',
		'__PROTO__',
		'__proto__',
		'toString',
	])('%s', (name) => {
		expect(written([` ${name} `, 'v'])).toEqual([[name, 'v']]);
	});

	it('two spellings of one name are one header: the last value, in the last spelling', () => {
		expect(written(['apiKey', '1'], ['X-A', 'a'], ['APIKEY', '2'])).toEqual([
			['APIKEY', '2'],
			['X-A', 'a'],
		]);
	});

	it('merged, the last set of a name gives value and spelling', () => {
		const merged = mergedFields(
			headerField('Authorization', '1'),
			{ headers: { accept: 'a', 'webhook-id': 'id' } },
			headerField('AUTHORIZATION', '2'),
			headerField('Accept', 'b'),
			{
				headers: { accept: 'c' },
			},
		);
		expect({ ...merged.headers }).toEqual({ authorization: '2', accept: 'c', 'webhook-id': 'id' });
		expect(Object.fromEntries(inPairs(writtenHeaders(merged)))).toEqual({
			AUTHORIZATION: '2',
			accept: 'c',
			'webhook-id': 'id',
		});
	});

	it('merged, names like those of a prototype stay fields', () => {
		const merged = mergedFields(headerField('x', '1'), { headers: { constructor: 'c', ['__proto__']: 'p' } });
		expect(inPairs(writtenHeaders(merged))).toEqual([
			['x', '1'],
			['constructor', 'c'],
			['__proto__', 'p'],
		]);
	});

	it('but Host, which the connection writes', () => {
		expect(written(['HOST', 'a'])).toEqual([['host', 'a']]);
	});
});

describe('isHeaderName', () => {
	it.each(['Idempotency-Key', 'x', "!#$%&'*+-.^_`|~09azAZ", '__proto__'])('%p is a name', (name) => {
		expect(isHeaderName(name)).toBe(true);
	});

	it.each(['', ' ', 'a b', 'a\n', 'ü', 'content-length'])('%p is none', (name) => {
		expect(isHeaderName(name)).toBe(false);
	});
});
