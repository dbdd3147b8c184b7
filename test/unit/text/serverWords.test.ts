import { serverWords } from '../../../lib/text/serverWords';

describe('the words for a message', () => {
	it.each([
		['plain text', 'plain text'],
		['"Invalid key"', 'Invalid key'],
		['"a tab\tand \\u00e4"', 'a tab and ä'],
		['"half', '"half'],
		[`<html>${'long page '.repeat(30)}</html>`, ''],
		['  <?xml version="1.0"?>', ''],
		[{ error_description: 'why' }, 'why'],
		[{ msg: 'why' }, 'why'],
		[{ errmsg: 'why' }, 'why'],
		[{ detail: 'why' }, 'why'],
		[{ details: 'why' }, 'why'],
		[{ error: 'why' }, 'why'],
		[{ reason: 'why' }, 'why'],
		[{ title: 'why' }, 'why'],
		[{ err: 'why' }, 'why'],
		[{ status: 'error', statusMessage: 'why' }, 'why'],
		[{ success: false, info: 'why' }, 'why'],
		[{ error: true, text: 'why' }, 'why'],
		[['one', 'two'], 'one; two'],
		[{ errors: ['one', 'two'] }, 'one; two'],
		[{ error: { message: 'why' } }, 'why'],
		[{ errors: [{ message: 'why' }] }, 'why'],
		[{ error: { reason: 'why' } }, 'why'],
		[{ message: 'no subject' }, 'no subject'],
		[
			{ error: 'RecordInvalid', description: 'Record validation errors', details: { a: 1 } },
			'Record validation errors: RecordInvalid',
		],
		[{ error: 'invalid', error_description: 'why' }, 'why: invalid'],
		[{ errors: [{ code: 5 }] }, '[{"code":5}]'],
		[{ message: '', other: 1 }, '{"message":"","other":1}'],
		[{ error: null, code: 7 }, '{"error":null,"code":7}'],
		[[1], '[1]'],
		[null, ''],
		[undefined, ''],
		[5, ''],
	])('of %p are %p', (response, words) => {
		expect(serverWords(response)).toBe(words);
	});

	it('are not taken from a prototype', () => {
		expect(serverWords(Object.create({ message: 'inherited' }))).toBe('{}');
	});
});

