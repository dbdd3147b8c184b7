'use strict';
const { setTimeout: pause } = require('node:timers/promises');

/**
 * @typedef {object} Fault what goes wrong with the next requests
 * @property {number} [times] how many of them, 1 by default
 * @property {number} [status] this status instead of the real answer
 * @property {Record<string, string>} [headers] with that status, e.g. `{ "retry-after": "1" }`
 * @property {unknown} [body] with that status
 * @property {boolean} [commit] the ticket is made all the same: only the answer goes wrong
 * @property {boolean} [silent] no answer at all: the connection stays open until the caller gives up
 * @property {boolean} [drop] no answer at all: the connection is cut
 * @property {number} [delay] milliseconds before the answer
 */

/** A queue of faults, used up from its front, one request at a time. */
function faultQueue() {
	let queue = [];
	return {
		/** @param {Fault[]} faults */
		add(faults) {
			queue.push(...faults.map((fault) => ({ times: 1, ...fault })));
		},
		/** @returns {Fault | undefined} */
		next() {
			const [first] = queue;
			if (!first) return undefined;
			first.times -= 1;
			if (first.times <= 0) queue.shift();
			return first;
		},
		waiting: () => queue.map((fault) => ({ ...fault })),
		clear() {
			queue = [];
		},
	};
}

/**
 * Answers as the fault says.
 * @param {Fault} fault
 * @param {import('node:http').ServerResponse} response
 * @param {() => void} answer gives the real answer
 * @returns {Promise<number>} the status that went out, 0 for none
 */
async function answerWith(fault, response, answer) {
	if (fault.delay) await pause(fault.delay);
	if (fault.drop) {
		response.destroy();
		return 0;
	}
	if (fault.silent) return 0;
	if (fault.status) {
		const text = JSON.stringify(fault.body ?? { error: `Injected ${fault.status}` });
		response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
		response.end(text);
		return fault.status;
	}
	answer();
	return response.statusCode;
}

module.exports = { faultQueue, answerWith };
