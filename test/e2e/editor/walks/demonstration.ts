import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { importCredentials } from '../../../../demo/automation/credentials';
import { startServers, type DemoServers } from '../../../../demo/automation/servers';
import type { World } from '../world';

/** What `npm start` has beside n8n. */
export interface Demonstration {
	servers: DemoServers;
}

/** The servers of the demonstration, with their credentials in n8n, for the tests of a `describe`. */
export function withDemonstration(world: World): Demonstration {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'webhook-dispatch-walks-'));
	let servers: DemoServers | undefined;
	beforeAll(async () => {
		servers = await startServers({ folder });
		await importCredentials(world.client, servers);
	});
	afterAll(async () => {
		await servers?.stop();
		fs.rmSync(folder, { recursive: true, force: true });
	});
	return {
		get servers() {
			if (!servers) throw new Error('The servers are not there yet');
			return servers;
		},
	};
}
