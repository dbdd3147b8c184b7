'use strict';
/** What tests may use of the demonstration, typed in `testing.d.ts`. Run `node demo/setup.js` first: `npm test` does. */
const { importCredentials } = require('./automation/credentials');
const { submitRating } = require('./automation/ratings');
const { startServers } = require('./automation/servers');
const { filledIn, importWorkflows } = require('./automation/workflows');
const { withLock, heldBy } = require('./lib/lock');
const { freePort } = require('./lib/ports');
const { waitFor } = require('./lib/wait');
const { ensureN8n } = require('./n8n/install');
const { preparePackage } = require('./n8n/package');
const { startN8n } = require('./n8n/process');
const { unflatten } = require('./n8n/rest/unflatten');
const { startServer } = require('./servers/process');
const { isInstalled } = require('./setup/dependencies');
const { contentHash } = require('./setup/build');

/** @returns {Promise<string>} the folder of the package as it is built now */
const packageOfThisClone = () => preparePackage(contentHash(['dist']));

module.exports = {
	ensureN8n, filledIn, freePort, heldBy, importCredentials, importWorkflows, isInstalled, packageOfThisClone, startN8n, startServer,
	startServers, submitRating, unflatten, waitFor, withLock,
};
