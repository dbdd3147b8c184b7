/**
 * One piece of work that several callers wait for. A caller whose signal aborts stops waiting and leaves
 * the others alone; the work itself is aborted when no one waits any more.
 */
export class SharedRequest<T> {
	/** Settles with the work; the work must not reject. */
	readonly result: Promise<T>;

	readonly #controller = new AbortController();

	#waiting = 0;

	constructor(work: (signal: AbortSignal) => Promise<T>) {
		this.result = work(this.#controller.signal);
	}

	/** Everyone who waited has left: a new caller must not join. */
	get abandoned(): boolean {
		return this.#controller.signal.aborted;
	}

	/** @returns what the work gives, or `undefined` when the signal aborted first */
	async wait(signal?: AbortSignal): Promise<T | undefined> {
		this.#waiting += 1;
		if (!signal) return await this.result;
		return await new Promise<T | undefined>((resolve) => {
			const leave = () => {
				this.#waiting -= 1;
				if (this.#waiting === 0) this.#controller.abort();
				resolve(undefined);
			};
			signal.addEventListener('abort', leave, { once: true });
			void this.result.then((result) => {
				signal.removeEventListener('abort', leave);
				resolve(result);
			});
		});
	}
}
