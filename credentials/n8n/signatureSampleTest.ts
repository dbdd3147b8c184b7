import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { fail, ok, type Result } from '../../lib/result/result';
import { readSigner, readVerifier } from '../../lib/signature/readSigning';
import type { Scheme } from '../../lib/signature/scheme';

/** What the test of the form signs, and where it would go. */
const SAMPLE = {
	id: 'msg_sample',
	method: 'POST',
	url: new URL('https://example.com/hook'),
	headers: { 'content-type': 'application/json' },
	body: '{"hello":"world"}',
};

/**
 * Tries a signing credential with a secret: signs a known request, and shows what the headers look like, the signatures
 * shortened. One that can only verify (a public key, a previous secret that the signature has no room for) says so.
 *
 * @returns what n8n shows, or what is wrong with the credential
 */
export async function signatureSampleTest(
	data: ICredentialDataDecryptedObject,
	scheme: Exclude<Scheme, 'httpMessageSignatures'>,
): Promise<Result<string>> {
	const signer = await readSigner(data, scheme);
	if (!signer.ok) {
		const verifier = await readVerifier(data);
		if (verifier.ok) return ok(`Signatures can be verified, and deliveries not signed: ${signer.fault.message}`);
		// The secret of before is read after the other one: with it left out, the other one alone is at fault.
		const isOfBefore = (await readVerifier({ ...data, previousSecret: '' })).ok;
		const { message, description } = signer.fault;
		const isNamed = !isOfBefore || message.includes('Previous Secret');
		return fail({ message: isNamed ? message : `Previous Secret: ${message}`, description });
	}
	const signed = await signer.value.sign({ ...SAMPLE, timestampSeconds: Math.floor(Date.now() / 1000) });
	// What only this request has (a header of the same name, say): the credential can be right.
	if (!signed.ok) return ok(`The secret can be used. Not with every request: ${signed.fault.message}`);
	const { headers, headerNames = {}, url } = signed.value;
	const shown = Object.entries(headers).map(([name, value]) => `${headerNames[name] ?? name}: ${shortened(value)}`);
	const sentTo = url === undefined ? '' : `, and goes to ${shortened(url.href)}`;
	return ok(`A signed request has these headers: ${shown.join(' | ')}${sentTo}`);
}

/** With what may be a signature or a hash cut off. */
const shortened = (text: string): string => text.replace(/([A-Za-z0-9+/_-]{6})[A-Za-z0-9+/_-]{14,}=*/g, '$1…');
