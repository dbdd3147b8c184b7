'use strict';

/**
 * Where oidc-provider keeps tokens and the IDs of used client assertions: in memory, as its own development adapter does,
 * but without that one's warning, and to be emptied from a test.
 * @returns {{ Adapter: new (name: string) => object, forgetAll(): void }}
 */
function memoryAdapter() {
	const entries = new Map();
	class Adapter {
		constructor(name) {
			this.name = name;
		}

		key(id) {
			return `${this.name}:${id}`;
		}

		async upsert(id, payload, expiresIn) {
			entries.set(this.key(id), { payload, until: expiresIn ? Date.now() + expiresIn * 1000 : Infinity });
		}

		async find(id) {
			const entry = entries.get(this.key(id));
			if (!entry) return undefined;
			if (entry.until > Date.now()) return entry.payload;
			entries.delete(this.key(id));
			return undefined;
		}

		async consume(id) {
			const entry = entries.get(this.key(id));
			if (entry) entry.payload.consumed = Math.floor(Date.now() / 1000);
		}

		async destroy(id) {
			entries.delete(this.key(id));
		}

		async findByUid() {
			return undefined;
		}

		async findByUserCode() {
			return undefined;
		}

		async revokeByGrantId() {}
	}
	return { Adapter, forgetAll: () => entries.clear() };
}

module.exports = { memoryAdapter };
