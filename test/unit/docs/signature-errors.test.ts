import { generateKeyPairSync } from 'node:crypto';

import type { IncomingMessage } from '../../../lib/signature/scheme';
import { credentialFor, delivery, now, signedHeaders, verified } from '../signature/httpMessageSignatures/credential';
import { pkcs8 } from '../keys/fixtures';
import { codeOf, read, sourcesOf, tablesOf } from './markdown';

/** What docs say of requests whose signature is not genuine, held against what is said of them. */
const data = credentialFor('ed25519');

async function messageFor(signing: object, verifying: object = {}, after = 0): Promise<string> {
	const headers = await signedHeaders({ ...data, ...signing });
	const { method, url } = delivery;
	const message: IncomingMessage = { method, url, headers, body: Buffer.from(delivery.body as string) };
	return (await verified({ ...data, ...verifying }, message, now + after)).replace(/^[A-Z_]+: /, '');
}

it('errors.md shows the messages of Signature: Verify as they are', async () => {
	const parsed = 'n8n has parsed the body, so its signature cannot be verified';
	expect(sourcesOf('nodes')).toContain(`'${parsed}'`);
	const made = [
		parsed,
		await messageFor({}, { privateKey: pkcs8(generateKeyPairSync('ed25519').privateKey) }),
		await messageFor({}, {}, 400),
		await messageFor({}, { keyId: 'key-2' }),
		await messageFor({ coveredComponents: '@method, content-digest, content-type' }),
	];
	const rows = tablesOf(read('docs/errors.md')).find(({ heading }) => heading === 'Signature not verified')?.rows ?? [];
	const shown = rows.flatMap(([cell = '']) => codeOf(cell));
	expect(shown).toHaveLength(made.length);
	const says = (text: string, message: string) => text.split('…').every((part) => message.includes(part.trim()));
	expect(shown.filter((text, index) => !says(text, made[index] ?? ''))).toEqual([]);
});

it('verify-signatures.md has every reason, and no other', () => {
	const rows = tablesOf(read('docs/verify-signatures.md')).find(({ header }) =>
		header[0]?.includes('details.signature.reason'),
	)?.rows;
	const shown = (rows ?? []).flatMap(([cell = '']) => codeOf(cell));
	const [, ofSchemes = ''] = /type VerifyReason =([^;]*);/.exec(read('lib/signature/scheme.ts')) ?? [];
	const ofNode = [...read('nodes/WebhookDispatch/operations/signature/verify.ts').matchAll(/reason: '([A-Z_]+)'/g)];
	const made = [...ofSchemes.matchAll(/'([A-Z_]+)'/g), ...ofNode].map(([, name]) => name);
	expect([...shown].sort()).toEqual([...new Set(made)].sort());
});
