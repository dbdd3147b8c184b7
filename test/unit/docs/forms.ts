/** How the forms of the node and of its credential types call things. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DOMAIN_RESTRICTION_FIELDS, type ICredentialType, type INodeProperties, type INodePropertyCollection, type INodePropertyOptions } from 'n8n-workflow';

import { WebhookDispatch } from '../../../nodes/WebhookDispatch/WebhookDispatch.node';
import { root } from './markdown';

type AnyOption = INodeProperties | INodePropertyCollection | INodePropertyOptions;

const folder = join(root, 'credentials');

/** Every credential type, by its display name; n8n adds its fields about domains where requests are authenticated. */
export const credentialForms = new Map<string, INodeProperties[]>(
	readdirSync(folder)
		.filter((name) => name.endsWith('.credentials.ts'))
		.map((name): [string, INodeProperties[]] => {
			const module = require(join(folder, name)) as Record<string, new () => ICredentialType>;
			const type = new module[name.replace('.credentials.ts', '')]!();
			return [type.displayName, [...type.properties, ...(type.authenticate ? DOMAIN_RESTRICTION_FIELDS : [])]];
		}),
);

export const nodeForm = new WebhookDispatch().description.properties;

const isShown = ({ type }: INodeProperties): boolean => type !== 'hidden' && type !== 'notice';

const optionsOf = ({ options = [] }: INodeProperties): AnyOption[] => options as AnyOption[];

/** The fields that a form shows, those of its collections included. */
export function fieldsOf(properties: INodeProperties[]): INodeProperties[] {
	return properties.filter(isShown).flatMap((property) => [
		property,
		...fieldsOf(
			optionsOf(property).flatMap((option) => ('values' in option ? option.values : 'type' in option ? [option] : [])),
		),
	]);
}

/** The choices of a field. */
export const choicesOf = (field: INodeProperties): string[] =>
	field.type === 'options' || field.type === 'multiOptions' ? optionsOf(field).map(({ name }) => name) : [];

/** The names of all fields and choices of a form. */
export const namesOf = (properties: INodeProperties[]): string[] =>
	fieldsOf(properties).flatMap((field) => [field.displayName, ...choicesOf(field)]);
