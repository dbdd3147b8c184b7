'use strict';
const { createRequire } = require('node:module');
const path = require('node:path');

/**
 * Asks n8n's PostgreSQL, by the driver that n8n itself has: what its REST API only tells page by page.
 * @param {{ n8nFolder: string, environment: Record<string, string> }} place n8n's installation; its `DB_POSTGRESDB_…` variables
 * @param {string} sql  @param {unknown[]} [parameters] for `$1`, `$2` …
 * @returns {Promise<Array<Record<string, any>>>} rows
 */
async function ask({ n8nFolder, environment }, sql, parameters) {
	const { Client } = createRequire(path.join(n8nFolder, 'node_modules', 'n8n', 'package.json'))('pg');
	const client = new Client({
		host: environment.DB_POSTGRESDB_HOST,
		port: Number(environment.DB_POSTGRESDB_PORT ?? 5432),
		database: environment.DB_POSTGRESDB_DATABASE ?? 'n8n',
		user: environment.DB_POSTGRESDB_USER ?? 'postgres',
		password: environment.DB_POSTGRESDB_PASSWORD,
	});
	await client.connect();
	try {
		return (await client.query(sql, parameters)).rows;
	} finally {
		await client.end();
	}
}

module.exports = { ask };
