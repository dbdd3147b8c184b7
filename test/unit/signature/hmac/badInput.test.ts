import { custom, headerRows, refusal, signed, streamed, verified, delivery } from './credential';

/** What cannot be signed is refused: the message names the field, the description what to do, neither the secret. */
const secret = 'c2VjcmV0LXRleHQ!';

describe('a secret that does not fit', () => {
	it.each([
		['', 'text', /^Secret .* has no value\. Fill in Secret/],
		['   ', 'hex', /^Secret .* has no value\. Fill in Secret/],
		[' leading', 'text', /^Secret .* begins or ends with white space\. Remove it/],
		['trailing\n', 'text', /^Secret .* begins or ends with white space\. Remove it/],
		['line\nbroken', 'text', /^Secret .* line break or an invisible character\. Copy it again/],
		['zero\u200bwidth', 'text', /^Secret .* line break or an invisible character\. Copy it again/],
		['abc', 'hex', /^Secret .* is not hex\. .*Check that all of it was pasted, or select Text under Secret Encoding/],
		['zz', 'hex', /^Secret .* is not hex\./],
		['0x4a65', 'hex', /^Secret .* is not hex\./],
		['4a 65', 'hex', /^Secret .* is not hex\./],
		[secret, 'base64', /^Secret .* is not Base64\. .*or select Text under Secret Encoding/],
		['a', 'base64', /^Secret .* is not Base64\./],
		['whsec_c2VjcmV0', 'base64', /^Secret .* is not Base64\. It starts with whsec_\. Select Standard Webhooks/],
		['whsec_c2VjcmV0', 'hex', /^Secret .* is not hex\. It starts with whsec_\. Select Standard Webhooks/],
		[`whsk_${secret}`, 'text', /^Secret .* is a key of Standard Webhooks \(whsk_\)\. Select Standard Webhooks/],
		['text', 'utf16', /^Secret Encoding .* does not exist\. Select Text, Hex or Base64/],
	])('%j as %s', async (value, secretEncoding, text) => {
		const said = await refusal(custom({ secret: value, secretEncoding }));
		expect(said).toMatch(text);
		if (value.trim().length > 8) expect(said).not.toContain(value.trim().slice(6));
	});

	it.each(['github', 'slack', 'shopify', 'twilio'])('one of Standard Webhooks or Stripe for %s', async (preset) => {
		expect(await refusal({ scheme: 'hmac', preset, secret: 'whsec_c2VjcmV0' })).toMatch(
			/starts with whsec_, and those of \w+ do not\. Select Standard Webhooks under Scheme or Stripe under Preset/,
		);
	});

	it('a previous secret by its name', async () => {
		const said = await refusal(custom({ previousSecret: ' x', secondSignature: ',v1={signature}' }));
		expect(said).toMatch(/^Previous Secret .* begins or ends with white space/);
	});
});

describe('two secrets in a rotation', () => {
	it.each(['github', 'slack', 'shopify', 'twilio'])('%s has room for one', async (preset) => {
		const said = await refusal({ scheme: 'hmac', preset, secret: 'new', previousSecret: 'old' });
		expect(said).toMatch(/^Previous Secret is filled in, and a \w+ signature has room for one secret\. Leave Previous/);
	});

	it('a custom shape has room where Second Signature says how', async () => {
		const data = custom({ secret: 'new', previousSecret: 'old' });
		expect(await refusal(data)).toMatch(/^Previous Secret is filled in, and Second Signature .* is empty\. .*fill in/);
		const { 'x-signature': value } = await signed({ ...data, secondSignature: ', sha256={signature}' });
		const [one, two] = await Promise.all(
			['new', 'old'].map(async (of) => (await signed(custom({ secret: of })))['x-signature']),
		);
		expect(value).toBe(`${one}, ${two}`);
	});

	it.each(['github', 'stripe', 'slack', 'shopify', 'twilio'])('either verifies: %s', async (preset) => {
		const url = new URL('https://hooks.example.com/in');
		const body = 'a=1';
		const headers = { 'content-type': 'application/x-www-form-urlencoded' };
		const made = await signed({ scheme: 'hmac', preset, secret: 'old' }, { url, body, headers });
		const data = { scheme: 'hmac', preset, secret: 'new', previousSecret: 'old' };
		const message = { url, headers: { ...headers, ...made }, body: Buffer.from(body) };
		expect(await verified(data, message)).toBe('genuine');
		expect(await verified({ ...data, previousSecret: '' }, message)).toBe('NO_MATCH');
	});

	it.each([['v1={signature}'], [',v1='], [',{signature}{signature}'], [','], ['{signature}'], [',\n{signature}']])(
		'a Second Signature %j cannot follow',
		async (secondSignature) => {
			expect(await refusal(custom({ secondSignature }))).toMatch(
				/^Second Signature .* cannot follow the first one\. Begin it with a comma.* e\.g\. ,v1=\{signature\}/,
			);
		},
	);
});

