'use strict';
/** What tests may use of n8n in queue mode, typed in `testing.d.ts`. */
const { startCluster } = require('./cluster');
const { inParallel } = require('./load');
const { importOutbox } = require('./outbox');

module.exports = { importOutbox, inParallel, startCluster };
