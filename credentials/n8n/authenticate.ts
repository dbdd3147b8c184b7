import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IHttpRequestHelper,
	IHttpRequestOptions,
} from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import { basicHeader } from '../../lib/http/basicHeader';
import { textField } from '../../lib/oauth2/credential/credentialFields';
import { readOAuth2Credential } from '../../lib/oauth2/credential/readOAuth2Credential';
import { tokenStore } from '../../lib/oauth2/token/tokenStore';
import type { Fault } from '../../lib/result/result';
import { preAuthenticationTransport } from './tokenTransports';

/** The hidden property that n8n keeps the token of `preAuthentication` in. */
const TOKEN_PROPERTY = 'accessToken';

/** n8n shows both: what happened and how to get on. */
const unavailable = ({ message, description }: Fault) => new UserError(message, { description });

/** Sets a header, in place of one of the same name in whatever letter case. */
function withHeader(options: IHttpRequestOptions, name: string, value: string): IHttpRequestOptions {
	const others = Object.entries(options.headers ?? {}).filter(([other]) => other.toLowerCase() !== name.toLowerCase());
	return { ...options, headers: { ...Object.fromEntries(others), [name]: value } };
}

/** `Authorization: Basic` of RFC 7617 in UTF-8, for n8n's HTTP Request node. */
export async function authenticateBasic(
	data: ICredentialDataDecryptedObject,
	options: IHttpRequestOptions,
): Promise<IHttpRequestOptions> {
	return withHeader(options, 'Authorization', basicHeader(textField(data, 'user'), textField(data, 'password')).value);
}

/** The token that `preAuthentication` got, under the header name and prefix of the credential. */
export function authenticateWithToken(credentialTypeName: string) {
	return async (data: ICredentialDataDecryptedObject, options: IHttpRequestOptions): Promise<IHttpRequestOptions> => {
		const token = textField(data, TOKEN_PROPERTY);
		if (token === '') return options;
		const read = readOAuth2Credential(credentialTypeName, data);
		if (!read.ok) throw unavailable(read.fault);
		const { headerName, headerPrefix } = read.value;
		return withHeader(options, headerName, headerPrefix === '' ? token : `${headerPrefix} ${token}`);
	};
}

/**
 * Gets a token for n8n's HTTP Request node, through the process' token store: n8n calls this for every
 * item that was refused, with no lock, and the store makes one request of them.
 *
 * n8n calls it when the hidden property is empty, and when a request was refused with the token in it;
 * it knows no life of a token, so there is no early renewal on this path.
 *
 * @throws UserError saying what the token endpoint answered
 */
export function fetchToken(credentialTypeName: string) {
	return async function (this: IHttpRequestHelper, data: ICredentialDataDecryptedObject): Promise<IDataObject> {
		const read = readOAuth2Credential(credentialTypeName, data);
		if (!read.ok) throw unavailable(read.fault);
		const credential = read.value;
		const refused = textField(data, TOKEN_PROPERTY);
		if (refused !== '') tokenStore.discard(credential, refused);
		const result = await tokenStore.get(credential, preAuthenticationTransport(this.helpers));
		if (!result.ok) throw unavailable(result.fault);
		return { [TOKEN_PROPERTY]: result.value.accessToken };
	};
}
