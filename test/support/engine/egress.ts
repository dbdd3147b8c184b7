import { Container, Logger, network, SsrfProtectionConfig, type EgressConfig } from './container';

let bridge: object | undefined;

/** The protection as n8n before 2.36 hands it to each execution: the service while it is on. */
export const egressBridge = (): object | undefined => bridge;

/**
 * Switches n8n's protection against requests into the private network for all executions that follow, as
 * `N8N_SSRF_PROTECTION_ENABLED` and its lists do for an instance. `undefined` switches it off (n8n's default).
 *
 * On, every loopback and private address is blocked unless allowed: a test receiver on 127.0.0.1 needs
 * `allowedIpRanges: ['127.0.0.1/32']`, and 127.0.0.2 then is an address that must not be reached.
 *
 * @throws {Error} on an n8n that has no such protection, unless it is to be off
 */
export function protectEgress(lists?: Partial<Omit<EgressConfig, 'enabled'>>): void {
	if (!network) {
		if (lists) throw new Error('This n8n has no protection against requests into the private network');
		return;
	}
	// The service compiles its lists once, so it is made again with the settings.
	const config = Object.assign(new (SsrfProtectionConfig as unknown as new () => EgressConfig)(), {
		enabled: lists !== undefined,
		...lists,
	});
	const logger = Container.get(Logger);
	const protection = new network.SsrfProtectionService(config, Container.get(network.DnsResolver), logger);
	bridge = lists && protection;
	Container.set(SsrfProtectionConfig, config);
	Container.set(network.SsrfProtectionService as never, protection);
	Container.set(network.OutboundHttp as never, new network.OutboundHttp(protection, config, logger));
}
