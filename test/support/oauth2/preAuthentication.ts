import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IHttpRequestHelper,
	IHttpRequestOptions,
} from 'n8n-workflow';

import { tokenResponse } from './scriptedTransport';

/** The two functions of a credential type that n8n's HTTP Request node has called. */
export interface RequestAuthentication {
	preAuthentication(this: IHttpRequestHelper, data: ICredentialDataDecryptedObject): Promise<IDataObject>;
	authenticate(data: ICredentialDataDecryptedObject, options: IHttpRequestOptions): Promise<IHttpRequestOptions>;
}

/** A token endpoint behind n8n's helper: gives these tokens one after the other; a number is a status without one. */
export function tokenHelper(...answers: Array<string | number>): { n8n: IHttpRequestHelper; forms: URLSearchParams[] } {
	const forms: URLSearchParams[] = [];
	return {
		forms,
		n8n: {
			helpers: {
				httpRequest: async ({ body }) => {
					const next = answers[forms.length] ?? 404;
					forms.push(new URLSearchParams(body as string));
					return typeof next === 'number'
						? tokenResponse(next, '')
						: tokenResponse(200, { access_token: next, token_type: 'Bearer', expires_in: 3600 });
				},
			},
		},
	};
}
