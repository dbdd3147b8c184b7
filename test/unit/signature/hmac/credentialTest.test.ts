import { credentialTests } from '../../../../credentials/n8n/credentialTests';
import { secretForms } from '../../keys/canaries';
import { custom, headerRows } from './credential';

/** What n8n shows below the form of a signing credential with a secret. */
const tested = async (data: Record<string, unknown>) =>
	await credentialTests.webhookDispatchSigningTest.call({} as never, {
		data: data as never,
		id: '',
		name: '',
		type: '',
	});

const secret = 'a secret that nobody sees';
const standard = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const hmac = (preset: string) => ({ scheme: 'hmac', preset, secret });

it.each<[Record<string, unknown>, RegExp]>([
	[{ secret: standard }, /webhook-id: msg_sample \| webhook-timestamp: \d+ \| webhook-signature: v1,.{6}…$/],
	[{ scheme: 'standardWebhooks', secret: standard, previousSecret: standard }, /webhook-signature: v1,.{6}… v1,.{6}…$/],
	[hmac('github'), /X-GitHub-Delivery: msg_sample \| X-Hub-Signature-256: sha256=[0-9a-f]{6}…$/],
	[hmac('stripe'), /: Stripe-Signature: t=\d+,v1=[0-9a-f]{6}…$/],
	[
		{ ...hmac('stripe'), secret: 'whsec_x', previousSecret: 'whsec_y' },
		/: Stripe-Signature: t=\d+,v1=[0-9a-f]{6}…,v1=[0-9a-f]{6}…$/,
	],
	[hmac('slack'), /X-Slack-Request-Timestamp: \d+ \| X-Slack-Signature: v0=[0-9a-f]{6}…$/],
	[hmac('shopify'), /X-Shopify-Webhook-Id: msg_sample \| X-Shopify-Hmac-Sha256: .{6}…$/],
	[hmac('twilio'), /: X-Twilio-Signature: .{6}…, and goes to https:\/\/example\.com\/hook\?bodySHA256=.{6}…$/],
	[
		custom({ secret, signatureHeaders: headerRows(['X-T', '{timestampMs}'], ['X-Digest', '{bodySha256}']) }),
		/X-T: \d+ \| X-Digest: 93a239… \| X-Signature: sha256=[0-9a-f]{6}…$/,
	],
])('shows what the headers look like, and no secret: %j', async (data, text) => {
	const { status, message } = await tested(data);
	expect(status).toBe('OK');
	expect(message).toMatch(/^A signed request has these headers: /);
	expect(message).toMatch(text);
	const secrets = secretForms([data.secret, data.previousSecret].filter((value) => typeof value === 'string'));
	expect(secrets.filter((form) => form.length > 6 && message.includes(form))).toEqual([]);
});

it.each([
	[hmac('github'), 'Signatures can be verified, and deliveries not signed: Previous Secret is filled in'],
	[{ secret: `whpk_${Buffer.alloc(32, 7).toString('base64')}` }, 'Signatures can be verified, and deliveries not'],
])('what can only verify says so: %j', async (data, text) => {
	const { status, message } = await tested({ ...data, previousSecret: data.secret });
	expect([status, message]).toEqual(['OK', expect.stringContaining(text)]);
});

it.each<[Record<string, unknown>, RegExp]>([
	[{}, /^The signing credential has no secret\. Fill in Secret/],
	[{ secret: 'whsec_short' }, /^The signing secret/],
	[{ secret: standard, previousSecret: 'whsec_short' }, /^Previous Secret: The signing secret/],
	[{ scheme: 'hmac' }, /^Secret of the signing credential has no value\. Fill in Secret/],
	[custom({ previousSecret: ' x', secondSignature: ',v1={signature}' }), /^Previous Secret of the signing credential/],
	[custom({ secret: 'zz', secretEncoding: 'hex' }), /^Secret of the signing credential is not hex\. .*Secret Encoding/],
	[custom({ signedContent: '{payload}' }), /^Signed Content has the placeholder "\{payload\}".*\. Use \{id\}/],
	[{ ...hmac('slack'), secret: standard }, /starts with whsec_.*\. Select Standard Webhooks under Scheme/],
	[{ scheme: 'unknown', secret }, /^Scheme of the signing credential has a value that does not exist\. Select/],
])('says what is wrong: %j', async (data, text) => {
	expect(await tested(data)).toMatchObject({ status: 'Error', message: expect.stringMatching(text) });
});

it('what a single request is against is no fault of the credential', async () => {
	const { status, message } = await tested(custom({ signatureHeader: 'Content-Type' }));
	expect([status, message]).toEqual(['OK', expect.stringMatching(/^The secret can be used. Not with every request/)]);
});
