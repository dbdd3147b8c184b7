/**
 * Reads what n8n stores executions in: an array of values in which a string inside an object or array is the index of
 * another one (the npm package flatted).
 */
export function unflatten<Content>(text: string): Content {
	const values = JSON.parse(text) as unknown[];
	const done = new Map<number, unknown>();
	const inner = (value: unknown): unknown => (typeof value === 'string' ? at(Number(value)) : value);
	const at = (index: number): unknown => {
		const value = values[index];
		if (value === null || typeof value !== 'object') return value;
		if (done.has(index)) return done.get(index);
		if (Array.isArray(value)) {
			const list: unknown[] = [];
			done.set(index, list);
			for (const each of value) list.push(inner(each));
			return list;
		}
		const whole: Record<string, unknown> = {};
		done.set(index, whole);
		for (const [key, each] of Object.entries(value)) whole[key] = inner(each);
		return whole;
	};
	return at(0) as Content;
}
