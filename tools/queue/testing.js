'use strict';
/** What tests may use of n8n in queue mode, typed in `testing.d.ts`. */
const { startCluster } = require('./cluster');
const { inParallel } = require('../../test/soak/load');
const { importOutbox } = require('./outbox');
const { slope, trend } = require('../../test/soak/samples');
const { temporaryFolder } = require('./temporary');

module.exports = { importOutbox, inParallel, slope, startCluster, temporaryFolder, trend };
