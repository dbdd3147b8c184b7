'use strict';
const fs = require('node:fs');

/**
 * Memory and open sockets of a process, from Linux' /proc.
 * @param {number} pid
 * @returns {{ megabytes: number, sockets: number } | undefined} resident memory; nothing when it is gone
 */
function sample(pid) {
	try {
		const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
		const fds = fs.readdirSync(`/proc/${pid}/fd`);
		const isSocket = (fd) => {
			try {
				return fs.readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
			} catch {
				return false;
			}
		};
		return { megabytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]) / 1024, sockets: fds.filter(isSocket).length };
	} catch {
		return undefined;
	}
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Least squares.
 * @param {Array<[number, number]>} points
 * @returns {number} how much y grows for one x
 */
function slope(points) {
	const x = mean(points.map(([one]) => one));
	const y = mean(points.map(([, one]) => one));
	const below = points.reduce((sum, [one]) => sum + (one - x) ** 2, 0);
	return below === 0 ? 0 : points.reduce((sum, [one, other]) => sum + (one - x) * (other - y), 0) / below;
}

/**
 * What a series of samples says, leaving out the first third, in which everything warms up.
 * @param {Array<[number, number]>} series seconds and value
 * @returns {{ mean: number, least: number, most: number, perHour: number }}
 */
function trend(series) {
	const points = series.slice(Math.floor(series.length / 3));
	const values = points.map(([, value]) => value);
	return { mean: mean(values), least: Math.min(...values), most: Math.max(...values), perHour: slope(points) * 3_600 };
}

module.exports = { sample, slope, trend };
