import { booleanField, type CredentialData, FieldFault, requiredField, textField } from './credentialFields';
import { parseUrl } from '../../text/parseUrl';
import { checkTokenUrl } from './tokenUrl';

/** A field that says where a token request goes, checked. Throws FieldFault. */
export function readTokenUrl(data: CredentialData, name: string, label: string): string {
	const text = requiredField(data, name, label);
	const url = checkTokenUrl(label, text, booleanField(data, 'allowInsecureTokenUrl', false));
	if (!url.ok) throw new FieldFault(url.fault.message, url.fault.description);
	return url.value;
}

/** Where token requests go; empty when Issuer URL is to give it. Throws FieldFault when neither field does. */
export function readAccessTokenUrl(data: CredentialData): string {
	const isEmpty = (name: string) => textField(data, name).trim() === '';
	if (!isEmpty('accessTokenUrl')) return readTokenUrl(data, 'accessTokenUrl', 'Access Token URL');
	if (!isEmpty('issuerUrl')) return '';
	throw new FieldFault('Access Token URL is empty', 'Fill in Access Token URL or Issuer URL in the credential');
}

/**
 * The issuer whose metadata is read; empty for none. RFC 8414 section 2: a URL with neither query nor fragment. It stays as it
 * is written, since it is compared to the letter. Throws FieldFault.
 */
export function readIssuerUrl(data: CredentialData): string {
	const label = 'Issuer URL';
	const text = textField(data, 'issuerUrl').trim();
	if (text === '') return '';
	if (/[?#]/.test(text)) {
		throw new FieldFault(`${label} has a part after ? or #`, 'Enter the issuer alone, e.g. https://login.example.com');
	}
	const url = readTokenUrl(data, 'issuerUrl', label);
	if (parseUrl(url)?.pathname.includes('/.well-known/') !== true) return url;
	throw new FieldFault(
		`${label} is the URL of the metadata`,
		'Enter the issuer alone: the URL without /.well-known/ and the name after it',
	);
}
