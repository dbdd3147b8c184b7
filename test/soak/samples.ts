import fs from 'node:fs';

/** When, in seconds, and what. */
export type Point = [seconds: number, value: number];

export interface Sample {
	/** Resident memory. */
	megabytes: number;
	/** Open sockets. */
	sockets: number;
}

/** Memory and open sockets of a process, from Linux' /proc; nothing when it is gone. */
export function sample(pid: number): Sample | undefined {
	try {
		const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
		const fds = fs.readdirSync(`/proc/${pid}/fd`);
		const isSocket = (fd: string) => {
			try {
				return fs.readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
			} catch {
				return false;
			}
		};
		const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(status) ?? [];
		return { megabytes: Number(kilobytes) / 1024, sockets: fds.filter(isSocket).length };
	} catch {
		return undefined;
	}
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Least squares.
 * @returns how much y grows for one x
 */
export function slope(points: Array<[x: number, y: number]>): number {
	const x = mean(points.map(([one]) => one));
	const y = mean(points.map(([, one]) => one));
	const below = points.reduce((sum, [one]) => sum + (one - x) ** 2, 0);
	return below === 0 ? 0 : points.reduce((sum, [one, other]) => sum + (one - x) * (other - y), 0) / below;
}

export interface Trend {
	mean: number;
	least: number;
	most: number;
	perHour: number;
}

/** What a series of samples says, leaving out the first third, in which everything warms up. */
export function trend(series: Point[]): Trend {
	const points = series.slice(Math.floor(series.length / 3));
	const values = points.map(([, value]) => value);
	return { mean: mean(values), least: Math.min(...values), most: Math.max(...values), perHour: slope(points) * 3_600 };
}
