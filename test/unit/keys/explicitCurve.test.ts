/** EC keys that describe their curve instead of naming it, which RFC 5480 §2.1.1 forbids and servers refuse. */
import { generateKeyPairSync } from 'node:crypto';

import { importSigningKey } from '../../../lib/keys/signingKey';
import { refused } from '../../../lib/result/result';
import { passphrase } from './fixtures';

/** Made by `openssl ecparam -name prime256v1 -genkey -param_enc explicit`: parameters and key. */
const written = `-----BEGIN EC PARAMETERS-----
MIH3AgEBMCwGByqGSM49AQECIQD/////AAAAAQAAAAAAAAAAAAAAAP//////////
/////zBbBCD/////AAAAAQAAAAAAAAAAAAAAAP///////////////AQgWsY12Ko6
k+ez671VdpiGvGUdBrDMU7D2O848PifSYEsDFQDEnTYIhucEk2pmeOETnSa3gZ9+
kARBBGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tK
fA+eFivOM1drMV7Oy7ZAaDe/UfUCIQD/////AAAAAP//////////vOb6racXnoTz
ucrC/GMlUQIBAQ==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MIIBaAIBAQQg24MrqApEZSRY1T4WkC6/R5c2TQWWvr1uWqVRs8iMtdiggfowgfcC
AQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAAAAAAAAAAAAAA////////////////
MFsEIP////8AAAABAAAAAAAAAAAAAAAA///////////////8BCBaxjXYqjqT57Pr
vVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSdNgiG5wSTamZ44ROdJreBn36QBEEE
axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54W
K84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA//////////+85vqtpxeehPO5ysL8
YyVRAgEBoUQDQgAEtSk2hHVNF1vBeEJPCPAMaoWM0ihdHPb4kaAGyQgFQOKmJ5wv
hM7bTwCEItonJs+eot7P6qnObKce8ahTPVKVTQ==
-----END EC PRIVATE KEY-----
`;
/** The same key by `openssl pkcs8 -topk8`, without and with encryption under the passphrase of fixtures.ts. */
const pkcs8 = `-----BEGIN PRIVATE KEY-----
MIIBeQIBADCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAAB
AAAAAAAAAAAAAAAA////////////////MFsEIP////8AAAABAAAAAAAAAAAAAAAA
///////////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMV
AMSdNgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg
9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8A
AAAA//////////+85vqtpxeehPO5ysL8YyVRAgEBBG0wawIBAQQg24MrqApEZSRY
1T4WkC6/R5c2TQWWvr1uWqVRs8iMtdihRANCAAS1KTaEdU0XW8F4Qk8I8AxqhYzS
KF0c9viRoAbJCAVA4qYnnC+EzttPAIQi2icmz56i3s/qqc5spx7xqFM9UpVN
-----END PRIVATE KEY-----
`;
const encrypted = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIIB3TBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQIiFRXZ72pb7MCAggA
MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBBB7Lte9ngBgwj2u76r6z87BIIB
gE6aB1g+VJKbAnKCAhWcFJU13XM9NrykxNjDSYMqdwzVTgGjA4e6ZA8RTFWfrH/f
LG86o5BhZcKFrUGCzXPwBpnhZw4p3FdCjxphj70BzrshuoUGKlguo+kd3aK8Bs2n
6iY5frxocfndzy+sSk+0aWbHm28h+E1espxv1Hd9z41p1s2/MTQPY6n9/5d4ssOW
LoIyRiwLFaHDjkhmx6h+sodHNh1y9FwKAVM6DHkrR1FRbPvwtD60uvoqJDUtnS1t
DLtSPjy99OX8SMhJwGeVOGwCVIahvE9htLyPqFVVtNnd/hxpMfJLCaOyW4buWbAd
M9WJalkvvcJDlHDRk1RJBFyuIg5yWl0rPSn3FqO0U5i2XQLuv+vB9qEhBAykbOU6
QgeCK9IEYPtcYInqLLEPHn5u8hW8jfIWUe2/YDvtIF5ghSCA1m3M4urOURrjlgEx
nqZXxjalPDSV4H1+VTfzDrr05D3KjPejRaKHMeH1aCYDQyYyi1TLlFot2pJSw2sN
XA==
-----END ENCRYPTED PRIVATE KEY-----
`;
/** The same key by the command of the description: `openssl ec -in key.pem -param_enc named_curve`. */
const converted = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEINuDK6gKRGUkWNU+FpAuv0eXNk0Flr69blqlUbPIjLXYoAoGCCqGSM49
AwEHoUQDQgAEtSk2hHVNF1vBeEJPCPAMaoWM0ihdHPb4kaAGyQgFQOKmJ5wvhM7b
TwCEItonJs+eot7P6qnObKce8ahTPVKVTQ==
-----END EC PRIVATE KEY-----
`;
const [, keyAlone = ''] = /(-----BEGIN EC PRIVATE KEY[^]*)/.exec(written) ?? [];

it.each([
	['with its parameters before it', written],
	['without them', keyAlone],
	['as PKCS#8', pkcs8],
	['as encrypted PKCS#8', encrypted],
	['as Base64', pkcs8.replace(/-----[^-]+-----/g, '')],
	['under a wrong label', keyAlone.replaceAll('EC PRIVATE', 'PRIVATE')],
])('%s: is named, with the command that converts it', async (_name, text) => {
	expect(await importSigningKey(text, passphrase)).toEqual(
		refused(
			'The private key is an EC key with explicit parameters: it describes its curve instead of naming it',
			'Convert a copy of it with "openssl ec -in key.pem -param_enc named_curve", and paste its output.',
		),
	);
});

it('what the command prints is read', async () => {
	expect(await importSigningKey(converted)).toMatchObject({ ok: true });
});

it('a key with a named curve is read, with its parameters before it, too', async () => {
	const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
		.privateKey.export({ type: 'sec1', format: 'pem' })
		.toString();
	const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
	expect(await importSigningKey(parameters + key)).toMatchObject({ ok: true });
});
