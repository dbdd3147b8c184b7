/** So many deliveries in a row prove what a destination takes at once, and make up for one fault there. */
const IN_A_ROW = 10;
const MOST_MADE_UP_FOR = 5;

/**
 * What responses prove about how much a destination takes at once. Some refuse one in a hundred, or have one broken server of
 * many, however few requests they get: the first fault, and one at a number that went well in a row before, says nothing.
 */
export class Evidence {
	private taken = 1;

	private row = { deliveries: 0, among: Infinity };

	private proven = 0;

	private madeUpFor = 0;

	private hadFault = false;

	private leastFault = Infinity;

	/** The most that were in progress at once and were accepted. */
	get wentWell(): number {
		return Math.max(1, Math.min(this.taken, this.leastFault - 1));
	}

	/** @param among how many were in progress when it began. @returns whether it completes a row */
	delivered(among: number): boolean {
		this.taken = Math.max(this.taken, among);
		const { row } = this;
		row.deliveries++;
		row.among = Math.min(row.among, among);
		if (row.deliveries < IN_A_ROW) return false;
		this.proven = Math.max(this.proven, row.among);
		this.madeUpFor = Math.min(MOST_MADE_UP_FOR, this.madeUpFor + 1);
		this.hadFault = false;
		this.row = { deliveries: 0, among: Infinity };
		return true;
	}

	/** @param among how many were in progress when it began. @returns whether these are too many */
	fault(among: number): boolean {
		this.row = { deliveries: 0, among: Infinity };
		this.leastFault = Math.min(this.leastFault, among);
		if (among <= this.proven && this.madeUpFor > 0) {
			this.madeUpFor--;
			return false;
		}
		if (this.hadFault) return true;
		this.hadFault = true;
		return false;
	}
}
