import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { invalidRequest, type RequestFault } from '../result/requestFault';
import { ok, type Result } from '../result/result';
import { openClientCertificate } from './clientCertificate';
import type { ClientCertificate } from './dispatchers';

const LABELS = { ca: 'CA', cert: 'Certificate', key: 'Private Key' };

/**
 * Reads n8n's own SSL Certificates credential (`httpSslAuth`).
 *
 * @param data the decrypted credential: `ca`, `cert`, `key`, `passphrase`
 * @returns what TLS takes, or a fault that names the field and shows nothing of it
 */
export async function readSslCertificates(
	data: ICredentialDataDecryptedObject,
): Promise<Result<ClientCertificate, RequestFault>> {
	const text = (name: string) => (typeof data[name] === 'string' ? data[name] : '');
	const fields = { ca: text('ca'), cert: text('cert'), key: text('key'), passphrase: text('passphrase') };
	if ([fields.ca, fields.cert, fields.key].every((field) => field.trim() === '')) {
		return unusable('The credential is empty', 'Fill in Certificate and Private Key.');
	}
	const opened = await openClientCertificate(fields, LABELS);
	return opened.ok ? ok(opened.value) : unusable(opened.fault.message, opened.fault.description);
}

const unusable = (message: string, step: string) =>
	invalidRequest(
		`SSL Certificates credential: ${message}`,
		`${step} The credential is the one selected under SSL Certificates.`,
	);
