import type { INodeProperties } from 'n8n-workflow';

const SWITCH = 'advancedSettings';

const advancedSwitch: INodeProperties = {
	displayName: 'Advanced Settings',
	name: SWITCH,
	type: 'boolean',
	noDataExpression: true,
	default: false,
	description: 'Whether to show the settings that are rarely needed. They apply whether they are shown or not.',
};

/** The switch comes first: a condition whose value is an expression ends n8n's look at those after it. */
const shownWhen = (isOn: boolean, { displayOptions }: INodeProperties): INodeProperties['displayOptions'] => ({
	...displayOptions,
	show: { [SWITCH]: [isOn], ...displayOptions?.show },
});

/**
 * A field as the form shows it while the switch is on, and one of the same name that no form shows while it is off. n8n
 * drops the values of fields whose conditions are not met, when a form is saved and when a credential is used
 * (`NodeHelpers.getNodeParameters`, 2.0.3 to 2.41.1); of two fields with the same name it keeps the one whose conditions
 * are. The one that is shown comes last: by that one n8n masks values (`mergeNodeProperties`).
 */
function behindSwitch(field: INodeProperties): INodeProperties[] {
	const shown = { ...field, displayOptions: shownWhen(true, field) };
	if (field.type === 'hidden') return [field];
	const { displayName, name, default: value } = field;
	return [
		{
			displayName,
			name,
			type: 'hidden',
			default: value,
			...(field.typeOptions?.password === true && { typeOptions: { password: true } }),
			displayOptions: shownWhen(false, field),
		},
		shown,
	];
}

/**
 * The switch *Advanced Settings* and the fields behind it, in their order. A field that is not shown keeps its value, and
 * the value counts. Fields that n8n requires must stay outside.
 * @param show when the form has the switch at all; the fields' own conditions must say so, too
 */
export function advancedFields(
	fields: INodeProperties[],
	show?: NonNullable<INodeProperties['displayOptions']>['show'],
): INodeProperties[] {
	return [{ ...advancedSwitch, ...(show && { displayOptions: { show } }) }, ...fields.flatMap(behindSwitch)];
}
