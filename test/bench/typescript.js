'use strict';
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { root } = require('../../tools/lib/paths');

/**
 * Loads a TypeScript file of the tests where plain Node runs. It may import Node's own modules only.
 * @param {string} file relative to the clone
 * @returns {any} its exports
 */
function load(file) {
	const name = path.join(root, file);
	const { transpileModule, ModuleKind, ScriptTarget } = require('typescript');
	const { outputText } = transpileModule(fs.readFileSync(name, 'utf8'), {
		compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 },
	});
	const loaded = new Module(name, module);
	loaded.paths = module.paths;
	loaded._compile(outputText, name);
	return loaded.exports;
}

/** Lets `require` load TypeScript files from now on, with all that they import. */
function register() {
	const { transformSync } = require('@swc/core');
	Module._extensions['.ts'] = (loading, file) => {
		const { code } = transformSync(fs.readFileSync(file, 'utf8'), {
			filename: file,
			jsc: { parser: { syntax: 'typescript', decorators: true }, target: 'es2022' },
			module: { type: 'commonjs' },
			sourceMaps: 'inline',
		});
		loading._compile(code, file);
	};
}

module.exports = { load, register };