describe('a shape that cannot be used', () => {
	const noRows = headerRows();
	it.each<[Record<string, unknown>, RegExp]>([
		[{ signedContent: '{time}.{body}' }, /^Signed Content has the placeholder "\{time\}", which .*\. Use \{id\}/],
		[{ signedContent: '{Body}' }, /^Signed Content has the placeholder "\{Body\}"/],
		[{ signedContent: '{ body }' }, /^Signed Content has the placeholder "\{ body \}"/],
		[{ signedContent: '{{body}}' }, /^Signed Content has the placeholder "\{\{body\}\}"/],
		[{ signedContent: '{{ $json.a }}' }, /^Signed Content has the placeholder/],
		[{ signedContent: '{signature}' }, /^Signed Content has the placeholder "\{signature\}"/],
		[{ signedContent: '{__proto__}' }, /^Signed Content has the placeholder "\{__proto__\}"/],
		[{ signedContent: '' }, /^Signed Content .* is empty\. Fill in what is signed, e\.g\. \{body\}/],
		[{ signatureFormat: 'sha256=' }, /^Signature Value .* needs \{signature\}, once\. Write where/],
		[{ signatureFormat: '' }, /^Signature Value .* needs \{signature\}, once/],
		[{ signatureFormat: '{signature}{signature}' }, /^Signature Value .* needs \{signature\}, once/],
		[{ signatureFormat: '{body}{signature}' }, /^Signature Value has the placeholder "\{body\}"/],
		[{ signatureFormat: 'a\nb={signature}' }, /^Signature Value .* has line breaks.*\. Remove them/],
		[{ signatureFormat: '☃{signature}' }, /^Signature Value .* beyond Latin-1\. Remove them/],
		[{ signatureHeader: '' }, /^Signature Header .* has no name\. Use letters/],
		[{ signatureHeader: 'X Signature' }, /^Signature Header .* cannot be called "X Signature"\. Use letters/],
		[{ signatureHeader: 'Content-Length' }, /^Signature Header .* cannot be called "Content-Length"/],
		[{ signatureHeader: 'Host' }, /^Signature Header .* cannot be called "Host"/],
		[{ signatureHeaders: headerRows(['X-A', '{nonce}']) }, /^The header X-A has the placeholder "\{nonce\}"/],
		[{ signatureHeaders: headerRows(['X-A', '{body}']) }, /^The header X-A has the placeholder "\{body\}"/],
		[
			{ signatureHeaders: headerRows(['x-signature', '1'], ['X-T', '{timestamp}']) },
			/sets the header "x-signature" twice\. Remove/,
		],
		[{ signatureHeaders: noRows }, /^Signed Content has the time, and no header .* sends it\. .*Add a header/],
		[{ hashAlgorithm: 'md5' }, /^Hash Algorithm .* does not exist\. Select one of SHA-256/],
		[{ hashAlgorithm: 'constructor' }, /^Hash Algorithm .* does not exist/],
		[{ signatureEncoding: 'binary' }, /^Signature Encoding .* does not exist\. Select one of Hex/],
		[{ preset: 'gitlab' }, /^Preset .* does not exist\. Select one of Custom, GitHub/],
	])('%j', async (fields, text) => {
		expect(await refusal(custom(fields))).toMatch(text);
		expect(await verified(custom(fields))).not.toBe('genuine');
	});

	it('braces around what is no word are signed as they are', async () => {
		const content = '{"id":"{id}","n":{1},"e":{}}';
		const headers = await signed(custom({ signedContent: content, signatureHeaders: noRows }));
		const same = await signed(custom({ signedContent: '{body}', signatureHeaders: noRows }), {
			body: content.replace('{id}', 'msg_1'),
		});
		expect(headers).toEqual(same);
	});
});

describe('a request that cannot be signed', () => {
	it('has a header of the signature already', async () => {
		expect(await refusal(custom(), { headers: { 'x-signature': 'mine' } })).toMatch(
			/^The header X-Signature is set by the signing credential, and by the node.*\. Remove X-Signature from Header/,
		);
		const data = { scheme: 'hmac', preset: 'github', secret: 'x' };
		expect(await refusal(data, { headers: { 'x-github-delivery': 'other' } })).toMatch(/^The header X-GitHub-Delivery/);
		// The option Idempotency Header sends the same ID.
		expect(await refusal(data, { headers: { 'x-github-delivery': delivery.id } })).toBe('no fault');
	});

	it('is a form that Twilio signs by its fields, sent as a file', async () => {
		const headers = { 'content-type': 'application/x-www-form-urlencoded' };
		expect(
			await refusal(
				{ scheme: 'hmac', preset: 'twilio', secret: '12345' },
				{ headers, body: streamed(Buffer.from('a=1'), 1) },
			),
		).toMatch(/^A form that is sent as a file cannot be signed by its fields\. Select Form under Body/);
	});
});
