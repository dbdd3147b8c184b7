/// <reference lib="dom" />
import { answer } from '../../support/receiver';
import { DISPATCH } from './workflows';
import type { World } from './world';

const HTML = '"><img src=x onerror="window.pwned=1"><script>window.pwned=1</script><b>bold</b>';
const VALUES: Record<string, string> = {
	'4 KB': 'n'.repeat(4096),
	emoji: '\u{1F984}\u{1F469}‍\u{1F680}é\u202Egnp',
	HTML,
	'template injections': '${7*7}<%= 7*7 %>#{7*7}${{7*7}}%0d%0aX-Injected:%20yes',
	'a prototype name': '__proto__',
	'line breaks': 'a\r\nX-Injected: yes\r\n\r\nb',
};

/** A text for people: what happened and how to get on, with nothing of the machine room in it. */
function expectClear(text: string) {
	expect(text.trim()).not.toBe('');
	expect(text).not.toMatch(/undefined|\[object |TypeError|ReferenceError|node_modules|\.js:\d/);
	expect(text.length).toBeLessThan(1500);
}

/** Absurd and hostile texts in the forms: a clear message, an intact editor, nothing executed. */
export function hostileInput(world: World): void {
	const open = async (name: string, parameters = {}) => {
		const { id } = await world.client.workflows.create({
			name,
			nodes: [
				{ id: 's', name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, position: [0, 0], parameters: {} },
				{ id: 'd', name: 'Webhook Dispatch', type: DISPATCH, typeVersion: 1, position: [200, 0], parameters },
			],
			connections: { Start: { main: [[{ node: 'Webhook Dispatch', type: 'main', index: 0 }]] } },
		});
		await world.editor.open(id);
		await world.editor.openNode('Webhook Dispatch');
	};

	/** No script ran, no element came out of a text, and the page has thrown nothing. */
	const expectIntact = async () => {
		const { page, faults } = world.editor;
		expect(await page.evaluate(() => [(window as unknown as { pwned?: number }).pwned, document.querySelectorAll('img[src="x"]').length])).toEqual([undefined, 0]);
		// n8n's own, when a view is left quickly.
		expect(faults.filter((fault) => !fault.includes('without an active workflow document store'))).toEqual([]);
	};

	it.each(Object.entries(VALUES))('%s as the Destination URL', async (name, value) => {
		const { editor, receiver } = world;
		await open(`URL: ${name}`);
		await editor.fill('url', value);
		await editor.executeStep();
		const { message, description } = await editor.shownError();
		await editor.shoot(`hostile-url-${name.replace(/ /g, '-')}`);
		expect(message).toContain('Invalid Webhook URL');
		expectClear(description);
		await expectIntact();
		expect(receiver.requests).toEqual([]);
	});

	it('an empty Destination URL is asked for before anything runs', async () => {
		const { editor } = world;
		await open('URL: empty');
		await editor.at('node-execute-button').first().click();
		await editor.page.getByText(/Parameter "Destination URL" is required|issues? before executing|Please resolve/i).first().waitFor();
		await editor.shoot('hostile-url-empty');
		await expectIntact();
	});

	it.each(Object.entries(VALUES))('%s in headers, query and body', async (name, value) => {
		const { editor, receiver } = world;
		await open(`Pairs: ${name}`, { url: receiver.url('/hook'), body: 'keyValues' });
		await editor.addPair('bodyParameters', value, value);
		await editor.addPair('queryParameters', value, value);
		await editor.executeStep();
		await editor.shoot(`hostile-pairs-${name.replace(/ /g, '-')}`);
		// An input of one line takes line breaks out by itself.
		const typed = value.replace(/[\r\n]/g, '');
		expect(receiver.requests).toHaveLength(1);
		expect(Object.entries(JSON.parse(receiver.requests[0]?.body.toString() ?? '') as object)).toEqual([[typed, typed]]);
		expect([...new URL(receiver.url(receiver.requests[0]?.url)).searchParams]).toEqual([[typed, typed]]);
		expect(receiver.requests[0]?.headers).not.toHaveProperty('x-injected');
		await expectIntact();

		await editor.addPair('headerParameters', value, value);
		await editor.executeStep();
		await editor.shoot(`hostile-header-${name.replace(/ /g, '-')}`);
		const isName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(typed);
		expect(receiver.requests).toHaveLength(isName ? 2 : 1);
		if (isName) {
			expect(receiver.requests[1]?.headers[typed]).toBe(typed);
		} else {
			const { message, description } = await editor.shownError();
			expect(message).toContain('Webhook Dispatch Failed');
			expectClear(description);
		}
		await expectIntact();
	});

	it('the answer of a hostile destination is shown as text', async () => {
		const { editor, receiver } = world;
		receiver.script('/hook', answer(500, { error: HTML, message: HTML }));
		await open('Hostile answer', { url: receiver.url('/hook') });
		await editor.executeStep();
		const { description } = await editor.shownError();
		await editor.shoot('hostile-answer');
		expect(description).toContain('answered 500');
		expectClear(description);
		await expectIntact();
	});

	it.each([
		['Basic', [['authentication', 'Basic']], ['user', 'password', 'testUrl']],
		['Client Credentials', [['authentication', 'OAuth 2.0']], ['accessTokenUrl', 'clientId', 'clientSecret', 'scope', 'accessTokenPath', 'headerName']],
		['Standard Webhooks', [['signing', 'Standard Webhooks']], ['secret', 'previousSecret']],
	] as Array<[string, Array<[string, string]>, string[]]>)('HTML and 4 KB in the fields of the %s credential', async (name, choices, fields) => {
		const { editor } = world;
		for (const value of [HTML, VALUES['4 KB'] ?? '']) {
			await open(`Credential: ${name} ${value.length}`, { url: world.receiver.url('/hook') });
			for (const [parameter, option] of choices) await editor.choose(parameter, option);
			await editor.newCredential();
			for (const field of fields) await editor.fill(field, value, editor.dialog);
			const { passed, text } = await editor.saveCredential();
			await editor.shoot(`hostile-credential-${name.replace(/ /g, '-')}-${value.length}`);
			expect(passed).toBe(false);
			expectClear(text);
			await expectIntact();
			await editor.closeCredential();
		}
	});
}
