import { textField, type CredentialData } from '../../oauth2/credential/credentialFields';
import { ok, refused, type Result } from '../../result/result';
import { decodePastedBase64 } from '../../text/base64';

export function readSecretBytes(data: CredentialData, field: 'secret' | 'previousSecret'): Result<Buffer> {
	const text = textField(data, field);
	const encoding = textField(data, 'secretEncoding') || 'text';
	const bytes =
		encoding === 'text'
			? Buffer.from(text)
			: encoding === 'hex'
				? Buffer.from(text.trim(), 'hex')
				: decodePastedBase64(text.trim());
	return bytes && bytes.length > 0 ? ok(bytes) : refused('The signing credential has no secret', 'Fill in Secret.');
}
