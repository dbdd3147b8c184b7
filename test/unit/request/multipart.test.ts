import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import busboy from 'busboy';
import fc from 'fast-check';
import { formidable, type Part } from 'formidable';

import type { Content } from '../../../lib/http/content';
import { multipart, type MultipartPart } from '../../../lib/request/multipart';
import { seedFrom } from '../../support/random';

const SEED = seedFrom('MULTIPART_SEED');
beforeAll(() => console.log(`MULTIPART_SEED=${SEED}`));

const contentOf = (bytes: Buffer, step = bytes.length): Content => ({
	length: bytes.length,
	digest: createHash('sha256').update(bytes).digest('hex'),
	open: async function* () {
		for (let start = 0; start < bytes.length; start += step) yield bytes.subarray(start, start + step);
	},
});

async function bytesOf(content: Content): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of content.open()) chunks.push(chunk);
	return Buffer.concat(chunks);
}

/** A part as it was read. */
interface Read {
	name: string;
	value: string;
	filename?: string;
	type?: string;
}

const text = (name: string, value: string): MultipartPart => ({ name, body: value });
const file = (name: string, bytes: Buffer, filename = 'a.png', type = 'image/png', step?: number): MultipartPart => ({
	name,
	body: contentOf(bytes, step),
	file: { name: filename, type },
});

async function byBusboy(parts: MultipartPart[]): Promise<Read[]> {
	const { content, boundary } = multipart(parts);
	const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
	const limits = { fieldNameSize: Infinity, fieldSize: Infinity };
	const parser = busboy({ headers, limits, defParamCharset: 'utf8', preservePath: true });
	const read: Read[] = [];
	const files: Array<Promise<void>> = [];
	parser.on('field', (name, value) => read.push({ name, value }));
	parser.on('file', (name, stream, { filename, mimeType: type }) => {
		const part: Read = { name, value: '', filename, type };
		read.push(part);
		files.push(
			stream.toArray().then((chunks) => void (part.value = Buffer.concat(chunks as Buffer[]).toString('hex'))),
		);
	});
	await new Promise((resolve, reject) => {
		parser.on('close', resolve).on('error', reject);
		Readable.from(content.open()).pipe(parser);
	});
	await Promise.all(files);
	return read;
}

async function byFormidable(parts: MultipartPart[]): Promise<Read[]> {
	const { content, boundary } = multipart(parts);
	const request = Object.assign(Readable.from(content.open()), {
		headers: {
			'content-type': `multipart/form-data; boundary=${boundary}`,
			'content-length': String(content.length),
		},
	});
	const parser = formidable({
		minFileSize: 0,
		allowEmptyFiles: true,
		maxFieldsSize: Infinity,
		maxFields: 0,
		maxFiles: Infinity,
	});
	const read: Read[] = [];
	parser.onPart = async (part: Part) => {
		const one: Read = {
			name: part.name ?? '',
			value: '',
			...(part.mimetype === null ? {} : { filename: part.originalFilename ?? '', type: part.mimetype ?? '' }),
		};
		read.push(one);
		const chunks: Buffer[] = [];
		part.on('data', (chunk: Buffer) => chunks.push(chunk));
		part.on('end', () => {
			one.value = Buffer.concat(chunks).toString(one.filename === undefined ? 'utf8' : 'hex');
		});
	};
	await parser.parse(request as never);
	return read;
}

