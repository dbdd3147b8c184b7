'use strict';

/**
 * @param {number[]} values at least one
 * @returns {{ median: number, min: number, max: number }}
 */
function summary(values) {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
	return { median, min: sorted[0], max: sorted[sorted.length - 1] };
}

/** @param {number[]} values */
const median = (values) => summary(values).median;

/** @param {number} value  @returns {string} three digits that count, thousands apart */
function number(value) {
	const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
	return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

/**
 * @param {number[]} values
 * @param {string} unit
 * @returns {string} "206 ms (198 – 230)"; a single value alone
 */
function spread(values, unit) {
	const { median: middle, min, max } = summary(values);
	const text = `${number(middle)}${unit === '' ? '' : ` ${unit}`}`;
	return values.length === 1 ? text : `${text} (${number(min)} – ${number(max)})`;
}

module.exports = { median, number, spread, summary };
