export interface Summary {
	median: number;
	min: number;
	max: number;
}

/** @param values at least one */
export function summary(values: number[]): Summary {
	const sorted = [...values].sort((a, b) => a - b);
	const at = (index: number) => sorted[index] ?? NaN;
	const middle = sorted.length >> 1;
	const median = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
	return { median, min: at(0), max: at(sorted.length - 1) };
}

/** @param values at least one */
export const median = (values: number[]): number => summary(values).median;

/** Three digits that count, thousands apart. */
export function number(value: number): string {
	const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
	return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

/** "206 ms (198 – 230)"; a single value alone. */
export function spread(values: number[], unit: string): string {
	const { median: middle, min, max } = summary(values);
	const text = `${number(middle)}${unit === '' ? '' : ` ${unit}`}`;
	return values.length === 1 ? text : `${text} (${number(min)} – ${number(max)})`;
}
