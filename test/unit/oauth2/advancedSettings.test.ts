import {
	NodeHelpers,
	type ICredentialType,
	type INodeParameters,
	type INodeProperties,
	type INodePropertyCollection,
	type INodePropertyOptions,
} from 'n8n-workflow';

import { WebhookDispatchClientCredentialsOAuth2Api } from '../../../credentials/WebhookDispatchClientCredentialsOAuth2Api.credentials';
import { WebhookDispatchJwtOAuth2Api } from '../../../credentials/WebhookDispatchJwtOAuth2Api.credentials';
import { WebhookDispatchPasswordOAuth2Api } from '../../../credentials/WebhookDispatchPasswordOAuth2Api.credentials';
import { WebhookDispatchSigningApi } from '../../../credentials/WebhookDispatchSigningApi.credentials';

/** What n8n's editor stores of a form: values that are not the default, of fields whose conditions are met. */
const saved = ({ properties }: ICredentialType, values: INodeParameters) =>
	NodeHelpers.getNodeParameters(properties, values, false, false, null, null) ?? {};

/** What n8n hands over of a stored credential: with defaults, of fields whose conditions are met. */
const handedOver = ({ properties }: ICredentialType, values: INodeParameters) =>
	NodeHelpers.getNodeParameters(properties, values, true, false, null, null) ?? {};

/** The names that the form shows, as n8n's editor decides it (2.40.7: never type `hidden`). */
const shown = ({ properties }: ICredentialType, values: INodeParameters) => {
	const all = NodeHelpers.getNodeParameters(properties, values, true, true, null, null) ?? {};
	return properties
		.filter((property) => property.type !== 'hidden')
		.filter((property) => NodeHelpers.displayParameter(all, property, null, null))
		.map(({ name }) => name);
};

/** A value that is not the default, for whatever kind of field. */
function otherValue({ name, type, default: value, options }: INodeProperties): INodeParameters[string] {
	switch (type) {
		case 'boolean':
			return value !== true;
		case 'number':
			return 77;
		case 'options':
			return (options as INodePropertyOptions[]).map((option) => option.value).find((choice) => choice !== value);
		case 'fixedCollection': {
			const [rows] = (options ?? []) as INodePropertyCollection[];
			const row = Object.fromEntries((rows?.values ?? []).map((field) => [field.name, otherValue(field)]));
			return { [rows?.name ?? '']: [row] };
		}
		default:
			return `other ${name}`;
	}
}

const types = [
	new WebhookDispatchPasswordOAuth2Api(),
	new WebhookDispatchClientCredentialsOAuth2Api(),
	new WebhookDispatchJwtOAuth2Api(),
	new WebhookDispatchSigningApi(),
].map((type): [string, ICredentialType] => [type.name, type]);

describe.each(types)('Advanced Settings of %s', (name, type) => {
	const isBehind = ({ displayOptions }: INodeProperties) => displayOptions?.show?.advancedSettings?.[0] === true;
	const behind = type.properties.filter(isBehind);
	/** What other fields are shown for. */
	const conditions: INodeParameters = {
		certificate: 'a certificate',
		...(name.includes('Jwt') && { jwtUse: 'authorizationGrant', clientAuthentication: 'header' }),
		...(name.includes('Signing') && { scheme: 'httpMessageSignatures' }),
	};
	const others: INodeParameters[] = [
		{ expiryMode: 'response', tokenRequestMethod: 'POST', tokenLocation: 'json' },
		{
			...{ expiryMode: 'fixed', tokenRequestMethod: 'GET', tokenLocation: 'header', tokenBinding: 'tls' },
			...(name.includes('Jwt') && { jwtUse: 'clientAssertion' }),
		},
	].map((choices) => ({
		...Object.fromEntries(behind.map((property) => [property.name, otherValue(property)])),
		...conditions,
		...choices,
	}));
	/** What the form shows of it when the switch is on. */
	const settings = (values: INodeParameters): INodeParameters => {
		const names = shown(type, { ...values, advancedSettings: true });
		return Object.fromEntries(
			behind.filter(({ name: field }) => names.includes(field)).map(({ name: field }) => [field, values[field]]),
		);
	};

	it('is off at first, and the form is short', () => {
		expect(handedOver(type, conditions).advancedSettings).toBe(false);
		const short = shown(type, {});
		expect(short.length).toBeLessThanOrEqual(12);
		for (const property of behind) expect(short).not.toContain(property.name);
	});

	it('shows what is behind it', () => {
		const names = new Set(others.flatMap((values) => Object.keys(settings(values))));
		expect([...names].sort()).toEqual([...new Set(behind.map((property) => property.name))].sort());
	});

	it.each([
		['off', { advancedSettings: false }],
		['on', { advancedSettings: true }],
		['not there: the credential is older', {}],
	])('values count when it is %s, and stay when the form is saved', (_state, state: INodeParameters) => {
		for (const values of others) {
			const given = { ...values, ...state };
			expect(handedOver(type, given)).toMatchObject(settings(values));
			expect(handedOver(type, saved(type, given))).toEqual(handedOver(type, given));
		}
	});

	it('hands over the same defaults whether it is on or off', () => {
		const values = (given: INodeParameters) =>
			Object.entries(handedOver(type, given)).filter(([key]) => key !== 'advancedSettings');
		expect(values({ ...conditions, advancedSettings: true })).toEqual(values(conditions));
	});

	it('is masked and required by what the form shows', () => {
		const merged: INodeProperties[] = [];
		NodeHelpers.mergeNodeProperties(merged, type.properties);
		for (const property of behind) {
			expect(merged.find((other) => other.name === property.name)).toBe(property);
			expect(property.required).not.toBe(true);
		}
	});

	it('hides also where a condition beside it has an expression', () => {
		expect(shown(type, { expiryMode: '={{ $json.mode }}' })).not.toContain('expiryPath');
	});
});

it('the subject of a JWT counts however it is used, also where an expression says so', () => {
	const type = new WebhookDispatchJwtOAuth2Api();
	for (const jwtUse of ['clientAssertion', 'authorizationGrant', '={{ $json.use }}']) {
		for (const state of [{}, { advancedSettings: false }, { advancedSettings: true }]) {
			const given = { ...state, jwtUse, subject: 'ada@example.com' };
			expect(handedOver(type, given).subject).toBe('ada@example.com');
			expect(handedOver(type, saved(type, given))).toEqual(handedOver(type, given));
		}
	}
	expect(shown(type, { jwtUse: 'authorizationGrant' })).toContain('subject');
	expect(shown(type, { jwtUse: 'clientAssertion' })).not.toContain('subject');
	expect(shown(type, { jwtUse: 'clientAssertion', advancedSettings: true })).toContain('subject');
});
