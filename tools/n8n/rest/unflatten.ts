'use strict';

/**
 * Reads what n8n stores executions in: an array of values in which a string inside an object or array is the index of
 * another one (the npm package flatted). Written out, as nothing may be installed where this runs.
 * @param {string} text
 * @returns {any}
 */
function unflatten(text) {
	const values = JSON.parse(text);
	const done = new Map();
	const at = (index) => {
		const value = values[index];
		if (value === null || typeof value !== 'object') return value;
		if (done.has(index)) return done.get(index);
		const whole = Array.isArray(value) ? [] : {};
		done.set(index, whole);
		for (const [key, inner] of Object.entries(value))
			whole[key] = typeof inner === 'string' ? at(Number(inner)) : inner;
		return whole;
	};
	return at(0);
}

module.exports = { unflatten };
