'use strict';
const { setTimeout: pause } = require('node:timers/promises');
const { messageOf } = require('./messageOf');

/**
 * Asks again until there is an answer; nothing here sleeps in the hope that something is ready.
 * @template T
 * @param {() => Promise<T | undefined | false> | T | undefined | false} probe  falsy or a throw: not yet
 * @param {{ what: string, deadline?: number, every?: number, giveUp?: () => string | undefined }} options
 *   `what` is waited for; `deadline` and `every` in milliseconds; `giveUp` gives the reason when waiting is in vain
 * @returns {Promise<T>}
 * @throws {Error} when the deadline has passed or `giveUp` names a reason
 */
async function waitFor(probe, { what, deadline = 60_000, every = 100, giveUp }) {
	const end = Date.now() + deadline;
	/** @type {unknown} */
	let last;
	for (;;) {
		const reason = giveUp?.();
		if (reason) throw new Error(`Waited for ${what} in vain: ${reason}`);
		try {
			const answer = await probe();
			if (answer) return answer;
		} catch (error) {
			last = error;
		}
		if (Date.now() >= end) {
			throw new Error(
				`Waited ${deadline / 1000} s for ${what} in vain${last === undefined ? '' : `: ${messageOf(last)}`}`,
			);
		}
		await pause(every);
	}
}

module.exports = { waitFor, pause };
