import type { CredentialData } from '../oauth2/credential/credentialFields';
import { refused, type Result } from '../result/result';
import type { Signer, Verifier } from './scheme';

const notYet = () => refused('HMAC is not available yet', 'Select another Scheme in the credential.');

export const readHmacSigner = (_data: CredentialData): Result<Signer> => notYet();

export const readHmacVerifier = (_data: CredentialData): Result<Verifier> => notYet();
