import { createHash, randomBytes } from 'node:crypto';

import { UnreadableContent, type Content } from '../../../lib/http/content';
import { base64File } from '../../../lib/request/base64File';
import { fileContent, type Chunks, type ItemFile } from '../../../lib/request/fileContent';

const fileOf = (open: () => Chunks): ItemFile => ({ field: 'data', type: 'image/png', name: 'a.png', open });

async function read(content: Content): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of content.open()) chunks.push(chunk);
	return Buffer.concat(chunks);
}

async function contentOf(open: () => Chunks): Promise<Content> {
	const content = await fileContent(fileOf(open));
	if (!content.ok) throw new Error(content.fault.message);
	return content.value;
}

describe('the content of a file', () => {
	it('has its length and hash, and its bytes as often as it is opened', async () => {
		const bytes = randomBytes(10_000);
		const content = await contentOf(() => [bytes.subarray(0, 1), Buffer.alloc(0), bytes.subarray(1)]);
		expect([content.length, content.digest]).toEqual([10_000, createHash('sha256').update(bytes).digest('hex')]);
		expect([await read(content), await read(content)]).toEqual([bytes, bytes]);
	});

	it('of no bytes is a fault', async () => {
		expect(await fileContent(fileOf(() => [Buffer.alloc(0)]))).toMatchObject({
			ok: false,
			fault: { message: 'The file in "data" is empty', retryable: false },
		});
	});

	it.each<[unknown, string, boolean]>([
		[Object.assign(new Error('open /home/x'), { code: 'ENOENT' }), 'no longer exists', false],
		[Object.assign(new Error('File not found'), { name: 'FileNotFoundError' }), 'no longer exists', false],
		[Object.assign(new Error('no key'), { name: 'NoSuchKey' }), 'no longer exists', false],
		[Object.assign(new Error('/home/x'), { code: 'EIO' }), 'could not be read (EIO)', true],
		[Object.assign(new Error('/home/x'), { name: 'S3 says: /home/x' }), 'could not be read', true],
		['/home/x', 'could not be read', true],
		[undefined, 'could not be read', true],
	])('that throws %p is a fault', async (thrown, message, retryable) => {
		const result = await fileContent(
			fileOf(() => {
				throw thrown;
			}),
		);
		expect(result).toMatchObject({ ok: false, fault: { message: `The file in "data" ${message}`, retryable } });
		expect(JSON.stringify(result)).not.toContain('/home/x');
	});

	it.each<[string, number[]]>([
		['one byte less', [999]],
		['nothing', []],
		['one byte more', [1000, 1]],
		['one byte more in the same chunk', [1001]],
	])('of which there is %s later: its last bytes are not given', async (_what, later) => {
		let opened = 0;
		const content = await contentOf(() => {
			opened += 1;
			return (opened === 1 ? [400, 600] : later).map((size) => Buffer.alloc(size));
		});
		let given = 0;
		const reading = (async () => {
			for await (const chunk of content.open()) given += chunk.length;
		})();
		await expect(reading).rejects.toBeInstanceOf(UnreadableContent);
		expect(given).toBeLessThan(1000);
	});

	it('is closed where it is not read to its end', async () => {
		let closed = 0;
		const content = await contentOf(function* () {
			try {
				for (let chunk = 0; chunk < 10; chunk += 1) yield Buffer.alloc(10);
			} finally {
				closed += 1;
			}
		});
		for await (const chunk of content.open()) if (chunk.length > 0) break;
		expect(closed).toBe(2);
	});
});

describe('a file in Base64', () => {
	it.each([1, 2, 3, 49_151, 49_152, 49_153, 2_000_001])('of %i bytes comes in slices', async (length) => {
		const bytes = randomBytes(length);
		const slices: Buffer[] = [];
		for await (const slice of base64File(bytes.toString('base64'))) slices.push(slice);
		expect(Buffer.concat(slices).equals(bytes)).toBe(true);
		expect(Math.max(...slices.map((slice) => slice.length))).toBeLessThanOrEqual(49_152);
	});

	it.each(['YWJj\nZGVm', 'YWJjZGU', '-_-_', 'YW Jj'])(
		'as others write it (%j) is what Buffer makes of it',
		async (text) => {
			const slices: Buffer[] = [];
			for await (const slice of base64File(text)) slices.push(slice);
			expect(Buffer.concat(slices)).toEqual(Buffer.from(text, 'base64'));
		},
	);

	it('lets the event loop turn', async () => {
		let turns = 0;
		const count = setInterval(() => (turns += 1), 0);
		for await (const slice of base64File(Buffer.alloc(20_000_000).toString('base64')))
			expect(slice.length).toBeGreaterThan(0);
		clearInterval(count);
		expect(turns).toBeGreaterThan(2);
	});
});
