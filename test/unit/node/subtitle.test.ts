import { runInNewContext } from 'node:vm';

import { WebhookDispatch } from '../../../nodes/WebhookDispatch/WebhookDispatch.node';

/** What the canvas shows below the node's name: never what can be a secret in a URL. */
const { subtitle = '' } = new WebhookDispatch().description;
const shown = ($parameter: object): unknown =>
	runInNewContext(/^=\{\{(.*)\}\}$/s.exec(subtitle)?.[1] ?? '', { $parameter });

it.each([
	['https://hooks.example.com/services/T0/B0/secret', 'POST hooks.example.com'],
	['http://127.0.0.1:5678/webhook/x?key=secret', 'POST 127.0.0.1:5678'],
	['https://example.com?key=secret', 'POST example.com'],
	['https://example.com#secret', 'POST example.com'],
	[' https://example.com', 'POST example.com'],
	['https://user:secret@example.com/', 'POST '],
	['https://secret@example.com', 'POST '],
	['={{ $json.url }}', 'POST '],
	['hooks.example.com/secret', 'POST '],
	['', 'POST '],
	[undefined, 'POST '],
])('a delivery to %p shows as %p', (url, text) => {
	expect(shown({ resource: 'webhook', operation: 'dispatch', method: 'POST', url })).toBe(text);
	expect(shown({ resource: 'webhook', operation: 'sendTest', method: 'POST', url })).toBe(`test: ${text}`);
});

it('another operation shows as itself', () => {
	expect(shown({ resource: 'key', operation: 'generate' })).toBe('generate: key');
});
