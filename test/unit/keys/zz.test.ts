import { generateKeyPairSync } from 'node:crypto';
import { secretForms } from './canaries';
import { pkcs8 } from './fixtures';
it('x', () => {
	const seen = new Map<number, string>();
	for (let i = 0; i < 3000; i++) {
		const k = i % 3 === 0 ? generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey : generateKeyPairSync('ec', { namedCurve: ['P-256', 'P-384', 'P-521'][i % 3 ? (i % 2) + 1 : 0]! }).privateKey;
		for (const f of secretForms([pkcs8(k)])) if (f.length < 16) seen.set(f.length, f);
	}
	console.log([...seen]);
});
