import { privateKeyInField, readableLabels } from '../../keys/privateKeyInField';
import { holdsPrivateKey } from '../../keys/pastedKey';
import type { Fault } from '../../result/result';
import type { CredentialData } from './credentialFields';

/** The fields that n8n masks and encrypts: whatever is in them, it is not shown. */
const MASKED_FIELDS: readonly string[] = [
	'accessToken',
	'clientSecret',
	'passphrase',
	'password',
	'previousSecret',
	'privateKey',
	'secret',
	'secretParameters',
	'tokenRequestHeaders',
	'tlsPassphrase',
	'tlsPrivateKey',
];

/** The fields in which a private key is probably a slip in what was pasted. */
const PUBLIC_PARTS: Readonly<Record<string, (typeof readableLabels)[keyof typeof readableLabels]>> = {
	certificate: readableLabels.certificate,
	previousPublicKey: readableLabels.previousPublicKey,
	publicKeys: readableLabels.publicKeys,
	tlsCa: readableLabels.tlsCa,
	tlsCertificate: readableLabels.tlsCertificate,
};

/** What the forms call the other fields that take long texts. */
const LABELS: Readonly<Record<string, string>> = {
	accessTokenUrl: 'Access Token URL',
	additionalClaims: 'Additional Claims',
	additionalParameters: 'Additional Parameters',
	audience: 'Audience (Aud)',
	clientId: 'Client ID',
	coveredComponents: 'Covered Components',
	issuer: 'Issuer (Iss)',
	issuerUrl: 'Issuer URL',
	keyId: 'Key ID (Kid)',
	scope: 'Scope',
	signatureLabel: 'Label',
	signatureTag: 'Tag',
	subject: 'Subject (Sub)',
	username: 'Username',
};

/** No private key is shorter: 32 bytes in Base64, and a few around them. */
const SHORTEST_KEY = 40;

/** The texts in a field, those of its rows included. */
function textsOf(value: unknown): string[] {
	if (typeof value === 'string') return value.length < SHORTEST_KEY ? [] : [value];
	return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/**
 * Looks for private keys in all fields of a credential that n8n gives back unmasked: they are refused, however well they
 * would work.
 *
 * @returns the fault, which shows nothing of the key, or undefined
 */
export function readableFieldsFault(data: CredentialData): Fault | undefined {
	for (const [name, value] of Object.entries(data)) {
		if (MASKED_FIELDS.includes(name)) continue;
		const fault = textsOf(value)
			.map((text) => faultOf(name, text))
			.find((found) => found !== undefined);
		if (fault) return fault;
	}
	return undefined;
}

function faultOf(name: string, text: string): Fault | undefined {
	const publicPart = Object.hasOwn(PUBLIC_PARTS, name) ? PUBLIC_PARTS[name] : undefined;
	if (publicPart !== undefined) return privateKeyInField(text, publicPart);
	if (!holdsPrivateKey(text)) return undefined;
	const label = Object.hasOwn(LABELS, name) ? LABELS[name] : 'A field other than Private Key';
	return {
		message: `${label} contains a private key`,
		description:
			'Remove it: n8n stores and shows that field in plain text. Paste the key into Private Key, and replace it if others ' +
			'may have seen it.',
	};
}
