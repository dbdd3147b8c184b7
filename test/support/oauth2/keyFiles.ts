/** Key files as Google and Box hand them out, with a key that RFC 7515 publishes. */
import { passphrase, pkcs8, rsaKey } from '../../unit/keys/fixtures';

/** https://developers.google.com/identity/protocols/oauth2/service-account: the JSON file of a service account's key. */
export const googleFile = (changes: Record<string, unknown> = {}) => ({
	type: 'service_account',
	project_id: 'my-project',
	private_key_id: '370ab79b4513eb9bad7c9bd16a95cb76b5b2a56a',
	private_key: pkcs8(rsaKey),
	client_email: 'robot@my-project.iam.gserviceaccount.com',
	client_id: '102937847382938472834',
	auth_uri: 'https://accounts.google.com/o/oauth2/auth',
	token_uri: 'https://oauth2.googleapis.com/token',
	auth_provider_x509_cert_url: 'https://www.googleapis.com/oauth2/v1/certs',
	client_x509_cert_url: 'https://www.googleapis.com/robot/v1/metadata/x509/robot',
	universe_domain: 'googleapis.com',
	...changes,
});

/** https://developer.box.com/guides/authentication/jwt/without-sdk: config.json, whose key is encrypted. */
export const boxFile = () => ({
	boxAppSettings: {
		clientID: 'box-client',
		clientSecret: 'box-secret',
		appAuth: {
			publicKeyID: 'abcd1234',
			privateKey: rsaKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString(),
			passphrase,
		},
	},
	enterpriseID: '1234567',
});
