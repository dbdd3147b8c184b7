import type { HmacForm } from './form';

/**
 * The shapes that well-known services document, as the custom form would be filled in. Sources, each read in November 2026:
 * - GitHub, "Validating webhook deliveries": `X-Hub-Signature-256`, `sha256=` and hex; the ID in `X-GitHub-Delivery`.
 * - Stripe, "Verify webhook signatures manually": `t=…,v1=…` over `timestamp.body`; the whole secret, `whsec_` included, is the key.
 * - Slack, "Verifying requests from Slack": `v0=` and hex over `v0:timestamp:body`.
 * - Shopify, "Verify webhook deliveries": `X-Shopify-Hmac-Sha256`, Base64 over the body.
 * - Twilio, "Webhooks security": HMAC-SHA1 in Base64 over the URL, followed by the sorted parameters of a form; the URL of any
 *   other body has its SHA-256 as `bodySHA256`.
 */
export const PRESETS = {
	github: {
		algorithm: 'sha256',
		encoding: 'hex',
		content: '{body}',
		signatureHeader: 'X-Hub-Signature-256',
		signatureFormat: 'sha256={signature}',
		secondSignature: '',
		headers: [['X-GitHub-Delivery', '{id}']],
	},
	stripe: {
		algorithm: 'sha256',
		encoding: 'hex',
		content: '{timestamp}.{body}',
		signatureHeader: 'Stripe-Signature',
		signatureFormat: 't={timestamp},v1={signature}',
		secondSignature: ',v1={signature}',
		headers: [],
	},
	slack: {
		algorithm: 'sha256',
		encoding: 'hex',
		content: 'v0:{timestamp}:{body}',
		signatureHeader: 'X-Slack-Signature',
		signatureFormat: 'v0={signature}',
		secondSignature: '',
		headers: [['X-Slack-Request-Timestamp', '{timestamp}']],
	},
	shopify: {
		algorithm: 'sha256',
		encoding: 'base64',
		content: '{body}',
		signatureHeader: 'X-Shopify-Hmac-Sha256',
		signatureFormat: '{signature}',
		secondSignature: '',
		headers: [['X-Shopify-Webhook-Id', '{id}']],
	},
	twilio: {
		algorithm: 'sha1',
		encoding: 'base64',
		content: '{url}{form}',
		signatureHeader: 'X-Twilio-Signature',
		signatureFormat: '{signature}',
		secondSignature: '',
		headers: [],
		bodyHashParameter: 'bodySHA256',
	},
} as const satisfies Record<string, HmacForm>;

export type Preset = keyof typeof PRESETS;

/** The presets, as the form and messages call them. */
export const PRESET_NAMES: Record<Preset | 'custom', string> = {
	custom: 'Custom',
	github: 'GitHub',
	shopify: 'Shopify',
	slack: 'Slack',
	stripe: 'Stripe',
	twilio: 'Twilio',
};
