import { isValidSlackRequest } from '@slack/bolt';
import Stripe from 'stripe';
import { validateRequest, validateRequestWithBody } from 'twilio';

/** ESM only, and found through `exports`, which this project's TypeScript does not read. */
const { verify: verifyGitHub } = jest.requireActual<{
	verify(secret: string, payload: string, signature: string): Promise<boolean>;
}>('@octokit/webhooks-methods');

/** The part of Shopify's library that is used here: its types are its sources, which this project's settings are too strict for. */
interface Shopify {
	shopifyApi(settings: object): {
		webhooks: {
			validate(request: { rawBody: string; rawRequest: object; rawResponse: object }): Promise<{ valid: boolean }>;
		};
	};
}
jest.requireActual('@shopify/shopify-api/adapters/node');
const { shopifyApi } = jest.requireActual<Shopify>('@shopify/shopify-api');

/** A request as a receiver has it; headers by lowercase name. */
export interface VendorRequest {
	readonly url: string;
	readonly headers: Record<string, string>;
	readonly body: string;
}

const shopifyHeaders = {
	'x-shopify-topic': 'orders/create',
	'x-shopify-shop-domain': 'acme.myshopify.com',
	'x-shopify-api-version': '2025-01',
};

/** What each service's own library says of a request, by the preset that is for it. */
export const vendors: Record<string, (secret: string, request: VendorRequest) => boolean | Promise<boolean>> = {
	github: async (secret, { headers, body }) => await verifyGitHub(secret, body, headers['x-hub-signature-256'] ?? ''),
	stripe(secret, { headers, body }) {
		try {
			new Stripe('sk_test_x').webhooks.constructEvent(body, headers['stripe-signature'] ?? '', secret);
			return true;
		} catch (error) {
			if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false;
			// Genuine, and not JSON.
			if (error instanceof SyntaxError) return true;
			throw error;
		}
	},
	slack: (signingSecret, { headers, body }) =>
		isValidSlackRequest({
			signingSecret,
			body,
			headers: {
				'x-slack-signature': headers['x-slack-signature'] ?? '',
				'x-slack-request-timestamp': Number(headers['x-slack-request-timestamp']),
			},
		}),
	async shopify(apiSecretKey, { headers, body }) {
		const shopify = shopifyApi({
			apiKey: 'key',
			apiSecretKey,
			hostName: 'app.example.com',
			apiVersion: '2025-01',
			isEmbeddedApp: false,
			logger: { log: () => undefined },
		});
		const rawRequest = { method: 'POST', url: '/', headers: { ...shopifyHeaders, ...headers } };
		return (await shopify.webhooks.validate({ rawBody: body, rawRequest, rawResponse: {} })).valid;
	},
	twilio(token, { headers, url, body }) {
		const signature = headers['x-twilio-signature'] ?? '';
		if (body === '') return validateRequest(token, signature, url, {});
		if (!/^application\/x-www-form-urlencoded/.test(headers['content-type'] ?? '')) {
			return validateRequestWithBody(token, signature, url, body);
		}
		const fields = new URLSearchParams(body);
		const params = [...new Set(fields.keys())].map((name): [string, unknown] => {
			// An Array of jest's own realm, as the library asks for one.
			const values = [...fields.getAll(name)];
			return [name, values.length === 1 ? values[0] : values];
		});
		return validateRequest(token, signature, url, Object.fromEntries(params));
	},
};
