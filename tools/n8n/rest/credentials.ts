import type { Call, Json, JsonObject } from './json';

export interface Credential {
	name: string;
	type: string;
	data: Record<string, unknown>;
}

/** A credential that n8n has. */
export interface CredentialReference {
	id: string;
	name: string;
	type: string;
}

/** What a credential's test says. */
export interface CredentialTest {
	status: 'OK' | 'Error';
	message: string;
}

export function credentialRoutes(call: Call) {
	const list = (): Promise<CredentialReference[]> => call('GET', '/credentials');
	const create = (credential: Credential): Promise<CredentialReference> => call('POST', '/credentials', credential);
	const update = (id: string, credential: Credential): Promise<CredentialReference> =>
		call('PATCH', `/credentials/${id}`, credential);
	return {
		list,
		create,
		update,
		/** With the data as the editor gets it: passwords blanked. */
		get: (id: string): Promise<CredentialReference & { data: JsonObject }> =>
			call('GET', `/credentials/${id}?includeData=true`),
		remove: (id: string): Promise<Json> => call('DELETE', `/credentials/${id}`),
		/** What the editor's "Retry"/save does: the credential's own test. `data` as typed in, or none for what is stored. */
		test: (credential: CredentialReference & { data?: Record<string, unknown> }): Promise<CredentialTest> =>
			call('POST', '/credentials/test', { credentials: credential }),
		/** Makes the credential of this name and type be as given, whether it was there or not. */
		async put(credential: Credential): Promise<CredentialReference> {
			const found = (await list()).find(({ name, type }) => name === credential.name && type === credential.type);
			return found ? await update(found.id, credential) : await create(credential);
		},
	};
}
