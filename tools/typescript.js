'use strict';
/**
 * Lets `require` load TypeScript files, with the `@swc/core` that jest compiles with: `node --require ./tools/typescript
 * file.ts`, or `require('./typescript')` once the dependencies are there. JavaScript, as plain Node has to load it (Node 20
 * strips no types). Types are checked by `npm run typecheck`, not here.
 */
const fs = require('node:fs');
const { transformSync } = require('@swc/core');

/** @typedef {NodeJS.Module & { _compile(code: string, file: string): void }} Loading as every such hook uses it */

/** @param {NodeJS.Module} loading  @param {string} file */
function load(loading, file) {
	const { code } = transformSync(fs.readFileSync(file, 'utf8'), {
		filename: file,
		swcrc: false,
		jsc: { parser: { syntax: 'typescript', decorators: true }, target: 'es2022' },
		module: { type: 'commonjs' },
		sourceMaps: 'inline',
	});
	/** @type {Loading} */ (loading)._compile(code, file);
}

require.extensions['.ts'] = load;
