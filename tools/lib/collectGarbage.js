'use strict';
const v8 = require('node:v8');
const vm = require('node:vm');

v8.setFlagsFromString('--expose-gc');

/**
 * Collects all garbage of this process. A context that is made once the flag is set has V8's function for it.
 * @type {() => void}
 */
const collectGarbage = vm.runInNewContext('gc');

module.exports = { collectGarbage };
