/// <reference lib="dom" />
import type { World } from './world';

export const HTML = '"><img src=x onerror="window.pwned=1"><script>window.pwned=1</script><b>bold</b>';
/** n8n takes two braces for its own expression: see EXPRESSIONS. */
const TEMPLATES = "${7*7}<%= 7*7 %>#{7*7}%0d%0aX-Injected:%20yes';DROP TABLE a;--${process.env.HOSTILE_CANARY}";

/** What nobody means to type, and what an attacker does. Line breaks, emoji and names of a prototype by themselves: `test/unit/delivery`. */
export const VALUES: Record<string, string> = {
	empty: '',
	'4 KB': 'n'.repeat(4096),
	'all at once': `\u{1F984}\u{1F469}\u200D\u{1F680}é\u202Egnp${HTML}\r\nX-Injected: yes\r\n\r\n${TEMPLATES}`,
	'a prototype name': '__proto__',
};

/** In the environment of n8n; nothing that is typed may bring it out. */
export const CANARY = { HOSTILE_CANARY: 'canary-that-stays-inside' };

/** What the editor makes an expression of, as always with two braces; n8n's sandbox has to hold. */
export const EXPRESSIONS: Record<string, string> = {
	'the environment': '{{ $env.HOSTILE_CANARY }}',
	'a constructor': "{{ constructor.constructor('return process')().env.HOSTILE_CANARY }}",
	'a computed constructor': "{{ (()=>{})['const' + 'ructor']('return process')().env.HOSTILE_CANARY }}",
	'half an expression': '{{ $json.',
};

/** A text for people: what happened and how to get on, with nothing of the machine room in it. */
export function expectClear(text: string) {
	expect(text.trim()).not.toBe('');
	expect(text).not.toMatch(/undefined|\[object |TypeError|ReferenceError|SyntaxError|node_modules|\.js:\d/);
	expect(text).not.toContain(CANARY.HOSTILE_CANARY);
	// A screenful: what was typed is shown shortened.
	expect(text.length).toBeLessThan(1000);
}

/** No script ran, no element came out of a text, and the page has thrown nothing. */
export async function expectIntact({ editor: { page, faults } }: World) {
	expect(
		await page.evaluate(() => [
			(window as unknown as { pwned?: number }).pwned,
			document.querySelectorAll('img[src="x"]').length,
		]),
	).toEqual([undefined, 0]);
	// n8n's own, when a view is left quickly.
	expect(faults.filter((fault) => !fault.includes('without an active workflow document store'))).toEqual([]);
}
