/** A number, or a flag when its default is `false`. */
export interface Option {
	default: number | boolean;
	help: string;
}

export type Options<Known> = { [Name in keyof Known]: Known[Name] extends { default: number } ? number : boolean };

/**
 * Reads `--name value` and `--flag` of a command line.
 * @param known by name
 * @throws with all there is, for one that is not known or not a number
 */
export function readOptions<Known extends Record<string, Option>>(
	known: Known,
	argv = process.argv.slice(2),
): Options<Known> {
	const help = Object.entries(known)
		.map(([name, { default: value, help: text }]) => {
			const usual = typeof value === 'boolean' ? '' : ` (${value})`;
			return `  --${name.padEnd(14)} ${text}${usual}`;
		})
		.join('\n');
	const values: Record<string, number | boolean> = {};
	for (const [name, option] of Object.entries(known)) values[name] = option.default;
	const given = [...argv];
	for (let argument = given.shift(); argument !== undefined; argument = given.shift()) {
		const name = argument.replace(/^--/, '');
		const option = Object.hasOwn(known, name) ? known[name] : undefined;
		if (!option) throw new Error(`There is no option ${argument}. There are:\n${help}`);
		const value = typeof option.default === 'boolean' ? true : Number(given.shift());
		if (typeof value === 'number' && !Number.isFinite(value)) {
			throw new Error(`--${name} takes a number. There are:\n${help}`);
		}
		values[name] = value;
	}
	// Each of the known has its value of its type.
	return values as Options<Known>;
}
