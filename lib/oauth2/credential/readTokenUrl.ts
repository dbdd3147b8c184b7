import { booleanField, type CredentialData, FieldFault, requiredField } from './credentialFields';
import { checkTokenUrl } from './tokenUrl';

/** A field that says where a token request goes, checked. Throws FieldFault. */
export function readTokenUrl(data: CredentialData, name: string, label: string): string {
	const text = requiredField(data, name, label);
	const url = checkTokenUrl(label, text, booleanField(data, 'allowInsecureTokenUrl', false));
	if (!url.ok) throw new FieldFault(url.fault.message, url.fault.description);
	return url.value;
}
