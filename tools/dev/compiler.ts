import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from '../lib/paths';

/** "Found … Watching for file changes.", TypeScript's word at the end of a compilation. */
const ENDS = new Set([6193, 6194]);

/** How long an editor may take to write a file. */
const SETTLED_MS = 50;

/** Where the icons and schemas are, beside what uses them. */
const SOURCES = ['nodes', 'credentials'];

export interface Compiler {
	/** When the present sources are compiled for the first time, whether they could be or not. */
	first: Promise<void>;
	stop(): Promise<void>;
}

/**
 * Compiles the package whenever its sources change, and brings its icons and schemas along: as `npm run build` does, but into another
 * folder, and only what is different there. What has faults is not written: the folder keeps what worked last.
 * @param target takes what would be in `dist`
 * @param onChange called with which files of `target` are new, after each time there are any
 * @param say is given the faults
 */
export function watchSources(
	target: string,
	onChange: (files: string[]) => void,
	say: (text: string) => void,
): Compiler {
	let changed: string[] = [];
	let settle: NodeJS.Timeout | undefined;
	let hadFaults = false;

	function write(file: string, content: string | Buffer): void {
		if (fs.existsSync(file) && fs.readFileSync(file).equals(Buffer.from(content))) return;
		fs.mkdirSync(path.dirname(file), { recursive: true });
		fs.writeFileSync(file, content);
		changed.push(path.relative(target, file));
	}

	function tell(): void {
		if (changed.length > 0) onChange(changed);
		changed = [];
	}

	function copyAssets(): void {
		for (const folder of SOURCES) {
			for (const file of fs.readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })) {
				const asset = path.join(folder, file);
				const isAsset = asset.endsWith('.svg') || (asset.endsWith('.json') && asset.includes('__schema__'));
				if (isAsset) write(path.join(target, asset), fs.readFileSync(path.join(root, asset)));
			}
		}
	}

	const formatting: ts.FormatDiagnosticsHost = {
		getCurrentDirectory: () => root,
		getCanonicalFileName: (name) => name,
		getNewLine: () => '\n',
	};
	let isFirst: (() => void) | undefined;
	const first = new Promise<void>((resolve) => (isFirst = resolve));
	const host = ts.createWatchCompilerHost(
		path.join(root, 'tsconfig.build.json'),
		{ outDir: target, declaration: false, noEmitOnError: true },
		{ ...ts.sys, writeFile: write },
		ts.createEmitAndSemanticDiagnosticsBuilderProgram,
		(fault) => say(ts.formatDiagnostic(fault, formatting).trimEnd()),
		({ code }, _newLine, _options, faults = 0) => {
			if (!ENDS.has(code)) return;
			if (hadFaults && faults === 0) say('\n  ✓ It compiles again');
			hadFaults = faults > 0;
			tell();
			isFirst?.();
		},
	);
	copyAssets();
	const program = ts.createWatchProgram(host);
	const watchers = SOURCES.map((folder) =>
		fs.watch(path.join(root, folder), { recursive: true }, (_event, file) => {
			if (!file?.endsWith('.svg')) return;
			clearTimeout(settle);
			settle = setTimeout(() => {
				copyAssets();
				tell();
			}, SETTLED_MS);
		}),
	);
	return {
		first,
		async stop() {
			clearTimeout(settle);
			program.close();
			for (const watcher of watchers) watcher.close();
		},
	};
}
