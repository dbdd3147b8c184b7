import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

import type { ClientAssertionSettings } from '../../../lib/oauth2/assertion/createClientAssertion';
import type { SigningAlgorithm } from '../../../lib/keys/algorithm';

/** The RSA key that RFC 7515 appendix A.2 publishes: never a secret, so it may stand here. */
export const publishedRsaJwk = {
	kty: 'RSA',
	n:
		'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4Q' +
		'lL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBY' +
		'UsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNm' +
		'oudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
	e: 'AQAB',
	d:
		'Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJ' +
		'e46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI' +
		'9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9p' +
		'IuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ',
	p:
		'4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdT' +
		'JNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc',
	q:
		'uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_Y' +
		'wD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc',
	dp:
		'BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6Hs' +
		'JeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0',
	dq:
		'h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-' +
		'NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU',
	qi:
		'IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi' +
		'87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U',
};

/** The Ed25519 key that RFC 8037 appendix A.1 publishes. */
const publishedEd25519Jwk = {
	kty: 'OKP',
	crv: 'Ed25519',
	d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
	x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
};

/** A self-signed certificate for {@link publishedRsaJwk}, made with OpenSSL; its thumbprint is OpenSSL's, too. */
export const rsaCertificate = `-----BEGIN CERTIFICATE-----
MIIDIzCCAgugAwIBAgIUZ7a2mXjl/jl60mPVccX2dyo7HgAwDQYJKoZIhvcNAQEL
BQAwIDEeMBwGA1UEAwwVd2ViaG9vay1kaXNwYXRjaCB0ZXN0MCAXDTI2MTEyMzEx
MzgwNloYDzIxMjYxMDMwMTEzODA2WjAgMR4wHAYDVQQDDBV3ZWJob29rLWRpc3Bh
dGNoIHRlc3QwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQCh+BYK4uPJ
tGXOjS1lYmM2K5J9vinh8CR3/BYlzJChNuOL2TSXxbbqY913EeZ8dCn5VrD7io8I
mtxLaYk8wTM/U+3QGbh3hCUv7JFP5IV3aVlL6kKA0ywPVb9ilE8TA5a8bpvfbr3S
vaNnjuygxmj3AbONv/s4yDQs4v5tJ/reSlpIdJed1LnPmt7Ex1sFhSwsD174pcF1
A5L5ROjtZMEQxrZHYJqkeDrrnGya11UxMFBji4NmXG9veoKjlnAqH2QbgtPr8jki
GUkftoaHLFcW9Qr4NY2ai50Xw0Byj3+H2JoY2PyrZ62EWQwuz3WTOTY8BwNNb2Bv
niHgVFbK5emhAgMBAAGjUzBRMB0GA1UdDgQWBBQzGIiPp7+DkM3e011UielRYxna
2TAfBgNVHSMEGDAWgBQzGIiPp7+DkM3e011UielRYxna2TAPBgNVHRMBAf8EBTAD
AQH/MA0GCSqGSIb3DQEBCwUAA4IBAQCHRiWLyauMcueN1lhUNE+wEqRJ3+ZQ4gT9
OQBIDz5R/C3TBiBOCC2sqPbQ8p/Y3PpxZccY9chG8OjtWkzQYMtdGsiiQWJNiXe4
cgPuam0x+iRYML8cqtmyywrsQRLL6s3t72koY0YsF+2pZ7BlFBjDo7oF8LALvByk
afSXKPl0JlAJS1fN8EEmmvi3b+5q13i9ERTduP1M7owPAxAjAGUzAKvBBvw+MyvQ
DmZdWF8XM+zyikVBfXbFoPc8ahSc+VVXFHfBkxj1kEVzYx3477i0EQgp7K56YAmQ
62EI/vqAGCdmefwR4A5DxpgGjzs6dZMZbiZLRS4qDc4qoVL5ms66
-----END CERTIFICATE-----
`;
export const rsaCertificateSha256 =
	'8B:6A:A6:28:F4:41:BF:44:12:33:A4:72:36:A4:29:DA:E7:70:2D:B1:DB:62:8A:E8:56:B3:5F:1A:C3:6D:4A:65';

/** What Passphrase holds in these tests: characters that break careless quoting. */
export const passphrase = 'pass phrase: 100% "ü" & +';

export const rsaKey = createPrivateKey({ key: publishedRsaJwk, format: 'jwk' });
export const ed25519Key = createPrivateKey({ key: publishedEd25519Jwk, format: 'jwk' });
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey;

/** A key for each algorithm. */
export const keyFor: Record<SigningAlgorithm, KeyObject> = {
	RS256: rsaKey,
	RS384: rsaKey,
	RS512: rsaKey,
	PS256: rsaKey,
	PS384: rsaKey,
	PS512: rsaKey,
	ES256: ec('P-256'),
	ES384: ec('P-384'),
	ES512: ec('P-521'),
	EdDSA: ed25519Key,
};

/** A private key as PKCS#8 PEM. */
export function pkcs8(key: KeyObject): string {
	return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The fields of a JWT credential, as its form has them by default, with a key. */
export function jwtSettings(changes: Partial<ClientAssertionSettings> = {}): ClientAssertionSettings {
	return {
		accessTokenUrl: 'https://auth.example.com/token',
		clientId: 'client-1',
		scope: '',
		privateKey: pkcs8(rsaKey),
		passphrase: '',
		algorithm: 'RS256',
		keyId: '',
		headerType: 'JWT',
		contentType: '',
		critical: [],
		issuer: '',
		subject: '',
		audience: '',
		expiresIn: 60,
		useIssuedAt: true,
		jwtId: '',
		additionalClaims: {},
		certificate: '',
		...changes,
	};
}

/** 2026-01-02 03:04:05 UTC, and random bytes that are none: for known answers. */
export const frozen = { now: () => 1_767_323_045_678, random: (size: number) => Buffer.alloc(size, 7) };
