'use strict';

/**
 * @param {unknown} thrown
 * @returns {string} what it says
 */
const messageOf = (thrown) => (thrown instanceof Error ? thrown.message : String(thrown));

module.exports = { messageOf };
