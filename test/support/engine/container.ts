import './environment';
import { createRequire } from 'node:module';

/** A class that n8n's container builds. */
type Service<T> = abstract new (...args: never[]) => T;

/** The part of `@n8n/di`'s Container that the harness uses. */
interface Container {
	get<T>(service: Service<T>): T;
	set<T>(service: Service<T>, instance: T): void;
}

/** n8n's settings of its protection against requests into the private network. */
export interface EgressConfig {
	enabled: boolean;
	blockedIpRanges: string[];
	allowedIpRanges: string[];
	allowedHostnames: string[];
	blockedHostnames: string[];
}

/**
 * n8n-core brings its own copies of n8n's inner packages, and a container knows a class by identity:
 * they are loaded as n8n-core loads them, not as this repository would.
 */
const engineRequire = createRequire(require.resolve('n8n-core')) as (name: string) => unknown;

function ifThere(load: () => unknown): unknown {
	try {
		return load();
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
		throw error;
	}
}

export const { Container } = engineRequire('@n8n/di') as { Container: Container };
export const { SsrfProtectionConfig } = engineRequire('@n8n/config') as {
	SsrfProtectionConfig: Service<EgressConfig>;
};
/** What guards outgoing connections; undefined on an n8n before it had that. */
export const network = ifThere(() => engineRequire('@n8n/backend-network')) as
	| {
			OutboundHttp: new (protection: unknown, config: EgressConfig, logger: unknown) => object;
			SsrfProtectionService: new (config: EgressConfig, resolver: unknown, logger: unknown) => object;
			DnsResolver: Service<object>;
	  }
	| undefined;
export const { Logger } = engineRequire('@n8n/backend-common') as { Logger: Service<object> };
