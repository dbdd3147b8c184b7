import { messageOf } from './messageOf';

/** What a program wrote to its standard error before `execFileSync` threw, or else what was thrown. */
export const stderrOf = (thrown: unknown): string =>
	thrown instanceof Error && 'stderr' in thrown && thrown.stderr ? String(thrown.stderr) : messageOf(thrown);
