import { checkContentDigest, contentDigest } from '../../../../lib/signature/httpMessageSignatures/contentDigest';

/** RFC 9530: appendix B.1, B.2 and B.3, §2, and the body of RFC 9421's requests. */
const published = [
	['{"hello": "world"}\n', 'sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:'],
	['', 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'],
	['"world"}\n', 'sha-256=:jjcgBDWNAtbYUXI37CVG3gRuGOAjaaDRGpIUFsdyepQ=:'],
	[
		'{"hello": "world"}\n',
		'sha-512=:YMAam51Jz/jOATT6/zvHrLVgOYTGFy1d6GJiOHTohq4yP+pgk4vf2aCsyRZOtw8MjkM7iw7yZ/WkppmM44T3qg==:',
	],
	[
		'{"hello": "world"}',
		'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:',
	],
] as const;

it.each(published)('%j has the digest that the RFC publishes', async (body, value) => {
	const algorithm = value.startsWith('sha-256') ? 'sha-256' : 'sha-512';
	expect(contentDigest(body, algorithm)).toBe(value);
	expect(contentDigest(Buffer.from(body), algorithm)).toBe(value);
	const chunks = [...Buffer.from(body)].map((byte) => Buffer.of(byte));
	let opened = 0;
	const streamed = {
		async *open() {
			opened++;
			yield* chunks;
		},
	};
	expect(await contentDigest({ open: () => streamed.open() }, algorithm)).toBe(value);
	expect(opened).toBe(1);
	expect(checkContentDigest(value, Buffer.from(body))).toBe('matches');
	expect(checkContentDigest(value, Buffer.from(`${body} `))).toBe('differs');
});

const [, sha256] = published[0];
const [, sha512] = published[3];
const body = Buffer.from('{"hello": "world"}\n');

it.each([
	[`${sha256}, ${sha512}`, 'matches'],
	[`${sha256},${sha512.replace('YMA', 'XMA')}`, 'differs'],
	[`${sha256}, md5=:YQ==:`, 'matches'],
	['sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8Fa:', 'differs'],
	['sha-256=::', 'differs'],
	['md5=:YQ==:, unixsum=1', 'unknown algorithm'],
	['', 'unknown algorithm'],
	['sha-256="text"', 'malformed'],
	['sha-256=(:YQ==:)', 'malformed'],
	['sha-256=RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=', 'malformed'],
	['not, a (dictionary', 'malformed'],
])('%s: %s', (value, result) => {
	expect(checkContentDigest(value, body)).toBe(result);
});
