// @ts-expect-error gulp brings no types
const { src, dest } = require('gulp');

/** What n8n reads beside the compiled files: icons (`file:x.svg`), and the schemas that its editor previews outputs with. */
function buildAssets() {
	return src(['nodes/**/*.svg', 'credentials/**/*.svg', 'nodes/**/__schema__/**/*.json'], {
		base: '.',
		encoding: false,
	}).pipe(dest('dist'));
}

exports['build:assets'] = buildAssets;
