'use strict';

/**
 * @param {(method: string, route: string, body?: unknown) => Promise<any>} call
 */
function dataTableRoutes(call) {
	let project;
	const base = async () => {
		project ??= (await call('GET', '/projects/personal')).id;
		return `/projects/${project}/data-tables`;
	};
	return {
		/** @param {{ name: string, columns: Array<{ name: string, type: 'string' | 'number' | 'boolean' | 'date' }> }} table  @returns {Promise<{ id: string }>} */
		create: async (table) => await call('POST', await base(), table),
		list: async () => (await call('GET', await base())).data,
		remove: async (id) => await call('DELETE', `${await base()}/${id}`),
		/** @param {string} id  @param {object[]} data */
		insert: async (id, data) => await call('POST', `${await base()}/${id}/insert`, { data, returnType: 'all' }),
		/** @param {string} id  @returns {Promise<object[]>} up to 250 rows */
		rows: async (id) => (await call('GET', `${await base()}/${id}/rows?take=250`)).data,
	};
}

module.exports = { dataTableRoutes };
