import { invalidRequest, type RequestFault } from '../result/requestFault';
import { ok, type Result } from '../result/result';
import { asText } from '../text/asText';
import { valueAt } from '../text/responsePath';

/** What a value in a response may be like. */
const CONDITIONS = ['exists', 'equals', 'notEquals', 'notEmpty'] as const;
type Condition = (typeof CONDITIONS)[number];

/** When a response says no, whatever its status. */
export interface RejectionRule {
	/** Dotted path into the parsed response; empty for all of it. */
	readonly path: string;
	readonly condition: Condition;
	/** For `equals` and `notEquals`, as text. */
	readonly value: string;
	/** Whether the delivery is retried. */
	readonly tryAgain: boolean;
}

/** Nothing is missing where there are no rules. */
const NO_RULES: readonly RejectionRule[] = [];

/**
 * Reads the option *Fails When*.
 *
 * @param given `{ rules: [{ path, condition, value, tryAgain }] }`
 */
export function readFailsWhen(given: unknown): Result<readonly RejectionRule[], RequestFault> {
	if (given === undefined || given === null || given === '') return ok(NO_RULES);
	const rows: unknown =
		typeof given === 'object' && 'rules' in given ? given.rules : typeof given === 'object' ? [] : undefined;
	if (!Array.isArray(rows)) return unusable('is not a list of conditions');
	const rules: RejectionRule[] = [];
	for (const row of rows as unknown[]) {
		const { path, condition = 'exists', value, tryAgain } = (row ?? {}) as Record<string, unknown>;
		const known = CONDITIONS.find((name) => name === condition);
		if (known === undefined) return unusable('has a condition that does not exist');
		const written = asText(path).trim();
		if (written !== '' && written.split('.').some((name) => name === ''))
			return unusable('has a path with an empty name');
		if (written === '' && known === 'exists') return unusable('has no path');
		// What is left empty in the form is an empty text. An expression without a value would ask for something else.
		if (isNothing(path)) return unusable('has an expression for a path that gives no value');
		if ((known === 'equals' || known === 'notEquals') && isNothing(value))
			return unusable('has an expression for a value that gives none');
		rules.push({ path: written, condition: known, value: asText(value), tryAgain: tryAgain === true });
	}
	return ok(rules);
}

const isNothing = (value: unknown) => value === undefined || value === null;

const unusable = (what: string) =>
	invalidRequest(
		`Fails When in the options ${what}`,
		'Give each condition a path into the response, e.g. ok or result.code, and Exists, Equals, Not Equals or Not Empty. Equals and Not Equals need a value to compare with.',
	);

/**
 * The first rule by which a response says no.
 *
 * @param response parsed, as `responseBody` gives it
 */
export function rejectedBy(response: unknown, rules: readonly RejectionRule[]): RejectionRule | undefined {
	return rules.find((rule) => applies(rule, rule.path === '' ? response : valueAt(response, rule.path)));
}

function applies({ condition, value }: RejectionRule, found: unknown): boolean {
	switch (condition) {
		case 'exists':
			// JSON-RPC 1.0 writes `"error": null` into each success.
			return found !== undefined && found !== null;
		case 'notEmpty':
			return !isEmpty(found);
		case 'equals':
			return found !== undefined && asText(found) === value;
		case 'notEquals':
			// A response that does not say what a success says is none.
			return asText(found) !== value;
	}
}

/** An empty list of errors is none, and neither are `false` and 0. */
function isEmpty(value: unknown): boolean {
	if (value === undefined || value === null || value === false || value === 0) return true;
	if (typeof value === 'string') return value.trim() === '';
	if (Array.isArray(value)) return value.length === 0;
	return typeof value === 'object' && Object.keys(value).length === 0;
}

const WORDS: Record<Condition, (value: string) => string> = {
	exists: () => 'is there',
	notEmpty: () => 'is not empty',
	equals: (value) => `is ${value}`,
	notEquals: (value) => `is not ${value}`,
};

/** A rule in words, for a message: the path and value are the user's own. */
export const inWords = ({ path, condition, value }: RejectionRule): string =>
	`${path === '' ? 'the response' : path} ${WORDS[condition](value === '' ? 'empty' : value.slice(0, 60))}`;
