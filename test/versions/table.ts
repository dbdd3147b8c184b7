import { markdownTable, REPOSITORY } from '../../tools/lib/markdown';
import type { Comparison } from './compare';

/** A version in `versions.json`. */
export interface Version {
	n8n: string;
	/** Where its engine alone is tried: its n8n-core. */
	core?: string;
	/** Why this one. */
	why: string;
	note?: string;
	/** What the package cannot have or do there. */
	lacks: string[];
	/** Settings that it does not start with. */
	unset: string[];
	/** Reasons why tests of the engine do not pass there, by their full names. */
	differs: Record<string, string>;
}

/** What became of one version. */
export interface Tried extends Version {
	/** Its n8n-workflow. */
	workflow?: string;
	/** The Node it ran on. */
	node?: string;
	engine?: Comparison;
	smoke?: Comparison;
	/** Why there is no more. */
	stopped?: string;
}

function outcome(result: Comparison | undefined): string {
	if (!result) return '–';
	const { passed, different, wrong } = result;
	const rest = [
		...(different > 0 ? [`${different} known to differ`] : []),
		...(wrong.length > 0 ? [`**${wrong.length} not as they should be**`] : []),
	];
	return [`${passed} passed`, ...rest].join(', ');
}

/** A row for each version, in markdown. */
export const table = (all: Tried[]): string =>
	markdownTable(
		['n8n', 'Node', 'Engine tests', 'Smoke test in that n8n', 'What is missing there'],
		all.map((tried) => [
			`**${tried.n8n}**, ${tried.why}`,
			tried.node ?? '',
			outcome(tried.engine),
			tried.stopped ?? outcome(tried.smoke),
			tried.lacks.join('; ') || 'nothing',
		]),
	);

/** docs/versions.md. */
export function page(all: Tried[]): string {
	const notes = all.flatMap(({ note }) => (note ? [note] : []));
	const differences = all.filter(({ differs }) => Object.keys(differs).length > 0);
	return `# Versions of n8n

\`npm run test:versions\` tests the package on these. The engine tests run the node in the n8n-core and n8n-workflow of that
version; *its engine alone* means only these. The smoke test runs in the whole n8n with the package installed as a
community package, over n8n's REST API: types and credential forms, deliveries with OAuth 2.0 client credentials, a failure to
the error output, *Retry On Fail* and the retry of a failed execution, which send only what is missing. With \`-- --write\`
the command writes this page. The versions are in \`test/versions/versions.json\`.

${table(all)}

${all.map(({ n8n, core, workflow }) => `- n8n ${n8n} has n8n-core ${core ?? '?'} and n8n-workflow ${workflow ?? '?'}.`).join('\n')}
${notes.map((note) => `- ${note}.\n`).join('')}
## What differs, and how the package handles it

| n8n | What | What the package does |
|---|---|---|
| up to 2.35.0 | sends an item to the error output only when its json has \`error\` and \`message\` and no more | marks failed items in the way that older versions expect, so that they go there with all their data; if the node is the first of its execution (*Execute step* without input), they stay in the first output |
| before 2.30 | has no rules on outgoing connections for nodes with their own HTTP client | with \`N8N_SSRF_PROTECTION_ENABLED\` it sends nothing, and each delivery says why (\`BLOCKED\`); otherwise nothing changes |
| before 2.20 | leaves *Allowed HTTP Request Domains* of a credential to its HTTP Request node; later versions read the list in two ways | reads the list itself, on every version |
| 2.0 and 2.1 | do not say when an agent calls the node itself (agents of the older kind) | a failed delivery stops the agent, unless *On Error* continues; in later versions the agent learns what happened |
| 2.0 | retries when the first output item has an \`error\` of \`null\`, e.g. a destination's response with *Output* set to Response | sends nothing twice |

## Engine tests that older versions do not pass

These test n8n's own behavior, or need what that version lacks. A test that is listed here and passes makes the command fail, as
does one that is not listed and fails.

${differences
	.map(
		({ n8n, differs }) =>
			`### n8n ${n8n}\n\n${Object.entries(differs)
				.map(([name, reason]) => `- *${name}*: ${reason}`)
				.join('\n')}\n`,
	)
	.join('\n')}`;
}

/** The lines in the README. */
export function summary(all: Tried[]): string {
	const [oldest, newest] = [all[0], all.at(-1)];
	const lacks = all.find((tried) => tried.lacks.length === 0);
	return `Tested on n8n ${oldest?.n8n} to ${newest?.n8n}; nothing is missing from n8n ${lacks?.n8n} on.
[What older versions lack, and how it is handled](${REPOSITORY}/docs/versions.md). Everything that needs no n8n also runs on Node 20.`;
}
