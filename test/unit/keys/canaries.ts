/**
 * The forms in which a secret may leak: plain, Base64, Base64url, hex and percent-encoded; of a text with
 * several lines, each line by itself, without armour.
 */
export function secretForms(secrets: string[]): string[] {
	const pieces = secrets.flatMap((secret) =>
		secret
			.split(/\r?\n/)
			.map((line) => line.trim())
			.filter((line) => line.length >= 6 && !line.includes('-----') && !/^[A-Za-z-]+: /.test(line)),
	);
	const forms = pieces.flatMap((piece) => {
		const bytes = Buffer.from(piece);
		return [
			piece,
			piece.slice(0, 40),
			encodeURIComponent(piece),
			new URLSearchParams({ v: piece }).toString().slice(2),
			JSON.stringify(piece).slice(1, -1),
			bytes.toString('base64'),
			bytes.toString('base64url'),
			bytes.toString('hex'),
		];
	});
	return [...new Set(forms)];
}
