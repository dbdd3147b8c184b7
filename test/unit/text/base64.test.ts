import { decodePastedBase64, decodeStandardBase64 } from '../../../lib/text/base64';

// RFC 4648 §10.
it.each([
	['Zg==', 'f'],
	['Zm8=', 'fo'],
	['Zm9v', 'foo'],
	['Zm9vYg==', 'foob'],
	['Zg', 'f'],
	['Zm8', 'fo'],
])('both decode %s', (text, plain) => {
	expect(decodeStandardBase64(text)?.toString()).toBe(plain);
	expect(decodePastedBase64(text)?.toString()).toBe(plain);
});

it.each(['', '=', 'Zm 9v', 'Zm9v\n', 'Zm9v!', 'Zg===', 'Z=g='])('neither decodes %j', (text) => {
	expect(decodeStandardBase64(text)).toBeUndefined();
	expect(decodePastedBase64(text)).toBeUndefined();
});

it.each(['-_-_', 'Zg=', 'Zm9v=', 'Zm9vY'])('%s is decoded only as pasted', (text) => {
	expect(decodeStandardBase64(text)).toBeUndefined();
	expect(decodePastedBase64(text)).toEqual(Buffer.from(text, 'base64'));
});
