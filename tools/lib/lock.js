'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { pause } = require('./wait');

const HEARTBEAT = 2_000;
/** A process ID can be given out again after a crash, so being alive is not enough: a holder also shows it. */
const SILENCE = 30_000;

/** @param {number} pid  @returns {boolean} whether a process has this ID */
function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
	}
}

/** @param {string} file  @returns {{ pid: number, age: number } | undefined} who holds the lock, and milliseconds since its last heartbeat */
function holderOf(file) {
	try {
		return { pid: Number(fs.readFileSync(file, 'utf8')), age: Date.now() - fs.statSync(file).mtimeMs };
	} catch {
		return undefined;
	}
}

/** @param {{ pid: number, age: number }} holder */
const isStale = ({ pid, age }) => age > SILENCE || (pid ? !isAlive(pid) : age > HEARTBEAT);

/** @param {string} file  @returns {boolean} whether it is ours now */
function take(file) {
	try {
		fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
		return true;
	} catch (error) {
		if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
		return false;
	}
}

/** Moves a stale lock out of the way; when it turns out to be somebody's new one, it is put back. @param {string} file */
function clear(file) {
	const aside = `${file}.${process.pid}`;
	try {
		fs.renameSync(file, aside);
		const holder = holderOf(aside);
		if (holder && !isStale(holder)) fs.linkSync(aside, file);
	} catch {
		// Another process was quicker, with the clearing or with the next lock.
	}
	fs.rmSync(aside, { force: true });
}

/**
 * Runs `work` while no other process on this machine runs anything under the same lock file.
 * @template T
 * @param {string} file
 * @param {() => Promise<T> | T} work
 * @param {(pid: number) => void} [onWait] called once, with the process that is being waited for
 * @returns {Promise<T>}
 */
async function withLock(file, work, onWait) {
	fs.mkdirSync(path.dirname(file), { recursive: true });
	for (let told = false; !take(file);) {
		const holder = holderOf(file);
		if (!holder) continue;
		if (isStale(holder)) {
			clear(file);
			continue;
		}
		if (!told) onWait?.(holder.pid);
		told = true;
		await pause(200);
	}
	const heartbeat = setInterval(() => fs.utimes(file, new Date(), new Date(), () => {}), HEARTBEAT);
	const release = () => fs.rmSync(file, { force: true });
	process.once('exit', release);
	try {
		return await work();
	} finally {
		clearInterval(heartbeat);
		process.removeListener('exit', release);
		release();
	}
}

/**
 * @param {string} file
 * @returns {number | undefined} the process that holds this lock
 */
function heldBy(file) {
	const holder = holderOf(file);
	return holder && !isStale(holder) ? holder.pid : undefined;
}

module.exports = { withLock, heldBy, isAlive };
