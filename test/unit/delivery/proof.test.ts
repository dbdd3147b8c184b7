import { attempt, type AttemptTools } from '../../../lib/delivery/attempt';
import type { HttpAnswer, HttpRequest, Transport } from '../../../lib/http/transport';
import { DpopBinding } from '../../../lib/oauth2/dpop/dpopBinding';
import { ok } from '../../../lib/result/result';

const settings = {
	timeout: 5000,
	maxResponseSize: 1000,
	followRedirects: false,
	redirectMethod: 'keep',
	successStatus: '2xx',
	retryStatuses: [],
	failsWhen: [],
} as const;
const url = new URL('https://a.example/hook');
const challenge = { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': 'given-to-this-request' };

it('the nonce that a request was refused with is in the next one, whatever others are given meanwhile', async () => {
	const prover = new DpopBinding().withToken('token');
	const answers: HttpAnswer[] = [
		{ ok: true, statusCode: 401, headers: challenge, body: Buffer.alloc(0) },
		{ ok: true, statusCode: 200, headers: {}, body: Buffer.alloc(0) },
	];
	const sent: unknown[] = [];
	const transport = {
		send: async ({ headers }: HttpRequest) => {
			const [, payload = ''] = (headers.dpop ?? '').split('.');
			sent.push((JSON.parse(Buffer.from(payload, 'base64url').toString()) as { nonce?: string }).nonce);
			return answers[sent.length - 1];
		},
	} as unknown as Transport;
	const tools: AttemptTools = {
		transport,
		guard: async () => ok(undefined),
		// What a response to another delivery does while this one waits for its turn.
		pace: async () => void (sent.length > 0 && prover.note(url, { 'dpop-nonce': 'given-to-another' })),
		authorization: {
			authorize: async () => ok({ headers: { authorization: 'DPoP token' }, secrets: ['token'], prover }),
			isExpired: () => false,
		},
	};
	const result = await attempt('id-1', { method: 'POST', url, headers: {} }, settings, tools);
	expect(result).toMatchObject({ judgement: { ok: true }, requests: 1 });
	expect(sent).toEqual([undefined, 'given-to-this-request']);
});
