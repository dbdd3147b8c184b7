'use strict';

/**
 * @param {(method: string, route: string, body?: unknown) => Promise<any>} call
 */
function credentialRoutes(call) {
	const list = () => call('GET', '/credentials');
	const create = (credential) => call('POST', '/credentials', credential);
	return {
		list,
		/** @param {{ name: string, type: string, data: object }} credential  @returns {Promise<{ id: string, name: string, type: string }>} */
		create,
		/** @param {string} id  @param {{ name: string, type: string, data: object }} credential */
		update: (id, credential) => call('PATCH', `/credentials/${id}`, credential),
		/** With the data as the editor gets it: passwords blanked. */
		get: (id) => call('GET', `/credentials/${id}?includeData=true`),
		remove: (id) => call('DELETE', `/credentials/${id}`),
		/**
		 * What the editor's "Retry"/save does: the credential's own test.
		 * @param {{ id: string, name: string, type: string, data?: object }} credential  `data` as typed in, or none for what is stored
		 * @returns {Promise<{ status: 'OK' | 'Error', message: string }>}
		 */
		test: (credential) => call('POST', '/credentials/test', { credentials: credential }),
		/**
		 * Makes the credential of this name and type be as given, whether it was there or not.
		 * @param {{ name: string, type: string, data: object }} credential
		 * @returns {Promise<{ id: string, name: string, type: string }>}
		 */
		async put(credential) {
			const found = (await list()).find(({ name, type }) => name === credential.name && type === credential.type);
			return found ? await call('PATCH', `/credentials/${found.id}`, credential) : await create(credential);
		},
	};
}

module.exports = { credentialRoutes };
