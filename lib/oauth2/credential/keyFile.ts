import { isObject, jsonObjectIn, type JsonObject, textOf } from './pastedJson';

/** What the key file of a provider says, beside the key itself: the texts are empty where it says nothing. */
export interface KeyFile {
	/** What the file is called in messages. */
	readonly name: string;
	/** PEM. */
	readonly privateKey: string;
	readonly passphrase: string;
	readonly keyId: string;
	readonly accessTokenUrl: string;
	/** Claim `iss`. */
	readonly issuer: string;
	readonly clientId: string;
	readonly clientSecret: string;
	/** Claim `sub` when the credential names none. */
	readonly subject: string;
	/** Where its server reads the scope; absent when that is not known. */
	readonly scopeLocation?: 'assertion';
	/** Seconds to `exp`, for a server that wants less than the form's default. */
	readonly expiresIn?: number;
	/** Claims that belong to a subject. */
	readonly claimsFor: (subject: string) => Readonly<Record<string, string>>;
}

/** Where Box's tokens come from: its file does not say so (https://developer.box.com/guides/authentication/jwt/without-sdk). */
const BOX_TOKEN_URL = 'https://api.box.com/oauth2/token';

/**
 * Reads the whole JSON file of a service account, as Google (`client_email`, `private_key`) and Box (`boxAppSettings`)
 * hand it out, pasted in place of a key: also as Base64, as a JSON string, and with the line breaks of the key unescaped.
 *
 * @returns undefined for anything else, such as a key alone
 */
export function readKeyFile(text: string): KeyFile | undefined {
	const file = jsonObjectIn(text);
	return file && (googleFile(file) ?? boxFile(file));
}

/** https://developers.google.com/identity/protocols/oauth2/service-account */
function googleFile(file: JsonObject): KeyFile | undefined {
	const issuer = textOf(file['client_email']);
	const privateKey = textOf(file['private_key']);
	if (issuer === '' || privateKey === '') return undefined;
	return {
		name: "Google's key file",
		privateKey,
		passphrase: '',
		keyId: textOf(file['private_key_id']),
		accessTokenUrl: textOf(file['token_uri']),
		issuer,
		// Its client_id is for delegation in the Workspace console, no parameter of the request.
		clientId: '',
		clientSecret: '',
		subject: '',
		scopeLocation: 'assertion',
		claimsFor: () => ({}),
	};
}

/** https://developer.box.com/guides/authentication/jwt/without-sdk */
function boxFile(file: JsonObject): KeyFile | undefined {
	const settings = objectOf(file['boxAppSettings']);
	const key = objectOf(settings['appAuth']);
	const privateKey = textOf(key['privateKey']);
	if (privateKey === '') return undefined;
	const clientId = textOf(settings['clientID']);
	const enterprise = textOf(file['enterpriseID']);
	return {
		name: "Box's key file",
		privateKey,
		passphrase: textOf(key['passphrase']),
		keyId: textOf(key['publicKeyID']),
		accessTokenUrl: BOX_TOKEN_URL,
		issuer: clientId,
		clientId,
		clientSecret: textOf(settings['clientSecret']),
		subject: enterprise,
		// 60 at most, and less than that is recommended: clocks differ.
		expiresIn: 45,
		claimsFor: (subject) => ({ box_sub_type: subject === enterprise ? 'enterprise' : 'user' }),
	};
}

const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});
