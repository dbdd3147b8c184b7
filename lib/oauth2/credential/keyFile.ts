import { decodePastedBase64 } from '../../text/base64';

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
	const file = jsonObject(text.replace(/^\ufeff/, '').trim());
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

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});

/** A text, or a number as one (an enterprise ID). */
function textOf(value: unknown): string {
	if (typeof value === 'number') return String(value);
	return typeof value === 'string' ? value.trim() : '';
}

/** The object in a text, a JSON string or Base64; no key file is nested deeper. */
function jsonObject(text: string, depth = 0): JsonObject | undefined {
	if (depth > 2 || text === '') return undefined;
	if (/^[{"[]/.test(text)) {
		const value = parsed(text);
		if (typeof value === 'string') return jsonObject(value.trim(), depth + 1);
		const only: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
		return isObject(only) ? only : undefined;
	}
	const inner = decodePastedBase64(text.replace(/\s/g, ''))?.toString('utf8').trim() ?? '';
	return inner.startsWith('{') ? jsonObject(inner, depth + 1) : undefined;
}

/** JSON, also when the line breaks inside its strings were written out on the way (by a shell, or a template). */
function parsed(text: string): unknown {
	const repaired = text.replace(/"(?:[^"\\]|\\[^])*"/g, (literal) => literal.replace(/\r?\n/g, '\\n'));
	for (const candidate of [text, repaired]) {
		try {
			return JSON.parse(candidate) as unknown;
		} catch {
			continue;
		}
	}
	return undefined;
}
