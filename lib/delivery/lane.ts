import { isRetryableCode } from '../http/retryable';
import type { DeliveryFault } from './delivery';
import { Evidence } from './evidence';

/** What an attempt showed about its destination. */
export type Signal =
	/** It took the delivery. */
	| 'delivered'
	/** It responded, even if with a refusal. */
	| 'answered'
	/** It asked for fewer requests, without naming a time (429, 503). */
	| 'overloaded'
	/** There was no connection, or no response on it. */
	| 'unreachable'
	/** Nothing: no request was sent. */
	| 'nothing';

/** What an attempt's fault shows about its destination. */
export function signalOf({ code, statusCode, retryAfter }: DeliveryFault): Signal {
	// Of the guard, too: a host name that does not resolve is asked about before anything is sent.
	if (isRetryableCode(code)) return 'unreachable';
	// That of a token is the token endpoint's.
	if (statusCode === undefined || code === 'TOKEN') return 'nothing';
	return (statusCode === 429 || statusCode === 503) && retryAfter === undefined ? 'overloaded' : 'answered';
}

/** How many requests a destination gets at once before it has responded to any, and how many more for each delivery then. */
const FIRST = 10;
/** The same where no other destination waits for its turn. */
const FIRST_ALONE = 25;
const MORE_AT_THE_START = 2;

/** So many faults in a row, and a destination that never responded in this try is considered down; */
const FAULTS_UNSEEN = 5;
/** and one that did. */
const FAULTS_SEEN = 10;

/** After a cut it soon gets this much of what it had, as long as deliveries come in a row; */
const GROWTH = 1.5;
/** and from there on one more, after so many deliveries for each that is allowed at once, twice as many after each cut. */
const DELIVERIES_FOR_ONE_MORE = 10;
const MOST_DOUBLINGS = 6;

/** So many broken connections of requests that were alone: it is not the number at once that breaks them. */
const BROKEN_ALONE = 2;

/** What an attempt begins with; `ended` must get it back. */
export interface Begun {
	/** How often the limit had been cut by then. */
	readonly cuts: number;
	/** How many were in progress with it, of those that began after the last cut, itself among them. */
	readonly among: number;
}

/**
 * How much one destination gets at once, and whether it is there: by its responses, in one try of the engine. It
 * begins with a few, soon gets all while all goes well, halves it when the destination asks for less, or breaks
 * connections beside others that work, and raises it again slowly (additive increase, multiplicative decrease; RFC 5681 §3.1).
 * What `Evidence` says to come however few it gets is no reason to slow down.
 */
export class Lane {
	/** Requests in progress. */
	inFlight = 0;

	/** How many may be. */
	limit: number;

	/** Whether the rest of the try goes without it. */
	isUnavailable = false;

	/** Whether it took a delivery in this try. */
	hasDelivered = false;

	private hasAnswered = false;

	private faultsInARow = 0;

	private isStarting = true;

	private deliveriesSinceChange = 0;

	private cuts = 0;

	/** Requests in progress that began after the last cut. */
	private inFlightSinceCut = 0;

	/** Since the last cut. */
	private evidence = new Evidence();

	/** How many were too many at the last cut. */
	private tooMany = Infinity;

	private brokenAlone = 0;

	/**
	 * @param most requests at once
	 * @param isSuspect whether it was unavailable in the try before: then it is asked by one request
	 * @param isAlone whether the run has no other destination
	 */
	constructor(
		private most: number,
		private readonly isSuspect: boolean,
		isAlone = false,
	) {
		this.limit = isSuspect ? 1 : Math.min(isAlone ? FIRST_ALONE : FIRST, most);
	}

	/**
	 * Whether one more may begin. The place of one that got no response stays empty until another has one: what is down is not
	 * asked repeatedly while the first requests to it run into their timeouts.
	 */
	get hasRoom(): boolean {
		if (this.inFlight === 0) return true;
		return this.inFlight + this.faultsInARow < this.limit && this.faultsInARow < this.faultsAllowed();
	}

