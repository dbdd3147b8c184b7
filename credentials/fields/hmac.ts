import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { CUSTOM } from '../../lib/signature/hmac/credential';
import { ALGORITHMS, ENCODINGS, type HmacForm } from '../../lib/signature/hmac/form';
import { type Preset, PRESET_NAMES, PRESETS } from '../../lib/signature/hmac/presets';
import { sharedSecretFields } from './sharedSecret';

const forScheme = { scheme: ['hmac'] };
const forCustom = { ...forScheme, preset: ['custom'] };

/** What a preset fills in, in words: a form cannot run code that would do it. */
function presetDescription({
	algorithm,
	encoding,
	content,
	signatureHeader,
	signatureFormat,
	headers,
	bodyHashParameter,
}: HmacForm): string {
	const sent = [[signatureHeader, signatureFormat] as const, ...headers].map(([name, value]) => `${name}: ${value}`);
	const added =
		bodyHashParameter === undefined
			? ''
			: `. A body that is not a form is signed by its SHA-256, added to the URL as ${bodyHashParameter}`;
	return `Signs ${content} with ${ALGORITHMS[algorithm]} (${ENCODINGS[encoding]}). Sends ${sent.join(' and ')}${added}.`;
}

const presetOptions: INodePropertyOptions[] = Object.entries(PRESET_NAMES).map(([value, name]) => ({
	name,
	value,
	description: value in PRESETS ? presetDescription(PRESETS[value as Preset]) : 'Your own format: shows all its fields',
}));

/** The fields of HMAC in the signing credential's form. */
export const hmacFields: INodeProperties[] = [
	{
		displayName: 'Preset',
		name: 'preset',
		type: 'options',
		noDataExpression: true,
		options: presetOptions,
		default: 'custom',
		displayOptions: { show: forScheme },
		description: 'Signs as this service does, for a receiver that verifies its webhooks',
	},
	...sharedSecretFields(forScheme),
	{
		displayName: 'Hash Algorithm',
		name: 'hashAlgorithm',
		type: 'options',
		noDataExpression: true,
		options: Object.entries(ALGORITHMS).map(([value, name]) => ({ name, value })),
		default: CUSTOM.algorithm,
		displayOptions: { show: forCustom },
		description: 'The hash function of the HMAC. SHA-1 is for receivers that accept nothing else.',
	},
	{
		displayName: 'Signature Encoding',
		name: 'signatureEncoding',
		type: 'options',
		noDataExpression: true,
		options: Object.entries(ENCODINGS).map(([value, name]) => ({ name, value })),
		default: CUSTOM.encoding,
		displayOptions: { show: forCustom },
		description: 'How the signature is written',
	},
	{
		displayName: 'Signed Content',
		name: 'signedContent',
		type: 'string',
		default: CUSTOM.content,
		displayOptions: { show: forCustom },
		description:
			'What is signed, with the placeholders {id}, {timestamp}, {timestampMs}, {method}, {url}, {path}, {query}, {body}, {bodySha256} and {form}',
	},
	{
		displayName: 'Signature Header',
		name: 'signatureHeader',
		type: 'string',
		default: CUSTOM.signatureHeader,
		displayOptions: { show: forCustom },
		description: 'Name of the header with the signature',
	},
	{
		displayName: 'Signature Value',
		name: 'signatureFormat',
		type: 'string',
		default: CUSTOM.signatureFormat,
		displayOptions: { show: forCustom },
		description: 'How that header is written, with {signature} once. {timestamp}, {timestampMs} and {id} may be in it.',
	},
	{
		displayName: 'Second Signature',
		name: 'secondSignature',
		type: 'string',
		default: CUSTOM.secondSignature,
		placeholder: 'e.g. ,v1={signature}',
		displayOptions: { show: forCustom },
		description:
			'What the signature of Previous Secret adds to the header. Leave empty if the receiver accepts only one signature.',
	},
	{
		displayName: 'Further Headers',
		name: 'signatureHeaders',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add Header',
		default: { parameters: CUSTOM.headers.map(([name, value]) => ({ name, value })) },
		displayOptions: { show: forCustom },
		description: 'Other headers that the receiver needs, with the placeholders of Signed Content but {body} and {form}',
		options: [
			{
				name: 'parameters',
				displayName: 'Header',
				values: [
					{
						displayName: 'Name',
						name: 'name',
						type: 'string',
						default: '',
						placeholder: 'e.g. X-Timestamp',
						description: 'Name of the header',
					},
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						placeholder: 'e.g. {timestamp}',
						description: 'Value of the header',
					},
				],
			},
		],
	},
];
