import { waitFor } from '../../../tools/lib/wait';
import { using } from '../../../tools/n8n/sketch';
import { askWebhook } from '../../../tools/n8n/webhook';
import { startOAuth2Server } from '../../support/authorization-servers';
import type { GetContext } from '../support/context';
import { settled, startedBy, statusCounts } from '../support/executions';
import { post } from '../support/sender';
import { batchWorkflow } from '../support/workflows';

const TYPE = 'webhookDispatchPasswordOAuth2Api';

/** Seconds; a token is renewed a quarter of its life before its end. */
const LIFETIME = 4;

const login = { username: 'ada', password: 'correct horse battery staple' };
const application = { id: 'n8n', secret: 'secret-of-n8n' };

/**
 * Two workers share a credential whose refresh tokens are good once. Each has its own chain of them, as each process asks
 * with the password first; one whose refresh token is refused asks with the password again.
 */
export function refreshTokens(context: GetContext): void {
	it('one-use refresh tokens: each worker has its own chain, a lost one begins again, no delivery fails', async () => {
		const { cluster, table } = context();
		const { client, webhook, workers } = cluster;
		const server = await startOAuth2Server({ clients: [application], users: [login], accessTokenLifetime: LIFETIME });
		try {
			const credential = await client.credentials.create({
				name: 'Password',
				type: TYPE,
				data: {
					accessTokenUrl: server.tokenUrl,
					clientId: application.id,
					clientSecret: application.secret,
					...login,
					clientEncoding: 'raw',
				},
			});
			const workflow = await client.workflows.create(
				batchWorkflow('refresh', server.resourceUrl, {
					parameters: { authentication: 'oAuth2', grantType: 'password' },
					credentials: using(credential),
				}),
			);
			await client.workflows.activate(workflow.id);
			const url = `${webhook.url}/webhook/refresh`;
			const message = { items: [{ item: 1 }] };
			const send = () => post(url, message);
			expect((await askWebhook(url, { json: message })).status).toBe(200);

			// Each worker needs a renewal before, between and after the losses.
			let sent = 1;
			const grants = (grant: string) =>
				server.requests().filter(({ grantType, status }) => grantType === grant && status === 200).length;
			const sendUntil = async (isEnough: () => boolean, what: string) =>
				await waitFor(
					async () => {
						const answers = await Promise.all(Array.from({ length: 6 }, send));
						expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
						sent += answers.length;
						return isEnough();
					},
					{ what, deadline: 60_000, every: 100 },
				);
			await sendUntil(() => grants('password') >= 2 && grants('refresh_token') >= 4, 'renewals by both workers');
			expect(grants('password')).toBe(2);
			const untouched = server.requests().length;
			expect(server.requests().filter(({ status }) => status !== 200)).toEqual([]);
			await server.revokeRefreshTokens();
			await sendUntil(() => grants('password') >= 4, 'both workers to begin anew');

			const shares = workers.map(startedBy);
			expect(Math.min(...shares)).toBeGreaterThan(0);
			expect(await server.replays()).toBe(0);
			const refused = server.requests().filter(({ status }) => status !== 200);
			expect(refused.map(({ grantType, error }) => [grantType, error])).toEqual(
				refused.map(() => ['refresh_token', 'invalid_grant']),
			);
			expect(refused).toHaveLength(2);
			expect(statusCounts(await settled(cluster, workflow.id))).toEqual({ success: sent });
			table.say(
				`One-use refresh tokens, two workers with one credential, tokens of ${LIFETIME} s: ${sent} deliveries, none failed. Each worker has its own chain ` +
					`(${untouched} token requests, no refresh token was used twice); when the server forgot all refresh tokens, each worker's next refresh was refused once and it asked with the password again.`,
			);
		} finally {
			await server.stop();
		}
	}, 180_000);
}
