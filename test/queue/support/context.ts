import type { Cluster } from './cluster';
import type { Ratings } from './ratings';
import type { QueueTable } from './table';

/** What a scenario works with; there when its tests run. */
export interface Context {
	cluster: Cluster;
	ratings: Ratings;
	table: QueueTable;
}
export type GetContext = () => Context;
