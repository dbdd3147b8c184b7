import { quoted } from '../../../lib/text/quoted';

it.each([
	['tenant', '"tenant"'],
	['', '""'],
	['a "b"', '"a ?b?"'],
	['line\nbreak\u0000', '"line?break?"'],
	['x'.repeat(32), `"${'x'.repeat(32)}"`],
	['x'.repeat(33), 'a name of 33 characters'],
])('%j is shown as %s', (name, shown) => {
	expect(quoted(name)).toBe(shown);
});
