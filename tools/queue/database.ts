import { createRequire } from 'node:module';
import path from 'node:path';

/** What is used of the PostgreSQL driver. */
interface Driver {
	Client: new (place: object) => {
		connect(): Promise<void>;
		query(sql: string, parameters?: unknown[]): Promise<{ rows: unknown[] }>;
		end(): Promise<void>;
	};
}

export interface Database {
	/** n8n's installation. */
	n8nFolder: string;
	/** Its `DB_POSTGRESDB_…` variables. */
	environment: Record<string, string | undefined>;
}

/**
 * Asks n8n's PostgreSQL, by the driver that n8n itself has: what its REST API only gives page by page.
 * @param parameters for `$1`, `$2` …
 */
export async function ask<Row>(
	{ n8nFolder, environment }: Database,
	sql: string,
	parameters?: unknown[],
): Promise<Row[]> {
	const requireAsN8n = createRequire(path.join(n8nFolder, 'node_modules', 'n8n', 'package.json'));
	const { Client } = requireAsN8n('pg') as Driver;
	const client = new Client({
		host: environment.DB_POSTGRESDB_HOST,
		port: Number(environment.DB_POSTGRESDB_PORT ?? 5432),
		database: environment.DB_POSTGRESDB_DATABASE ?? 'n8n',
		user: environment.DB_POSTGRESDB_USER ?? 'postgres',
		password: environment.DB_POSTGRESDB_PASSWORD,
	});
	await client.connect();
	try {
		return (await client.query(sql, parameters)).rows as Row[];
	} finally {
		await client.end();
	}
}
