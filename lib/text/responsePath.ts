const own = (container: unknown, name: string): unknown =>
	typeof container === 'object' && container !== null && Object.hasOwn(container, name)
		? (container as Record<string, unknown>)[name]
		: undefined;

/**
 * The value at a dotted path (`data.token.access_token`, `tokens.0.value`) of a parsed response. A field
 * whose own name is the whole path comes first. Own properties only: `__proto__` and `constructor`
 * lead nowhere.
 */
export function valueAt(body: unknown, path: string): unknown {
	const whole = own(body, path);
	return whole !== undefined ? whole : path.split('.').reduce(own, body);
}

/** Of a list, and of all that a path leads to. */
const MAX_VALUES = 1000;

/**
 * All values at a dotted path, as {@link valueAt}; a list that the path does not count into means each of its entries
 * (`errors.code` of `{ errors: [{ code: 1 }, { code: 2 }] }`). At most 1,000.
 */
export function valuesAt(body: unknown, path: string): unknown[] {
	const entriesOf = (value: unknown): unknown[] => (Array.isArray(value) ? value.slice(0, MAX_VALUES) : [value]);
	const step = (container: unknown, name: string): unknown[] => {
		const direct = own(container, name);
		if (direct !== undefined) return [direct];
		return Array.isArray(container) ? entriesOf(container).map((entry) => own(entry, name)) : [];
	};
	const whole = own(body, path);
	if (whole !== undefined) return entriesOf(whole);
	return path
		.split('.')
		.reduce<unknown[]>(
			(found, name) =>
				found
					.flatMap((container) => step(container, name))
					.filter((value) => value !== undefined)
					.slice(0, MAX_VALUES),
			[body],
		)
		.flatMap(entriesOf)
		.slice(0, MAX_VALUES);
}
