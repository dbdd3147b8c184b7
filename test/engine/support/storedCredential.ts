import {
	isExpression,
	type ICredentialDataDecryptedObject,
	type ICredentialType,
	type IHttpRequestHelper,
	type IHttpRequestOptions,
	type INode,
} from 'n8n-workflow';

import { TestCredentialsHelper } from '../../support/engine/credentialsHelper';
import type { RequestAuthentication } from '../../support/oauth2/preAuthentication';

/** A credential as n8n has it stored, with what n8n does about tokens. */
export interface StoredCredential {
	helper: TestCredentialsHelper;
	/** What is stored at present. A test edits it as the form does: by another one in its place. */
	stored: Record<string, ICredentialDataDecryptedObject>;
	/** How often n8n wrote to it. */
	writes: () => number;
}

/**
 * n8n's handling of `preAuthentication` (its CredentialsHelper is in no package that can be had without n8n).
 *
 * @param keepsExpressions how what is returned is stored: into the stored data (from 2.34 on), or with all the values
 * that the item at hand gave to expressions
 */
export function storedCredential(
	type: ICredentialType,
	data: ICredentialDataDecryptedObject,
	{ keepsExpressions = true } = {},
): StoredCredential {
	const stored = { [type.name]: data };
	let writes = 0;
	const { preAuthentication, authenticate } = type as unknown as RequestAuthentication;
	const helper = Object.assign(new TestCredentialsHelper(stored, [type]), {
		authenticate: async (credential: ICredentialDataDecryptedObject, _type: string, options: IHttpRequestOptions) =>
			await authenticate(credential, options),
		preAuthentication: async (
			helpers: IHttpRequestHelper,
			credential: ICredentialDataDecryptedObject,
			name: string,
			_node: INode,
			expired: boolean,
		) => {
			if (credential.accessToken !== '' && !expired) return undefined;
			const output = (await preAuthentication.call(helpers, credential)) as ICredentialDataDecryptedObject;
			if (output.accessToken === undefined) return undefined;
			Object.assign(credential, output);
			const before = stored[name] ?? {};
			const kept = Object.entries(output).filter(([key]) => key === 'accessToken' || !isExpression(before[key]));
			stored[name] = keepsExpressions ? { ...before, ...Object.fromEntries(kept) } : { ...credential };
			writes += 1;
			return credential;
		},
	});
	return { helper: helper as unknown as TestCredentialsHelper, stored, writes: () => writes };
}
