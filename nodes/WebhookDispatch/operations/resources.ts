import type { INodeProperties } from 'n8n-workflow';

import { get as getAccessToken } from './accessToken/get';
import { generate as generateClientAssertion } from './clientAssertion/generate';
import { credentialsPlace, grantTypeField } from './fields/grantType';
import { generate as generateKey } from './key/generate';
import { getPublic as getPublicKey, keyCredentialField } from './key/getPublic';
import type { Operation } from './operation';
import { verify } from './signature/verify';
import { dispatch } from './webhook/dispatch';
import { sendTest } from './webhook/sendTest';

/** A resource with its operations; the first operation is the default. */
interface Resource {
	name: string;
	value: string;
	operations: Operation[];
}

/** The node's table: every resource with every operation, in the order of the nodes panel: what most people need comes first. */
const resources: Resource[] = [
	{ name: 'Webhook', value: 'webhook', operations: [dispatch, sendTest] },
	{ name: 'Access Token', value: 'accessToken', operations: [getAccessToken] },
	{ name: 'Client Assertion', value: 'clientAssertion', operations: [generateClientAssertion] },
	{ name: 'Key', value: 'key', operations: [generateKey, getPublicKey] },
	{ name: 'Signature', value: 'signature', operations: [verify] },
];

/** Finds an operation by the values of the parameters `resource` and `operation`. */
export function operationOf(resource: string, operation: string): Operation | undefined {
	return resources.find(({ value }) => value === resource)?.operations.find(({ option }) => option.value === operation);
}

/** All fields of the node, each shown only with its resource and operation. */
export const properties: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: resources.map(({ name, value }) => ({ name, value })),
		default: 'webhook',
	},
	// The default is there; the rule reads literal lists of options only.
	// eslint-disable-next-line n8n-nodes-base/node-param-default-missing
	...resources.map<INodeProperties>(({ value, operations }) => ({
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [value] } },
		options: operations.map(({ option }) => option),
		default: operations[0]!.option.value as string,
	})),
	{ ...grantTypeField, displayOptions: { show: { resource: ['accessToken'] } } },
	showFor('key', 'getPublic', keyCredentialField),
	// Where only one credential type will do, the parameter is there to show it.
	...[
		{ resource: ['clientAssertion'] },
		{ resource: ['key'], operation: ['generate'] },
		{ resource: ['key'], operation: ['getPublic'], keyCredential: ['jwt'] },
	].map<INodeProperties>((show) => ({
		...grantTypeField,
		type: 'hidden',
		default: 'clientCredentialsJwt',
		displayOptions: { show },
	})),
	...[
		{ resource: ['signature'] },
		{ resource: ['key'], operation: ['getPublic'], keyCredential: ['signing'] },
	].map<INodeProperties>((show) => ({
		displayName: 'Signing',
		name: 'signing',
		type: 'hidden',
		default: 'standardWebhooks',
		displayOptions: { show },
	})),
	{
		...credentialsPlace,
		displayOptions: { show: { resource: ['accessToken', 'clientAssertion', 'key', 'signature'] } },
	},
	...resources.flatMap(({ value, operations }) =>
		operations.flatMap(({ option, fields }) => fields.map((field) => showFor(value, option.value as string, field))),
	),
];

function showFor(resource: string, operation: string, field: INodeProperties): INodeProperties {
	return {
		...field,
		displayOptions: {
			...field.displayOptions,
			show: { resource: [resource], operation: [operation], ...field.displayOptions?.show },
		},
	};
}
