import type { createHash } from 'node:crypto';

/** Derives key bytes from a passphrase: `rounds` is the cost, `size` the number of bytes wanted. */
export type BcryptPbkdf = (passphrase: Uint8Array, salt: Uint8Array, rounds: number, size: number) => Uint8Array;

/**
 * Makes OpenBSD's bcrypt_pbkdf, which OpenSSH encrypts private keys with (openssh-portable,
 * openbsd-compat/bcrypt_pbkdf.c) and which node:crypto does not have.
 *
 * The source text of this function is run in a worker thread: it must not refer to anything outside it.
 */
export function makeBcryptPbkdf(hash: typeof createHash): BcryptPbkdf {
	const subkeys = 18;
	const boxWords = 1024;
	const start = wordsOfPi(subkeys + boxWords);
	const p = new Int32Array(subkeys);
	const s = new Int32Array(boxWords);

	/** Blowfish starts from the binary digits of pi after the point: here by Machin's formula. */
	function wordsOfPi(count: number): Int32Array {
		const one = 1n << BigInt(32 * count + 64);
		const arctan = (inverse: bigint): bigint => {
			let power = one / inverse;
			let sum = power;
			for (let n = 3n; power !== 0n; n += 2n) {
				power = -power / (inverse * inverse);
				sum += power / n;
			}
			return sum;
		};
		const pi = 16n * arctan(5n) - 4n * arctan(239n);
		const digits = ((pi - 3n * one) >> 64n).toString(16).padStart(8 * count, '0');
		return Int32Array.from({ length: count }, (_word, index) => parseInt(digits.slice(8 * index, 8 * index + 8), 16));
	}

	/** Blowfish's block cipher over two words of `data`, in place. */
	function encrypt(data: Int32Array, at: number): void {
		let left = data[at]!;
		let right = data[at + 1]!;
		for (let round = 0; round < 16; round += 2) {
			left ^= p[round]!;
			right ^=
				((s[left >>> 24]! + s[256 + ((left >>> 16) & 255)]!) ^ s[512 + ((left >>> 8) & 255)]!) + s[768 + (left & 255)]!;
			right ^= p[round + 1]!;
			left ^=
				((s[right >>> 24]! + s[256 + ((right >>> 16) & 255)]!) ^ s[512 + ((right >>> 8) & 255)]!) +
				s[768 + (right & 255)]!;
		}
		data[at] = right ^ p[17]!;
		data[at + 1] = left ^ p[16]!;
	}

	const pair = new Int32Array(2);

	/** One expansion of the key schedule; `data` is mixed in where it is given. All are words of 64 bytes. */
	function expand(key: Int32Array, data?: Int32Array): void {
		for (let index = 0; index < subkeys; index += 1) p[index]! ^= key[index % key.length]!;
		pair.fill(0);
		let next = 0;
		for (const table of [p, s]) {
			for (let index = 0; index < table.length; index += 2) {
				if (data) {
					pair[0]! ^= data[next++ % data.length]!;
					pair[1]! ^= data[next++ % data.length]!;
				}
				encrypt(pair, 0);
				table[index] = pair[0]!;
				table[index + 1] = pair[1]!;
			}
		}
	}

	const sha512 = (...parts: Uint8Array[]): Uint8Array => {
		const digest = hash('sha512');
		for (const part of parts) digest.update(part);
		return digest.digest();
	};

	/** Bytes as words, the most significant byte first. */
	function wordsOf(bytes: Uint8Array): Int32Array {
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		return Int32Array.from({ length: bytes.length / 4 }, (_word, index) => view.getInt32(4 * index));
	}

	const magic = wordsOf(new TextEncoder().encode('OxychromaticBlowfishSwatDynamite'));

	function bcryptHash(password: Int32Array, salt: Int32Array): Uint8Array {
		p.set(start.subarray(0, subkeys));
		s.set(start.subarray(subkeys));
		expand(password, salt);
		for (let round = 0; round < 64; round += 1) {
			expand(salt);
			expand(password);
		}
		const words = magic.slice();
		for (let at = 0; at < words.length; at += 2) {
			for (let round = 0; round < 64; round += 1) encrypt(words, at);
		}
		const bytes = new Uint8Array(4 * words.length);
		words.forEach((word, index) => new DataView(bytes.buffer).setInt32(4 * index, word, true));
		return bytes;
	}

	return (passphrase, salt, rounds, size) => {
		const password = wordsOf(sha512(passphrase));
		const stride = Math.ceil(size / 32);
		const key = new Uint8Array(size);
		for (let block = 0; block < stride; block += 1) {
			let last = bcryptHash(password, wordsOf(sha512(salt, Uint8Array.of(0, 0, 0, block + 1))));
			const sum = last.slice();
			for (let round = 1; round < rounds; round += 1) {
				last = bcryptHash(password, wordsOf(sha512(last)));
				for (let index = 0; index < sum.length; index += 1) sum[index]! ^= last[index]!;
			}
			// The blocks lie across the key like the strands of a rope, not one after the other.
			sum.forEach((byte, index) => {
				if (index * stride + block < size) key[index * stride + block] = byte;
			});
		}
		return key;
	};
}
