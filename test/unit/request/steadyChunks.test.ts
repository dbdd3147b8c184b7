import { steadyChunks } from '../../../lib/request/steadyChunks';

const never = new Promise<never>(() => undefined);
const all = async (chunks: AsyncIterable<Uint8Array>) => {
	const read: number[] = [];
	for await (const chunk of chunks) read.push(chunk.length);
	return read;
};

it('gives what the source gives', async () => {
	expect(await all(steadyChunks(() => [Buffer.alloc(1), Buffer.alloc(2)]))).toEqual([1, 2]);
	expect(
		await all(
			steadyChunks(async () =>
				(async function* () {
					yield Buffer.alloc(3);
				})(),
			),
		),
	).toEqual([3]);
});

it.each<[string, () => Promise<AsyncIterable<Uint8Array>>]>([
	['is opened', async () => await never],
	[
		'is read',
		async () =>
			(async function* () {
				yield Buffer.alloc(1);
				yield await never;
			})(),
	],
])('ends where the source hangs while it %s', async (_when, open) => {
	await expect(all(steadyChunks(open, 20))).rejects.toMatchObject({ code: 'ETIMEDOUT' });
});

it('closes a source that is not read to its end, or that throws', async () => {
	const closed: string[] = [];
	const source = (name: string) =>
		(function* () {
			try {
				for (;;) yield Buffer.alloc(1);
			} finally {
				closed.push(name);
			}
		})();
	for await (const chunk of steadyChunks(() => source('left'))) if (chunk.length > 0) break;
	const chunks = steadyChunks(() => source('thrown at'));
	await chunks.next();
	await expect(chunks.throw(new Error('x'))).rejects.toThrow('x');
	expect(closed).toEqual(['left', 'thrown at']);
});
