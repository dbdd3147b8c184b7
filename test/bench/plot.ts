import type { ComparisonRow } from './comparisons';
import { number, summary } from './statistics';

const WIDTH = 860;
const LEFT = 350;
const RIGHT = 100;
const TOP = 74;
const STEP = 52;
const BAR = 15;
const LINE = 18;

/** It brings its own ground, light or dark as the reader's system is, so it can be read on any page. */
const STYLE = `
.ground { fill: #ffffff; stroke: #d0d7de } .text { fill: #1f2328 } .quiet { fill: #59636e }
.ours { fill: #0969da } .theirs { fill: #8c959f } .range { stroke: #1f2328; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
.ground { fill: #0d1117; stroke: #3d444d } .text { fill: #f0f6fc } .quiet { fill: #9198a1 }
.ours { fill: #4493f8 } .theirs { fill: #656c76 } .range { stroke: #f0f6fc }
}
text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif } .title { font-size: 16px; font-weight: 600 } .ratio { font-weight: 600 }
`;

const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
const at = (value: number) => Math.round(value * 10) / 10;

/**
 * The rows against HTTP Request as bars: median, and a line from minimum to maximum.
 * @param captions lines below the bars
 * @returns an SVG document
 */
export function plot(
	rows: Array<Pick<ComparisonRow, 'work' | 'ours' | 'beside' | 'ratio'>>,
	captions: string[],
): string {
	const longest = Math.max(...rows.flatMap(({ ours, beside }) => [...ours, ...beside]));
	const scale = (WIDTH - LEFT - RIGHT) / longest;
	const bottom = TOP + rows.length * STEP;
	const height = bottom + 20 + captions.length * LINE;
	const bar = (values: number[], kind: 'ours' | 'theirs', y: number) => {
		const { median, min, max } = summary(values);
		const middle = y + BAR / 2;
		return (
			`<rect class="${kind}" x="${LEFT}" y="${y}" width="${at(median * scale)}" height="${BAR}" rx="2"/>` +
			`<line class="range" x1="${at(LEFT + min * scale)}" x2="${at(LEFT + max * scale)}" y1="${middle}" y2="${middle}"/>` +
			`<text class="quiet" x="${at(LEFT + max * scale + 8)}" y="${y + 12}">${number(median)} ms</text>`
		);
	};
	const lines = rows.map(({ work, ours, beside, ratio }, index) => {
		const y = TOP + index * STEP;
		return (
			`<text class="text" x="20" y="${y + 13}">${escaped(work)}</text>` +
			`<text class="text ratio" x="20" y="${y + 31}">${number(ratio)} × faster</text>` +
			bar(ours, 'ours', y) +
			bar(beside, 'theirs', y + BAR + 3)
		);
	});
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>Webhook Dispatch beside HTTP Request</title>
<style>${STYLE}</style>
<rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>
<text class="text title" x="20" y="32">Time of the node, shorter is better</text>
<rect class="ours" x="20" y="46" width="12" height="12" rx="2"/><text class="text" x="38" y="57">Webhook Dispatch</text>
<rect class="theirs" x="170" y="46" width="12" height="12" rx="2"/><text class="text" x="188" y="57">HTTP Request</text>
${lines.join('\n')}
${captions.map((line, index) => `<text class="quiet" x="20" y="${bottom + 22 + index * LINE}">${escaped(line)}</text>`).join('\n')}
</svg>
`;
}
