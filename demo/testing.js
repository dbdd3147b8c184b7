'use strict';
/** What tests may use of the demonstration, typed in `testing.d.ts`. Run `node demo/setup.js` first: `npm test` does. */
const { importCredentials } = require('./automation/credentials');
const { submitRating } = require('./automation/ratings');
const { startServers } = require('./automation/servers');
const { filledIn, importWorkflows } = require('./automation/workflows');
const { startChild } = require('./lib/child');
const { withLock, heldBy } = require('./lib/lock');
const { freePort } = require('./lib/ports');
const { npmEnvironment, run } = require('./lib/run');
const { waitFor } = require('./lib/wait');
const { ensureN8n } = require('./n8n/install');
const { packThisClone, preparePackage: packageOfThisClone } = require('./n8n/package');
const { startN8n } = require('./n8n/process');
const { unflatten } = require('./n8n/rest/unflatten');
const { startServer } = require('./servers/process');
const { isInstalled } = require('./setup/dependencies');

module.exports = {
	ensureN8n, filledIn, freePort, heldBy, importCredentials, importWorkflows, isInstalled, npmEnvironment, packageOfThisClone, packThisClone,
	run, startChild, startN8n, startServer, startServers, submitRating, unflatten, waitFor, withLock,
};
