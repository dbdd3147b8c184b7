/**
 * A name that the user wrote, in quotes for a message. Something long is no name but a value in the wrong field: only its
 * length is given.
 */
export function quoted(name: string): string {
	return name.length <= 32 ? `"${name.replace(/[\p{C}"]/gu, '?')}"` : `a name of ${name.length} characters`;
}