describe('a form', () => {
	it('is written as RFC 7578 has it, names as the HTML standard', async () => {
		const { content, boundary } = multipart([
			text('comment', 'line 1\nline 2'),
			file('pho"to\r\n', Buffer.from('PNG'), 'a "b"\n.png'),
		]);
		expect(boundary).toMatch(/^----WebhookDispatch[0-9a-f]{32}$/);
		const written = (await bytesOf(content)).toString();
		expect(written).toBe(
			[
				`--${boundary}`,
				'Content-Disposition: form-data; name="comment"',
				'',
				'line 1\nline 2',
				`--${boundary}`,
				'Content-Disposition: form-data; name="pho%22to%0D%0A"; filename="a %22b%22%0A.png"',
				'Content-Type: image/png',
				'',
				'PNG',
				`--${boundary}--`,
				'',
			].join('\r\n'),
		);
		expect(content.length).toBe(Buffer.byteLength(written));
	});

	it.each<[string, MultipartPart[]]>([
		['a value', [text('a', '2'), file('f', Buffer.from('x'))]],
		['a name', [text('b', '1'), file('f', Buffer.from('x'))]],
		['a file', [text('a', '1'), file('f', Buffer.from('y'))]],
		['the name of a file', [text('a', '1'), file('f', Buffer.from('x'), 'b.png')]],
		['the type of a file', [text('a', '1'), file('f', Buffer.from('x'), 'a.png', 'image/gif')]],
		['the order', [file('f', Buffer.from('x')), text('a', '1')]],
	])('has another boundary and hash when %s is another', (_what, parts) => {
		const first = multipart([text('a', '1'), file('f', Buffer.from('x'))]);
		const second = multipart(parts);
		expect(second.boundary).not.toBe(first.boundary);
		expect(second.content.digest).not.toBe(first.content.digest);
	});

	it('has the same bytes each time it is opened, however its files come in', async () => {
		const parts = (step: number) => multipart([text('a', '1'), file('f', Buffer.alloc(1000, 7), 'f', 'a/b', step)]);
		const { content } = parts(3);
		const [first, second, third] = [await bytesOf(content), await bytesOf(content), await bytesOf(parts(1000).content)];
		expect(first.equals(second) && first.equals(third)).toBe(true);
	});
});

/** Readers stop at control characters in names, and take a backslash for an escape; browsers send both as they are. */
const names = fc
	.string({ unit: 'binary', minLength: 1, maxLength: 40 })
	.filter((name) => !/[^\P{Cc}\r\n]|\\/u.test(name));
const values = fc.string({ unit: 'binary', maxLength: 300 });
const types = fc.constantFrom('image/png', 'application/octet-stream', 'text/csv; charset=utf-8', 'a/b');
const parts = fc.array(
	fc.oneof(
		fc.tuple(names, values).map(([name, value]) => text(name, value)),
		fc
			.tuple(names, fc.uint8Array({ minLength: 1, maxLength: 3000 }), names, types, fc.integer({ min: 1, max: 3000 }))
			.map(([name, bytes, filename, type, step]) => file(name, Buffer.from(bytes), filename, type, step)),
	),
	{ minLength: 1, maxLength: 8 },
);

const escaped = (name: string) => name.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
const nameAs = (name: string) => escaped(name.replace(/\r\n?|\n/g, '\r\n'));

describe('random forms are read as they were written', () => {
	const expected = async (
		given: MultipartPart[],
		nameOf: (name: string) => string,
		fileNameOf: (name: string) => string,
	) =>
		await Promise.all(
			given.map(async ({ name, body, file: its }) => ({
				name: nameOf(name),
				value: typeof body === 'string' ? body : (await bytesOf(body)).toString('hex'),
				...(its && { filename: fileNameOf(its.name), type: its.type.split(';')[0]! }),
			})),
		);

	it('by busboy', async () => {
		await fc.assert(
			fc.asyncProperty(parts, async (given) => {
				expect(await byBusboy(given)).toEqual(await expected(given, nameAs, escaped));
			}),
			{ seed: SEED, numRuns: 300 },
		);
	});

	it('by formidable', async () => {
		await fc.assert(
			fc.asyncProperty(parts, async (given) => {
				const read = (await byFormidable(given)).map((part) => ({
					...part,
					...(part.type && { type: part.type.split(';')[0]! }),
				}));
				// It reads %22 as the quote that it represents, and a file without path.
				expect(read).toEqual(await expected(given, nameAs, (name) => escaped(name).replaceAll('%22', '"')));
			}),
			{ seed: SEED, numRuns: 300 },
		);
	});
});
