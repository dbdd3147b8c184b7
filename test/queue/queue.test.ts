/**
 * n8n in queue mode: main, a webhook process and two workers over Redis and PostgreSQL. One cluster for all scenarios, as
 * its start takes half a minute; each scenario leaves it whole. `QUEUE_TABLE=write npm run test:queue` writes the table
 * of docs/queue-mode.md.
 */
import { files } from './scenarios/files';
import { load } from './scenarios/load';
import { mainRestart } from './scenarios/mainRestart';
import { outbox } from './scenarios/outbox';
import { refreshTokens } from './scenarios/refreshTokens';
import { restarts } from './scenarios/restarts';
import { workers } from './scenarios/workers';
import { startTestCluster, type Cluster } from './support/cluster';
import { startRatings, type Ratings } from './support/ratings';
import { QueueTable } from './support/table';

let cluster: Cluster;
let ratings: Ratings;
const table = new QueueTable();

beforeAll(async () => {
	cluster = await startTestCluster();
	ratings = await startRatings(cluster);
}, 600_000);

afterAll(async () => {
	await ratings?.stop();
	await cluster?.stop();
	table.write();
}, 120_000);

beforeEach(async () => await ratings.clear());

const context = () => ({ cluster, ratings, table });

describe('Load', () => load(context));
describe('Tokens', () => refreshTokens(context));
describe('Files', () => files(context));
describe('Workers', () => workers(context));
describe('Restarts under load', () => restarts(context));
describe('Waiting executions', () => mainRestart(context));
describe('Outbox', () => outbox(context));
