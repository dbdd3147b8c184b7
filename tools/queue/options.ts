'use strict';

/**
 * Reads `--name value` and `--flag` of a command line.
 * @param {Record<string, { default?: number | boolean, help: string }>} known by name
 * @param {string[]} [argv]
 * @returns {Record<string, any>}
 * @throws {Error} with all there is, for one that is not known or not a number
 */
function readOptions(known, argv = process.argv.slice(2)) {
	const help = Object.entries(known)
		.map(
			([name, { default: value, help: text }]) =>
				`  --${name.padEnd(14)} ${text}${typeof value === 'number' ? ` (${value})` : ''}`,
		)
		.join('\n');
	const values = Object.fromEntries(Object.entries(known).map(([name, { default: value }]) => [name, value]));
	for (let index = 0; index < argv.length; index++) {
		const name = argv[index].replace(/^--/, '');
		if (!Object.hasOwn(known, name)) throw new Error(`There is no option ${argv[index]}. There are:\n${help}`);
		if (typeof known[name].default === 'boolean') {
			values[name] = true;
			continue;
		}
		values[name] = Number(argv[++index]);
		if (!Number.isFinite(values[name])) throw new Error(`--${name} takes a number. There are:\n${help}`);
	}
	return values;
}

module.exports = { readOptions };
