/**
 * Why a key, certificate or assertion could not be had. `message` says what happened, `description`
 * how to get on; neither ever holds key material, a passphrase or a text that was pasted.
 */
export interface KeyFault {
	ok: false;
	message: string;
	description: string;
}

/** Makes a {@link KeyFault}. */
export function keyFault(message: string, description: string): KeyFault {
	return { ok: false, message, description };
}
