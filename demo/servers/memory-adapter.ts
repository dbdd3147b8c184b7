import type { Adapter, AdapterConstructor, AdapterPayload } from 'oidc-provider';

/**
 * Where oidc-provider keeps tokens and the IDs of used client assertions: in memory, as its own development adapter does,
 * but without that one's warning, and to be emptied from a test.
 */
export function memoryAdapter(): { Adapter: AdapterConstructor; forgetAll(): void } {
	const entries = new Map<string, { payload: AdapterPayload; until: number }>();
	class MemoryAdapter implements Adapter {
		constructor(private readonly name: string) {}

		private key(id: string): string {
			return `${this.name}:${id}`;
		}

		async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<undefined> {
			entries.set(this.key(id), { payload, until: expiresIn ? Date.now() + expiresIn * 1000 : Infinity });
		}

		async find(id: string): Promise<AdapterPayload | undefined> {
			const entry = entries.get(this.key(id));
			if (!entry) return undefined;
			if (entry.until > Date.now()) return entry.payload;
			entries.delete(this.key(id));
			return undefined;
		}

		async consume(id: string): Promise<undefined> {
			const entry = entries.get(this.key(id));
			if (entry) entry.payload.consumed = Math.floor(Date.now() / 1000);
		}

		async destroy(id: string): Promise<undefined> {
			entries.delete(this.key(id));
		}

		async findByUid(): Promise<undefined> {}

		async findByUserCode(): Promise<undefined> {}

		async revokeByGrantId(): Promise<undefined> {}
	}
	/** All tokens, not the clients. */
	const forgetAll = (): void => {
		for (const key of [...entries.keys()]) if (!key.startsWith('Client:')) entries.delete(key);
	};
	return { Adapter: MemoryAdapter, forgetAll };
}
