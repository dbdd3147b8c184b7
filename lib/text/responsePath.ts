/**
 * The value at a dotted path (`data.token.access_token`, `tokens.0.value`) of a parsed answer. A field
 * whose own name is the whole path comes first. Own properties only: `__proto__` and `constructor`
 * lead nowhere.
 */
export function valueAt(body: unknown, path: string): unknown {
	const own = (container: unknown, name: string): unknown =>
		typeof container === 'object' && container !== null && Object.hasOwn(container, name)
			? (container as Record<string, unknown>)[name]
			: undefined;
	const whole = own(body, path);
	return whole !== undefined ? whole : path.split('.').reduce(own, body);
}
