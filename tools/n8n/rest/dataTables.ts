import type { Call, Json, JsonObject } from './json';

export interface DataTable {
	name: string;
	columns: Array<{ name: string; type: 'string' | 'number' | 'boolean' | 'date' }>;
}

export function dataTableRoutes(call: Call) {
	let project: string | undefined;
	const base = async (): Promise<string> => {
		project ??= (await call<{ id: string }>('GET', '/projects/personal')).id;
		return `/projects/${project}/data-tables`;
	};
	return {
		create: async (table: DataTable): Promise<{ id: string }> => await call('POST', await base(), table),
		list: async (): Promise<Array<{ id: string; name: string }>> =>
			(await call<{ data: Array<{ id: string; name: string }> }>('GET', await base())).data,
		remove: async (id: string): Promise<Json> => await call('DELETE', `${await base()}/${id}`),
		insert: async (id: string, data: JsonObject[]): Promise<Json> =>
			await call('POST', `${await base()}/${id}/insert`, { data, returnType: 'all' }),
		/** @param data what the row of this ID has afterwards in these columns */
		update: async (id: string, row: number, data: JsonObject): Promise<Json> =>
			await call('PATCH', `${await base()}/${id}/rows`, {
				filter: { type: 'and', filters: [{ columnName: 'id', condition: 'eq', value: row }] },
				data,
			}),
		/** Up to 250 of them. */
		rows: async (id: string): Promise<JsonObject[]> =>
			(await call<{ data: JsonObject[] }>('GET', `${await base()}/${id}/rows?take=250`)).data,
	};
}
