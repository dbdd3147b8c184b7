/** Holds jest's `--json` against what is known to differ (reason by a test's full name). */
export function compare(
	results:
		| {
				testResults: Array<{
					name: string;
					message: string;
					assertionResults: Array<{ fullName: string; status: string }>;
				}>;
		  }
		| undefined,
	differs: Record<string, string>,
): { passed: number; different: number; wrong: string[] };
