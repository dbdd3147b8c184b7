/** What every private key file of OpenSSH starts with (openssh-portable, PROTOCOL.key). */
const MAGIC = Buffer.from('openssh-key-v1\0');

/** Whether bytes are a private key file of OpenSSH. */
export function isOpenSsh(bytes: Buffer): boolean {
	return bytes.subarray(0, MAGIC.length).equals(MAGIC);
}

/** A private key file of OpenSSH, taken apart but not decrypted. */
export interface OpenSshFile {
	/** E.g. `aes256-ctr`; `none` for a key without a passphrase. */
	cipher: string;
	/** `bcrypt`, or `none`. */
	derivation: string;
	salt: Buffer;
	rounds: number;
	/** The private section, encrypted with the cipher. */
	secret: Buffer;
	/** Authentication tag of a GCM cipher; else empty. */
	tag: Buffer;
}

/** Reads SSH's length-prefixed fields (RFC 4251 §5) one after the other. A read past the end gives nothing and is remembered. */
export class SshReader {
	#at = 0;

	/** Whether a field was asked for that is not there. */
	cut = false;

	constructor(private readonly bytes: Buffer) {}

	uint32(): number {
		const field = this.take(4);
		return field.length === 4 ? field.readUInt32BE() : 0;
	}

	/** A `string` or `mpint`: its bytes. */
	string(): Buffer {
		return this.take(this.uint32());
	}

	rest(): Buffer {
		return this.bytes.subarray(this.#at);
	}

	take(length: number): Buffer {
		if (this.#at + length > this.bytes.length) {
			this.cut = true;
			return Buffer.alloc(0);
		}
		this.#at += length;
		return this.bytes.subarray(this.#at - length, this.#at);
	}
}

/** Takes a file apart; undefined when it is cut off or holds more than one key, which OpenSSH itself never writes. */
export function readOpenSshFile(bytes: Buffer): OpenSshFile | undefined {
	if (!isOpenSsh(bytes)) return undefined;
	const reader = new SshReader(bytes.subarray(MAGIC.length));
	const cipher = reader.string().toString('latin1');
	const derivation = reader.string().toString('latin1');
	const options = new SshReader(reader.string());
	const salt = options.string();
	const rounds = options.uint32();
	const count = reader.uint32();
	reader.string(); // the public key, which the private section repeats
	const secret = reader.string();
	const isWhole = !reader.cut && count === 1 && (derivation === 'none' || !options.cut);
	return isWhole ? { cipher, derivation, salt, rounds, secret, tag: reader.rest() } : undefined;
}
