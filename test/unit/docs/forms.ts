/** How the forms of the node and of its credential types call things. */
import {
	DOMAIN_RESTRICTION_FIELDS,
	type ICredentialType,
	type INodeProperties,
	type INodePropertyCollection,
	type INodePropertyOptions,
} from 'n8n-workflow';

import { WebhookDispatchBasicApi } from '../../../credentials/WebhookDispatchBasicApi.credentials';
import { WebhookDispatchClientCredentialsOAuth2Api } from '../../../credentials/WebhookDispatchClientCredentialsOAuth2Api.credentials';
import { WebhookDispatchJwtOAuth2Api } from '../../../credentials/WebhookDispatchJwtOAuth2Api.credentials';
import { WebhookDispatchPasswordOAuth2Api } from '../../../credentials/WebhookDispatchPasswordOAuth2Api.credentials';
import { WebhookDispatchSigningApi } from '../../../credentials/WebhookDispatchSigningApi.credentials';
import { WebhookDispatch } from '../../../nodes/WebhookDispatch/WebhookDispatch.node';

type AnyOption = INodeProperties | INodePropertyCollection | INodePropertyOptions;

export const credentialTypes: ICredentialType[] = [
	new WebhookDispatchBasicApi(),
	new WebhookDispatchPasswordOAuth2Api(),
	new WebhookDispatchClientCredentialsOAuth2Api(),
	new WebhookDispatchJwtOAuth2Api(),
	new WebhookDispatchSigningApi(),
];

/** Every credential type, by its display name; n8n adds its fields about domains where requests are authenticated. */
export const credentialForms = new Map<string, INodeProperties[]>(
	credentialTypes.map(({ displayName, properties, authenticate }) => [
		displayName,
		[...properties, ...(authenticate ? DOMAIN_RESTRICTION_FIELDS : [])],
	]),
);

export const nodeForm = new WebhookDispatch().description.properties;

const isShown = ({ type }: INodeProperties): boolean => type !== 'hidden' && type !== 'notice';

const optionsOf = ({ options = [] }: INodeProperties): AnyOption[] => options as AnyOption[];

/** The fields that a form shows, those of its collections included. */
export function fieldsOf(properties: INodeProperties[]): INodeProperties[] {
	return properties
		.filter(isShown)
		.flatMap((property) => [
			property,
			...fieldsOf(
				optionsOf(property).flatMap((option) =>
					'values' in option ? option.values : 'type' in option ? [option] : [],
				),
			),
		]);
}

/** The choices of a field. */
export const choicesOf = (field: INodeProperties): string[] =>
	field.type === 'options' || field.type === 'multiOptions' ? optionsOf(field).map(({ name }) => name) : [];

/** A field's name without the unit behind it. */
export const withoutUnit = (name: string): string => name.replace(/ \((ms|Bytes|Seconds|per Second)\)$/, '');

/** The names of all fields and choices of a form; pages may leave out the unit behind a name. */
export const namesOf = (properties: INodeProperties[]): string[] =>
	fieldsOf(properties).flatMap((field) => [field.displayName, withoutUnit(field.displayName), ...choicesOf(field)]);
