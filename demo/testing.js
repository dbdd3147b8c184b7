'use strict';
/** What tests may use of the demonstration, typed in `testing.d.ts`. Run `node tools/setup.js` first: `npm test` does. */
const { importCredentials } = require('./automation/credentials');
const { submitRating } = require('./automation/ratings');
const { startServers } = require('./automation/servers');
const { filledIn, importWorkflows } = require('./automation/workflows');
const { startChild } = require('../tools/lib/process');
const { withLock, heldBy } = require('../tools/lib/lock');
const { freePort } = require('../tools/lib/ports');
const { npmEnvironment, run } = require('../tools/lib/run');
const { waitFor } = require('../tools/lib/wait');
const { ensureN8n } = require('../tools/n8n/install');
const { packThisClone, preparePackage: packageOfThisClone } = require('../tools/n8n/package');
const { startN8n } = require('../tools/n8n/process');
const { unflatten } = require('../tools/n8n/rest/unflatten');
const { startServer } = require('./servers/process');
const { isInstalled } = require('../tools/setup/dependencies');

module.exports = {
	ensureN8n,
	filledIn,
	freePort,
	heldBy,
	importCredentials,
	importWorkflows,
	isInstalled,
	npmEnvironment,
	packageOfThisClone,
	packThisClone,
	run,
	startChild,
	startN8n,
	startServer,
	startServers,
	submitRating,
	unflatten,
	waitFor,
	withLock,
};
