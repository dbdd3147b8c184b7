/** The documents in docs/ say what the code does. */
import type { DeliveryCode } from '../../../lib/result/codes';
import { codeOfStatus, isRetryable } from '../../../lib/delivery/outcome';
import { isRetryableStatus } from '../../../lib/http/retryable';
import { profileOf, profilePayload } from '../../../lib/request/profiles';
import { read } from './markdown';

/** Every code, for the compiler to say when one is missing here. */
const codes: Record<DeliveryCode, true> = {
	TIMEOUT: true,
	CONNECTION: true,
	DNS: true,
	TLS: true,
	STATUS: true,
	REDIRECT: true,
	RESPONSE_TOO_LARGE: true,
	INVALID_URL: true,
	INVALID_REQUEST: true,
	BLOCKED: true,
	TOKEN: true,
	UNAVAILABLE: true,
	REJECTED: true,
	CANCELLED: true,
};

describe('errors.md', () => {
	const page = read('docs/errors.md');
	const rowOf = (code: string): string => page.split('\n').find((line) => line.startsWith(`| [\`${code}\`]`)) ?? '';

	it.each(Object.keys(codes) as DeliveryCode[])('has %s, in the table and with a chapter', (code) => {
		expect(rowOf(code)).not.toBe('');
		expect(page).toContain(`\n### ${code}\n`);
	});

	it('has no code that does not exist', () => {
		const chapters = [...page.matchAll(/^### ([A-Z_]+)$/gm)].map((match) => match[1] ?? '');
		expect(chapters.sort()).toEqual(Object.keys(codes).sort());
	});

	it('says which codes are retried', () => {
		for (const code of Object.keys(codes) as DeliveryCode[]) {
			// It depends on the status, on the token endpoint, on the condition.
			if (code === 'STATUS' || code === 'TOKEN' || code === 'REJECTED') continue;
			// No attempt ends with that one: test/engine/destinations.test.ts sees it retried.
			const isTried = code === 'UNAVAILABLE' || isRetryable(code);
			expect([code, rowOf(code).endsWith('| yes |')]).toEqual([code, isTried]);
			expect([code, rowOf(code).endsWith('| no |')]).toEqual([code, !isTried]);
		}
	});

	it('says which statuses are retried', () => {
		const named = /: yes; others no/.test(rowOf('STATUS')) ? (rowOf('STATUS').match(/\b\d{3}\b/g) ?? []) : [];
		const tried = Array.from({ length: 500 }, (_, index) => 100 + index).filter(isRetryableStatus);
		expect(named.map(Number)).toEqual(tried);
		expect(codeOfStatus(301)).toBe('REDIRECT');
	});
});

describe('coming-from-clevertap.md', () => {
	it('shows a mapping as the node makes it', () => {
		const [, mapping = ''] = read('docs/coming-from-clevertap.md').split('A mapping, from an item');
		const [item, body] = [...mapping.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => JSON.parse(match[1] ?? ''));
		const made = profilePayload('1472124953', { PromoCode: 'MT50' }, profileOf(item, 'lower'));
		expect(JSON.stringify(made)).toBe(JSON.stringify(body));
	});
});
