/**
 * What n8n gives an expression that is the same for all items of a run. `$self` is the credential's own fields, which are
 * looked at themselves (`ZendeskOAuth2Api` makes its addresses of it).
 */
const SAME_FOR_ALL = new Set(['$self', '$secrets', '$vars', '$env', '$execution', '$workflow', '$now', '$today']);

/** Whether a stored value, at any depth, is an expression over anything else than these. */
export function readsItem(value: unknown): boolean {
	if (typeof value === 'string') {
		return value.startsWith('=') && (value.match(/\$\w*/g) ?? []).some((name) => !SAME_FOR_ALL.has(name));
	}
	if (typeof value !== 'object' || value === null) return false;
	return Object.values(value).some(readsItem);
}
