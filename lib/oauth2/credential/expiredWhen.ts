import { type CredentialData, FieldFault, textField } from './credentialFields';

/** What in the body of a destination's response means that the token has expired. */
export interface ExpiryRule {
	/** Dotted path; a list on the way means each of its entries. */
	readonly path: string;
	/** As text; one of them is enough. */
	readonly values: readonly string[];
}

/** `{ rules: [{ path, values }] }`, as n8n stores a fixed collection. */
function rowsOf({ expiredWhen }: CredentialData): CredentialData[] {
	const rules: unknown =
		typeof expiredWhen === 'object' && expiredWhen !== null && Object.hasOwn(expiredWhen, 'rules')
			? (expiredWhen as { rules: unknown }).rules
			: [];
	if (!Array.isArray(rules)) return [];
	return rules.filter((row): row is CredentialData => typeof row === 'object' && row !== null);
}

/**
 * Reads *Expired When*: servers that respond 200 to an expired token and say so in the body (Marketo's 602, WeChat's 42001).
 * Blank rows are left out.
 *
 * @throws FieldFault that says which row it is about
 */
export function readExpiredWhen(data: CredentialData): ExpiryRule[] {
	const rules: ExpiryRule[] = [];
	for (const [index, row] of rowsOf(data).entries()) {
		const path = textField(row, 'path').trim();
		const values = textField(row, 'values')
			.split(',')
			.map((value) => value.trim())
			.filter((value) => value !== '');
		if (path === '' && values.length === 0) continue;
		const name = `Condition ${index + 1} in Expired When`;
		if (path === '' || path.split('.').includes('')) {
			throw new FieldFault(`${name} has no usable field`, 'Enter a path into the response, e.g. errors.code');
		}
		if (values.length === 0) {
			throw new FieldFault(`${name} has no values`, 'Enter the codes that mean an expired token, e.g. 601, 602');
		}
		rules.push({ path, values });
	}
	return rules;
}
