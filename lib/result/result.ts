/** Why there is no value: what happened, and how to get on. Neither text ever holds a secret. */
export interface Fault {
	/** What happened, without a full stop. */
	readonly message: string;
	/** How to get on. */
	readonly description: string;
}

/** A value, or why there is none. Nothing in `lib/` throws where a caller can do something about it. */
export type Result<T, F = Fault> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: F };

/** Gives a {@link Result} that holds a value. */
export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

/** Gives a {@link Result} that holds a fault. */
export const fail = <F>(fault: F): { readonly ok: false; readonly fault: F } => ({ ok: false, fault });

/** Gives a {@link Result} that holds a {@link Fault} of these two texts. */
export const refused = (message: string, description: string) => fail<Fault>({ message, description });
