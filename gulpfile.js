// @ts-expect-error gulp brings no types
const { src, dest } = require('gulp');

/** Icons travel beside the compiled files that name them (`file:x.svg`). */
function buildIcons() {
	return src(['nodes/**/*.svg', 'credentials/**/*.svg'], { base: '.', encoding: false }).pipe(dest('dist'));
}

exports['build:icons'] = buildIcons;
