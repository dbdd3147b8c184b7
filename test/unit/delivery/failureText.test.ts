import { itemTag, networkFailure, statusFailure } from '../../../lib/delivery/failureText';

/** n8n's UX guide: say what happened and how to get on. */
const AVOIDED = /\b(error|problem|failure|mistake)s?\b/i;

describe('a status that is no success', () => {
	it('is reported with host, status, and the destination’s own words', () => {
		expect(statusFailure('api.example.com', 422, 'subject: is empty')).toEqual({
			message: 'api.example.com responded with 422 Unprocessable Entity: subject: is empty',
			description: 'The destination rejected the content of the request. Check the response for the field.',
		});
		expect(statusFailure('h:8080', 503, '').message).toBe('h:8080 responded with 503 Service Unavailable');
	});

	it.each(Array.from({ length: 500 }, (_, index) => index + 100))('%i has a next step', (status) => {
		const { message, description } = statusFailure('h', status, '');
		expect(message).toMatch(new RegExp(`^h responded with ${status}`));
		expect(description).toMatch(/^[A-Z].*[.]$/);
		expect(description).not.toMatch(AVOIDED);
	});

	it('points to what helps', () => {
		const next = (status: number) => statusFailure('h', status, '').description;
		expect(next(401)).toMatch(/credential/);
		expect(next(404)).toMatch(/Destination URL/);
		expect(next(410)).toMatch(/permanently gone/);
		expect(next(429)).toMatch(/Retry On Fail/);
		expect(next(500)).toMatch(/Retry On Fail/);
		expect(next(302)).toMatch(/Follow Redirects/);
		expect(next(202)).toMatch(/Success Status/);
	});

	it('reports where a redirect points to, and no other status', () => {
		expect(statusFailure('h', 302, '', 'https://other/x').message).toBe(
			'h responded with 302 Found, pointing to https://other/x',
		);
		expect(statusFailure('h', 201, '', 'https://other/x').message).toBe('h responded with 201 Created');
	});
});

it.each(['TIMEOUT', 'CONNECTION', 'DNS', 'TLS', 'REDIRECT', 'RESPONSE_TOO_LARGE', 'BLOCKED', 'CANCELLED'] as const)(
	'%s has host, cause and a next step',
	(code) => {
		const { message, description } = networkFailure('h:1', code, 'why');
		expect(message).toBe('Delivery to h:1 failed: why');
		expect(description).toMatch(/^[A-Z].*[.]$/);
		expect(description).not.toMatch(AVOIDED);
	},
);

it('names a status, a known one with its phrase', () => {
	const messages = [404, 599].map((status) => statusFailure('h:1', status, '').message);
	expect(messages).toEqual(['h:1 responded with 404 Not Found', 'h:1 responded with 599']);
});

it('counts items from 0, as n8n does', () => {
	expect([itemTag([0]), itemTag([7]), itemTag([0, 1, 2]), itemTag([])]).toEqual([
		'[item 0]',
		'[item 7]',
		'[items 0-2]',
		'[item 0]',
	]);
});