describe('nested reasons are found', () => {
	it.each<[string, object, string]>([
		[
			'Zendesk',
			{
				error: 'RecordInvalid',
				description: 'Record validation errors',
				details: {
					requester: [{ description: 'Requester Name: is too short (minimum is 1 characters)', error: 'TooShort' }],
				},
			},
			'Record validation errors: Requester Name: is too short (minimum is 1 characters)',
		],
		[
			'Zendesk, error as an object',
			{ error: { title: 'Invalid attribute', message: 'You passed an invalid value' } },
			'You passed an invalid value',
		],
		[
			'Rails',
			{ errors: { name: ['is too short', 'is taken'], email: ['is empty'] } },
			'name: is too short; name: is taken; email: is empty',
		],
		['Rails, full messages', { errors: ['Name is too short'] }, 'Name is too short'],
		[
			'Laravel',
			{ message: 'The given data was invalid.', errors: { email: ['The email field is required.'] } },
			'The given data was invalid: The email field is required.',
		],
		[
			'Django REST framework',
			{ email: ['Enter a valid address.'], age: ['A valid integer is required.'] },
			'email: Enter a valid address.; age: A valid integer is required.',
		],
		[
			'JSON:API',
			{
				errors: [
					{
						status: '422',
						title: 'Invalid Attribute',
						detail: 'must have two characters',
						source: { pointer: '/data/attributes/firstName' },
					},
				],
			},
			'/data/attributes/firstName: must have two characters',
		],
		[
			'RFC 9457',
			{
				type: 'https://example.com/p',
				title: 'Your request is not valid.',
				errors: [{ detail: 'must be a positive integer', pointer: '#/age' }],
			},
			'Your request is not valid: #/age: must be a positive integer',
		],
		[
			'RFC 7807',
			{ title: 'Not valid', 'invalid-params': [{ name: 'age', reason: 'must be positive' }] },
			'Not valid: age: must be positive',
		],
		[
			'ASP.NET',
			{
				title: 'One or more validation errors occurred.',
				status: 400,
				errors: { Name: ['The Name field is required.'] },
			},
			'One or more validation errors occurred: The Name field is required.',
		],
		[
			'ASP.NET Web API',
			{ Message: 'The request is invalid.', ModelState: { 'm.Name': ['Required.'] } },
			'The request is invalid: m.Name: Required.',
		],
		[
			'FastAPI',
			{ detail: [{ loc: ['body', 'email'], msg: 'field required', type: 'value_error.missing' }] },
			'body.email: field required',
		],
		[
			'NestJS',
			{ statusCode: 400, message: ['email must be an email', 'name should not be empty'], error: 'Bad Request' },
			'Bad Request: email must be an email; name should not be empty',
		],
		[
			'Google',
			{
				error: {
					code: 400,
					message: 'Invalid JSON payload',
					status: 'INVALID_ARGUMENT',
					details: [{ '@type': 'x', fieldViolations: [{ field: 'to', description: 'is no address' }] }],
				},
			},
			'Invalid JSON payload; to: is no address',
		],
		['GraphQL', { data: null, errors: [{ message: 'Variable $a is missing', path: ['a'] }] }, 'Variable $a is missing'],
		[
			'Salesforce',
			[{ message: 'Required fields are missing: [Name]', errorCode: 'REQUIRED_FIELD_MISSING' }],
			'Required fields are missing: [Name]',
		],
		[
			'HubSpot',
			{
				status: 'error',
				message: 'Property values were not valid',
				errors: [{ message: 'Email address is invalid', in: 'email' }],
			},
			'Property values were not valid: Email address is invalid',
		],
		['Stripe', { error: { type: 'card_error', message: 'No such customer', param: 'customer' } }, 'No such customer'],
		['Feishu', { code: 19001, msg: 'param invalid' }, 'param invalid'],
		['WeChat', { errcode: 40014, errmsg: 'invalid access_token' }, 'invalid access_token'],
		[
			'Spring',
			{
				timestamp: 'x',
				status: 400,
				error: 'Bad Request',
				violations: [{ field: 'age', message: 'must be positive' }],
			},
			'Bad Request: age: must be positive',
		],
		['Apigee', { fault: { faultstring: 'Invalid API key', detail: { errorcode: 'x' } } }, 'Invalid API key; x'],
		[
			'SOAP made JSON',
			{ Envelope: { Body: { Fault: { faultcode: 'c', faultstring: { '#text': 'no such order' } } } } },
			'no such order',
		],
		[
			'Okta',
			{ errorCode: 'E0000001', errorSummary: 'Api validation failed', errorCauses: [{ errorSummary: 'login: taken' }] },
			'Api validation failed: login: taken',
		],
		['OData', { 'odata.error': { code: '-1', message: { lang: 'en-US', value: 'no such list' } } }, 'no such list'],
		['Microsoft Graph', { error: { code: 'x', message: 'Denied', innerError: { message: 'why' } } }, 'Denied; why'],
		[
			'JSON-RPC',
			{ jsonrpc: '2.0', id: 1, error: { code: -32602, message: 'Invalid params', data: 'the id is missing' } },
			'Invalid params; the id is missing',
		],
		['Slack', { ok: false, error: 'channel_not_found' }, 'channel_not_found'],
		[
			'Elastic, of many items the one that failed',
			{
				errors: true,
				items: [
					...Array.from({ length: 30 }, () => ({ index: { status: 201 } })),
					{ index: { status: 400, error: { type: 'mapper_parsing_exception', reason: 'failed to parse' } } },
				],
			},
			'failed to parse',
		],
		[
			'Shopify: a GraphQL mutation',
			{ data: { productCreate: { product: null, userErrors: [{ field: ['title'], message: 'is empty' }] } } },
			'title: is empty',
		],
		[
			'fields named as words are',
			{ errors: { text: ['is empty'], info: 'is too long' } },
			'text: is empty; info: is too long',
		],
		['a wrapper', { result: { error: { message: 'no such list' } } }, 'no such list'],
		['codes alone', { success: false, errors: [{ code: '602' }] }, 'code: 602'],
		['the same twice', { message: 'no subject', errors: [{ message: 'no subject' }] }, 'no subject'],
	])('%s', (_name, response, words) => {
		expect(serverWords(response)).toBe(words);
	});

	it('a long one leaves room for the next', () => {
		const words = serverWords({ message: 'm'.repeat(10_000), errors: ['a'.repeat(10_000), 'b'.repeat(10_000)] });
		expect(words).toContain('m: aaa');
		expect(words).toContain('…; bbb');
		expect(words.length).toBeLessThan(600);
	});
});

describe('a large response', () => {
	let looks = 0;
	/** Counts how often it is looked at. */
	const leaf = () => Object.defineProperty({}, 'n', { enumerable: true, get: () => (looks += 1) }) as object;
	const tree = (depth: number): object => (depth === 0 ? leaf() : Array.from({ length: 10 }, () => tree(depth - 1)));
	const wide = (name: string) =>
		Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`${name}${n}`, [leaf()]]));
	let deep: object = leaf();
	for (let depth = 0; depth < 5000; depth++) deep = { errors: [deep] };

	it.each<[string, object | string]>([
		['a text', 'x'.repeat(10_000_000)],
		['a list', { errors: Array.from({ length: 100_000 }, leaf) }],
		['a wide object', { errors: wide('k') }],
		['wide at the top', wide('error')],
		['a tree', { errors: tree(5) }],
		['a deep one', deep],
		['long names', { ['error'.repeat(100_000)]: [{ ['k'.repeat(100_000)]: ['x'] }] }],
	])('is looked at in part, and has few words: %s', (_name, response) => {
		looks = 0;
		expect(serverWords(response).length).toBeLessThanOrEqual(4000);
		expect(looks).toBeLessThan(1000);
	});
});
