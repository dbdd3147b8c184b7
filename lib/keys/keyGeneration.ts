import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

import { ok, refused, type Result } from '../result/result';
import { keyKindOf, type SigningAlgorithm } from './algorithm';
import { encryptPkcs8 } from './encryptedPkcs8';
import { jwkSet, readCredentialKeys, type KeySettings, type PublicKeys } from './jwks';
import { readableLabels } from './privateKeyInField';
import { publicJwk, publicPem, readPublicKeys, type PublicJwk } from './publicKey';

/** The RSA lengths on offer, in bits. */
export const modulusLengths = [2048, 3072, 4096] as const;

/** The fewest characters of a passphrase that a new key is encrypted under (NIST SP 800-63B §5.1.1.2). */
const leastPassphraseLength = 8;

/** A new pair: its public half in every form, its private half under the credential's passphrase. */
export interface GeneratedKey extends PublicKeys {
	/** PEM, PKCS#8 with PBES2. What Private Key of the credential takes, beside the same passphrase. */
	encryptedPrivateKey: string;
}

const generate = promisify(generateKeyPair);

/**
 * Makes a new pair fit for the credential's algorithm. Nothing of the credential changes: its key stays
 * the one that signs, and is in `jwks` beside the new one, so that both can be published at once.
 * The private half exists unencrypted only inside this function.
 * @param modulusLength bits of an RSA key; not looked at for EC and Ed25519
 */
export async function generateKey(
	settings: KeySettings,
	modulusLength: number = modulusLengths[0],
): Promise<Result<GeneratedKey>> {
	const { algorithm, passphrase } = settings;
	if (passphrase === '') {
		return refused(
			'The credential has no passphrase to encrypt the new private key with',
			'Fill in Passphrase in the credential and save it, then run this again. ' +
				'Without it the private key would be stored unencrypted in the execution.',
		);
	}
	if ([...passphrase].length < leastPassphraseLength) {
		return refused(
			`The passphrase of the credential is shorter than ${leastPassphraseLength} characters`,
			'It protects the private key in the stored execution. Enter a longer one in the credential, then run this again.',
		);
	}
	if (!modulusLengths.some((length) => length === modulusLength)) {
		return refused(
			'The key length is not supported',
			`Set RSA Key Length to one of ${modulusLengths.join(', ')} bits.`,
		);
	}
	const current = await currentKeys(settings);
	if (!current.ok) return current;

	const privateKey = await newPrivateKey(algorithm, modulusLength);
	const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
	const encryptedPrivateKey = await encryptPkcs8(pkcs8, passphrase);
	pkcs8.fill(0);
	const jwk = publicJwk(privateKey, '', algorithm);
	return ok({
		algorithm,
		keyId: jwk.kid,
		publicKey: publicPem(privateKey),
		jwk,
		jwks: jwkSet([jwk, ...current.value]),
		encryptedPrivateKey,
	});
}

/** The public keys that are in use now and stay valid beside the new one. */
async function currentKeys(settings: KeySettings): Promise<Result<PublicJwk[]>> {
	if (settings.privateKey.trim() === '') {
		return readPublicKeys(settings.previousPublicKey, settings.algorithm, readableLabels.previousPublicKey);
	}
	const read = await readCredentialKeys(settings);
	if (read.ok) return ok([read.value.jwk, ...read.value.others]);
	return refused(
		read.fault.message,
		`${read.fault.description} The new key is published together with the current one; to avoid that, clear Private Key ` +
			'and Previous (or Next) Public Key.',
	);
}

async function newPrivateKey(algorithm: SigningAlgorithm, modulusLength: number): Promise<KeyObject> {
	const kind = keyKindOf(algorithm);
	const { privateKey } =
		kind.type === 'rsa'
			? await generate('rsa', { modulusLength })
			: kind.type === 'ec'
				? await generate('ec', { namedCurve: kind.curve })
				: await generate('ed25519');
	return privateKey;
}