	/** An attempt begins. @returns what `ended` must get with its signal */
	began(): Begun {
		this.inFlight++;
		return { cuts: this.cuts, among: ++this.inFlightSinceCut };
	}

	/** An attempt has ended. @param begun from `began`: what began before the last cut says nothing about the limit since */
	ended(signal: Signal, begun: Begun): void {
		switch (signal) {
			case 'delivered':
				this.hasDelivered = true;
				this.answered();
				this.raise();
				if (begun.cuts === this.cuts && this.evidence.delivered(begun.among)) this.raiseAfterRow();
				break;
			case 'answered':
				this.answered();
				break;
			case 'overloaded':
				this.answered();
				this.refused(begun);
				break;
			case 'unreachable':
				this.faultsInARow++;
				// Others in progress may still get a response, as where only the connections above a limit are refused.
				if (this.faultsInARow >= this.faultsAllowed() && this.inFlight === 1) this.isUnavailable = true;
				else if (this.hasAnswered) this.broken(begun);
				break;
			case 'nothing':
		}
		this.inFlight--;
		if (begun.cuts === this.cuts) this.inFlightSinceCut--;
	}

	/** It had trouble in the try before: one at a time at first. */
	beginGently(): void {
		this.limit = 1;
	}

	/** From now on one at a time. */
	onlyOne(): void {
		this.most = 1;
		this.limit = 1;
	}

	/** From now on one at a time at first, and never more than what went well so far. */
	startAgainGently(): void {
		this.most = Math.min(this.limit, this.evidence.wentWell);
		this.limit = 1;
		this.isStarting = true;
	}

	private answered(): void {
		// Connections were refused, and these are not among them.
		if (!this.hasAnswered && this.faultsInARow > 1) this.cutTo(this.inFlight);
		this.faultsInARow = 0;
		this.hasAnswered = true;
	}

	private faultsAllowed(): number {
		if (this.hasAnswered) return FAULTS_SEEN;
		return this.isSuspect ? 1 : FAULTS_UNSEEN;
	}

	private raise(): void {
		if (this.limit >= this.most) return;
		if (this.isStarting) {
			this.limit = Math.min(this.most, this.limit + MORE_AT_THE_START);
			return;
		}
		this.deliveriesSinceChange++;
		const wanted = DELIVERIES_FOR_ONE_MORE * 2 ** Math.min(this.cuts - 1, MOST_DOUBLINGS) * this.limit;
		if (this.deliveriesSinceChange >= wanted) this.raiseTo(this.limit + 1);
	}

	private raiseAfterRow(): void {
		const mayBe = Math.min(this.tooMany - 1, Math.ceil(this.limit * GROWTH));
		if (!this.isStarting && mayBe > this.limit) this.raiseTo(mayBe);
	}

	private raiseTo(limit: number): void {
		this.limit = Math.min(this.most, limit);
		this.deliveriesSinceChange = 0;
	}

	private broken(begun: Begun): void {
		if (this.brokenAlone === BROKEN_ALONE) return;
		const isAlone = begun.cuts === this.cuts && begun.among === 1 && this.inFlight === 1;
		if (!isAlone || ++this.brokenAlone < BROKEN_ALONE) this.refused(begun);
		else this.isStarting = true;
	}

	/** What began before the last cut says nothing about the limit since. */
	private refused({ cuts, among }: Begun): void {
		if (cuts !== this.cuts || !this.evidence.fault(among)) return;
		this.tooMany = Math.max(2, among);
		this.cutTo(Math.floor(Math.min(this.limit, this.inFlight) / 2));
	}

	private cutTo(limit: number): void {
		this.limit = Math.max(1, Math.min(limit, this.limit));
		this.isStarting = false;
		this.deliveriesSinceChange = 0;
		this.inFlightSinceCut = 0;
		this.evidence = new Evidence();
		this.cuts++;
	}
}
