'use strict';
/** What tests may use of the browser, typed in `testing.d.ts`. */
const { findChromium } = require('./chromium');
const { startEditor } = require('./editor');

module.exports = { findChromium, startEditor };
