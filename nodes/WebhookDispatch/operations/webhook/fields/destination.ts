import type { INodeProperties } from 'n8n-workflow';

/** What is done, and where: method and Destination URL. */
export const destinationFields: INodeProperties[] = [
	{
		displayName: 'Method',
		name: 'method',
		type: 'options',
		options: [
			{ name: 'DELETE', value: 'DELETE' },
			{ name: 'GET', value: 'GET' },
			{ name: 'PATCH', value: 'PATCH' },
			{ name: 'POST', value: 'POST' },
			{ name: 'PUT', value: 'PUT' },
		],
		default: 'POST',
		description: 'The HTTP method of the request. GET sends no body.',
	},
	{
		displayName: 'Destination URL',
		name: 'url',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. https://api.example.com/events',
		description: 'URL to deliver to, starting with https:// or http://',
	},
];

/** Query and header parameters, as the HTTP Request node has them. */
export const parameterFields: INodeProperties[] = [
	{
		displayName: 'Query Parameters',
		name: 'queryParameters',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add Query Parameter',
		// An empty row to fill in, as in the HTTP Request node; pairs without a name are not sent.
		default: { parameters: [{ name: '', value: '' }] },
		description: 'Parameters to append to the Destination URL',
		options: [
			{
				name: 'parameters',
				displayName: 'Query Parameter',
				values: [
					{ displayName: 'Name', name: 'name', type: 'string', default: '', placeholder: 'e.g. campaign' },
					{ displayName: 'Value', name: 'value', type: 'string', default: '' },
				],
			},
		],
	},
	{
		displayName: 'Headers',
		name: 'headerParameters',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add Header',
		// An empty row to fill in, as in the HTTP Request node; pairs without a name are not sent.
		default: { parameters: [{ name: '', value: '' }] },
		description:
			'Headers of the request. They override the headers that the node sets, except those of the credential.',
		options: [
			{
				name: 'parameters',
				displayName: 'Header',
				values: [
					{ displayName: 'Name', name: 'name', type: 'string', default: '', placeholder: 'e.g. X-Campaign' },
					{ displayName: 'Value', name: 'value', type: 'string', default: '' },
				],
			},
		],
	},
];
