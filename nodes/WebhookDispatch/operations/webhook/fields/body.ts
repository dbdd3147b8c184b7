import type { INodeProperties } from 'n8n-workflow';

const withBody = (...modes: string[]) => ({ show: { body: modes }, hide: { method: ['GET'] } });

const body: INodeProperties = {
	displayName: 'Body',
	name: 'body',
	type: 'options',
	options: [
		{ name: 'Custom JSON', value: 'json', description: 'JSON that you write, with expressions' },
		{ name: 'File', value: 'file', description: 'A file of the item as it is, with its content type' },
		{ name: 'Form', value: 'form', description: 'Pairs as application/x-www-form-urlencoded' },
		{ name: 'Input Item', value: 'inputItem', description: 'All fields of the item as JSON' },
		{ name: 'Key-Value Pairs', value: 'keyValues', description: 'Pairs as one JSON object' },
		{ name: 'Multipart', value: 'multipart', description: 'Pairs and files of the item as multipart/form-data' },
		{ name: 'None', value: 'none', description: 'No body' },
		{ name: 'Plain Text', value: 'text', description: 'Text that you write, with expressions' },
		{
			name: 'Profiles',
			value: 'profiles',
			description: "Recipients with a campaign's number and pairs, as customer-engagement platforms send them",
		},
		{
			name: 'Selected Fields',
			value: 'selectedFields',
			description: 'Some fields of the item as JSON, renamed if you like. Faster than an expression.',
		},
	],
	default: 'inputItem',
	description: 'What is sent as the body of the request',
};

/** Which body, and what it is made of. */
export const bodyFields: INodeProperties[] = [
	{ ...body, displayOptions: { hide: { method: ['GET', 'DELETE'] } } },
	// By what it is not: to a rule under "show", n8n takes a Method by expression for a match.
	{ ...body, default: 'none', displayOptions: { hide: { method: [{ _cnd: { not: 'DELETE' } }] } } },
	{
		displayName: 'JSON',
		name: 'jsonBody',
		type: 'json',
		displayOptions: withBody('json'),
		// An expression, so that one can be pasted over it: while the field is on Fixed, {{ }} is only text there.
		default: '={{ {\n  "name": $json.name\n} }}',
		// Below the field while it is on Fixed: n8n shows no placeholder there, and the result of an expression in its place.
		hint: 'To use values of the item, select Expression above, and build an object: {{ { "subject": $json.subject } }}',
		description: 'The JSON to send. An expression that builds an object stays valid whatever the values are.',
	},
	{
		displayName: 'Fields',
		name: 'fields',
		type: 'string',
		typeOptions: { rows: 2 },
		displayOptions: withBody('selectedFields'),
		default: '',
		placeholder: 'e.g. email, profile.name as name, *',
		description:
			'Fields to send, separated by commas. Use dots for nested fields, "as" to rename, and * for all other fields. Missing fields are left out.',
	},
	{
		displayName: 'Text',
		name: 'textBody',
		type: 'string',
		typeOptions: { rows: 4 },
		displayOptions: withBody('text'),
		default: '',
		description: 'The text to send, as text/plain in UTF-8. For another type, set a Content-Type header.',
	},
	{
		displayName: 'Body Parameters',
		name: 'bodyParameters',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		displayOptions: withBody('keyValues', 'form'),
		placeholder: 'Add Parameter',
		// An empty row to fill in, as in the HTTP Request node; pairs without a name are not sent.
		default: { parameters: [{ name: '', value: '' }] },
		options: [
			{
				name: 'parameters',
				displayName: 'Parameter',
				values: [
					{ displayName: 'Name', name: 'name', type: 'string', default: '', placeholder: 'e.g. campaign' },
					{ displayName: 'Value', name: 'value', type: 'string', default: '' },
				],
			},
		],
	},
	{
		displayName: 'Input Data Field Name',
		name: 'inputDataFieldName',
		type: 'string',
		displayOptions: withBody('file'),
		default: 'data',
		placeholder: 'e.g. data',
		description:
			'The name of the incoming field containing the binary file data to send. It is sent with its own content type, unless a Content-Type header is set.',
	},
	{
		displayName: 'Body Parameters',
		name: 'multipartParameters',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		displayOptions: withBody('multipart'),
		placeholder: 'Add Parameter',
		default: { parameters: [{ parameterType: 'formData', name: '', value: '' }] },
		options: [
			{
				name: 'parameters',
				displayName: 'Parameter',
				values: [
					{
						displayName: 'Type',
						name: 'parameterType',
						type: 'options',
						options: [
							{ name: 'Form Data', value: 'formData', description: 'A text' },
							// As HTTP Request has it, whose miscased name is an exception to the rule there, too.
							// eslint-disable-next-line n8n-nodes-base/node-param-display-name-miscased
							{ name: 'n8n Binary File', value: 'formBinaryData', description: 'A file of the item' },
						],
						default: 'formData',
					},
					{ displayName: 'Name', name: 'name', type: 'string', default: '', placeholder: 'e.g. comment' },
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						displayOptions: { show: { parameterType: ['formData'] } },
						default: '',
					},
					{
						displayName: 'Input Data Field Name',
						name: 'inputDataFieldName',
						type: 'string',
						displayOptions: { show: { parameterType: ['formBinaryData'] } },
						default: 'data',
						placeholder: 'e.g. data',
						description: 'The name of the incoming field containing the binary file data to send',
					},
				],
			},
		],
	},
	{
		displayName: 'Recipients',
		name: 'recipients',
		type: 'options',
		displayOptions: withBody('profiles'),
		options: [
			{ name: 'Single', value: 'single', description: 'One request for each item; "profiles" is one object' },
			{
				name: 'Broadcast',
				value: 'broadcast',
				description: 'All items in one request, or Batch Size of them; "profiles" is an array',
			},
		],
		default: 'single',
		description: 'Whether to send each item as its own request. Read once per run, from the first item.',
	},
	{
		displayName: 'Target ID',
		name: 'targetId',
		type: 'string',
		displayOptions: withBody('profiles'),
		default: '',
		placeholder: 'e.g. 1234',
		description: "The campaign's number, sent as targetId",
	},
	{
		displayName: 'Key-Value Pairs',
		name: 'keyValues',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		displayOptions: withBody('profiles'),
		placeholder: 'Add Pair',
		// An empty row to fill in, as in the HTTP Request node; pairs without a name are not sent.
		default: { parameters: [{ name: '', value: '' }] },
		description: 'Pairs of the campaign, sent as key_values',
		options: [
			{
				name: 'parameters',
				displayName: 'Pair',
				values: [
					{ displayName: 'Name', name: 'name', type: 'string', default: '', placeholder: 'e.g. season' },
					{ displayName: 'Value', name: 'value', type: 'string', default: '' },
				],
			},
		],
	},
];
