'use strict';
/**
 * From a fresh clone to a built package, with nothing but Node and npm: `npm test` and `npm start` begin with it, by hand
 * it is `node tools/setup.js`; with `--n8n` it gets the pinned n8n, too. It may use Node's own modules only, as `node_modules` need not be there yet.
 */
const WANTED = { major: 20, minor: 19 };

/** @param {string} version e.g. "20.19.1"  @returns {boolean} */
function isNewEnough(version) {
	const [major = 0, minor = 0] = version.split('.').map(Number);
	return major > WANTED.major || (major === WANTED.major && minor >= WANTED.minor);
}

/**
 * Dependencies and `dist` as the present sources want them; a fraction of a second when they are.
 * @param {{ forStart?: boolean }} [options] `forStart`: without what is for tests and checks alone
 * @throws {Error} with npm's own last words
 */
async function setUp({ forStart = false } = {}) {
	const { installDependencies, installForStart } = require('./setup/dependencies');
	const { withSetUpLock, buildPackage } = require('./setup/build');
	const { say } = require('./lib/progress');
	await withSetUpLock(
		async () => {
			await (forStart ? installForStart() : installDependencies());
			await buildPackage();
		},
		(pid) => say(`  … another set-up is at work in this folder (process ${pid}); waiting for it`),
	);
}

if (!isNewEnough(process.versions.node)) {
	console.error(
		`This needs Node ${WANTED.major}.${WANTED.minor} or later; you have ${process.versions.node}. Get one from https://nodejs.org.`,
	);
	process.exit(1);
}

if (require.main === module) {
	require('./lib/signals').exitOnSignals();
	const wanted = async () => {
		await setUp();
		if (!process.argv.includes('--n8n')) return;
		// Now that the dependencies are there, TypeScript can be loaded.
		require('./typescript');
		await require('./n8n/install').ensureN8n();
	};
	wanted().catch((error) => {
		console.error(`\n${require('./lib/messageOf').messageOf(error)}`);
		process.exit(1);
	});
}

module.exports = { setUp, isNewEnough };
