import type { Point } from './samples';

/** Lines over one time. */
export interface Panel {
	title: string;
	unit: string;
	lines: Array<{ name: string; points: Point[] }>;
}

const WIDTH = 860;
const PANEL = { left: 64, right: 130, top: 44, height: 200, gap: 76 };
const COLOURS = ['#0b6bcb', '#c4521a', '#1f8a4c', '#7a4fc0', '#8a6d00'];

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A round number that is at least this. */
function roundUp(value: number): number {
	const step = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
	return [1, 2, 2.5, 5, 10].map((factor) => factor * step).find((bound) => bound >= value) ?? value;
}

/** Labels at the lines' ends, moved apart where they would overlap. */
function spread<End extends { y: number }>(ends: End[], least = 15): End[] {
	let lowest = -Infinity;
	return [...ends]
		.sort((a, b) => a.y - b.y)
		.map((end) => {
			lowest = Math.max(end.y, lowest + least);
			return { ...end, y: lowest };
		});
}

function panel({ title, unit, lines }: Panel, top: number): string {
	const all = lines.flatMap(({ points }) => points);
	const lastX = Math.max(...all.map(([x]) => x), 1);
	const most = roundUp(Math.max(...all.map(([, y]) => y)) * 1.05);
	const width = WIDTH - PANEL.left - PANEL.right;
	const at = ([x, y]: Point): Point => [PANEL.left + (x / lastX) * width, top + PANEL.height * (1 - y / most)];
	const grid = [0, 0.25, 0.5, 0.75, 1].map((part) => {
		const y = top + PANEL.height * (1 - part);
		return (
			`<line x1="${PANEL.left}" x2="${PANEL.left + width}" y1="${y}" y2="${y}" stroke="#8884"/>` +
			`<text x="${PANEL.left - 8}" y="${y + 4}" text-anchor="end">${+(most * part).toFixed(1)}</text>`
		);
	});
	const minutes = lastX / 60;
	const every = [0.5, 1, 2, 3, 5, 10, 15, 30, 60].find((step) => minutes / step <= 8) ?? 60;
	const ticks = Array.from({ length: Math.floor(minutes / every) + 1 }, (_, index) => index * every).map(
		(minute) =>
			`<text x="${PANEL.left + (minute / minutes) * width}" y="${top + PANEL.height + 18}" text-anchor="middle">${minute} min</text>`,
	);
	const drawn = lines.map(
		({ points }, index) =>
			`<polyline fill="none" stroke="${COLOURS[index % COLOURS.length]}" stroke-width="1.6" points="${points
				.map((point) =>
					at(point)
						.map((value) => value.toFixed(1))
						.join(','),
				)
				.join(' ')}"/>`,
	);
	const ends = lines.map(({ name, points }, index) => ({
		name,
		colour: COLOURS[index % COLOURS.length],
		y: at(points.at(-1) ?? [0, 0])[1] + 4,
	}));
	const names = spread(ends).map(
		({ name, colour, y }) =>
			`<text x="${PANEL.left + width + 8}" y="${y.toFixed(1)}" fill="${colour}">${escape(name)}</text>`,
	);
	return [
		`<text class="title" x="${PANEL.left}" y="${top - 14}">${escape(title)}, ${escape(unit)}</text>`,
		...grid,
		...ticks,
		...drawn,
		...names,
	].join('\n');
}

/**
 * Lines over time, one panel below the other, from zero.
 * @returns an SVG that stands by itself
 */
export function plot(panels: Panel[]): string {
	const height = PANEL.top + panels.length * (PANEL.height + PANEL.gap) - 20;
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">
<style>text { fill: #555 } .title { font-weight: 600; font-size: 14px; fill: #222 }</style>
<rect width="100%" height="100%" fill="#fff"/>
${panels.map((each, index) => panel(each, PANEL.top + index * (PANEL.height + PANEL.gap))).join('\n')}
</svg>
`.replace(/<text x="([^"]+)" y="([^"]+)" fill="([^"]+)">/g, '<text x="$1" y="$2" style="fill:$3">');
}
