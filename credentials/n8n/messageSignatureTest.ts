import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { textField } from '../../lib/oauth2/credential/credentialFields';
import { ok, type Result } from '../../lib/result/result';
import { readHttpMessageSigner, readHttpMessageVerifier } from '../../lib/signature/httpMessageSignatures/credential';

/** What the test of the form signs. */
const SAMPLE = { method: 'POST', url: new URL('https://example.com/hook'), body: '{"hello":"world"}' };

/**
 * Tries a signing credential for HTTP Message Signatures: signs a known request, and shows what the headers look like, the
 * signature shortened. One without a private key is for verifying: its public keys are read.
 *
 * @returns what n8n shows, or what is wrong with the credential
 */
export async function messageSignatureTest(data: ICredentialDataDecryptedObject): Promise<Result<string>> {
	const isSecret = textField(data, 'signatureAlgorithm') === 'hmac-sha256';
	if (!isSecret && textField(data, 'privateKey').trim() === '' && textField(data, 'publicKeys').trim() !== '') {
		const verifier = await readHttpMessageVerifier(data);
		return verifier.ok ? ok('Signatures can be verified. To sign deliveries, fill in Private Key') : verifier;
	}
	// Whoever signs may have the keys of before in Public Keys: they have to be readable, too.
	const verifier = await readHttpMessageVerifier(data);
	if (!verifier.ok) return verifier;
	const signer = await readHttpMessageSigner(data);
	if (!signer.ok) return signer;
	const signed = await signer.value.sign({
		...SAMPLE,
		id: 'msg_sample',
		timestampSeconds: Math.floor(Date.now() / 1000),
		headers: { 'content-type': 'application/json' },
	});
	// A header of one's own is added by the node; the credential can be right without it here.
	if (!signed.ok) return ok(`The key can be used. Not with every request: ${signed.fault.message}`);
	const { headers, headerNames = {} } = signed.value;
	const shown = Object.entries(headers).map(([name, value]) => {
		const written = name === 'signature' ? value.replace(/:(.{6}).*:/, ':$1…:') : value;
		return `${headerNames[name] ?? name}: ${written}`;
	});
	return ok(`A signed request has these headers: ${shown.join(' | ')}`);
}
