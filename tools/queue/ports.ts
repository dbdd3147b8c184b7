import { portFrom } from '../lib/ports';

/** Below the ports that systems give to outgoing connections: one of those can take a port that was free a moment ago. */
const RANGE = { from: 15_000, to: 30_000 };

/** Given out by this process already, whether listened on or not. */
const given = new Set<number>();

/** A free port that most likely stays free: some of ours are listened on much later. */
export async function quietPort(): Promise<number> {
	const port = await portFrom(RANGE.from + Math.floor(Math.random() * (RANGE.to - RANGE.from)), given);
	given.add(port);
	return port;
}
