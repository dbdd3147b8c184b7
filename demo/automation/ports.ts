import { portFrom } from '../../tools/lib/ports';

/** What is preferred, and what it is called; others are taken where these are not free. */
export type Wanted<Name extends string> = Record<Name, { port: number; called: string }>;

/** The ports of the demonstration: n8n at its usual one, the rest beside each other. */
export const SERVERS = {
	ticketDesk: { port: 4010, called: 'ticket desk' },
	authorizationServer: { port: 4011, called: 'authorization server' },
	requestCatcher: { port: 4012, called: 'request catcher' },
};

/**
 * Ports for everything: the usual ones, or the next free ones.
 * @param say called for ports that were taken
 */
export async function choosePorts<Name extends string>(
	wanted: Wanted<Name>,
	say: (news: string) => void,
): Promise<Record<Name, number>> {
	const all = Object.entries(wanted) as Array<[Name, Wanted<Name>[Name]]>;
	// Nobody gives way to the usual port of another one.
	const taken = new Set(all.map(([, { port }]) => port));
	const ports: Partial<Record<Name, number>> = {};
	for (const [name, { port: usual, called }] of all) {
		taken.delete(usual);
		const port = await portFrom(usual, taken);
		if (port !== usual) say(`  ! Port ${usual} is taken, so the ${called} is at ${port}.`);
		taken.add(port);
		ports[name] = port;
	}
	return ports as Record<Name, number>;
}
