import type { CertificateParameters } from '../../keys/certificate';
import { fail, ok, type Fault, type Result } from '../../result/result';
import { quoted } from '../../text/quoted';
import type { JwtCredential } from '../credential/oAuth2Credential';

/** The header of a client assertion: the named parameters, and claims that `crit` made part of it. */
export type ClientAssertionHeader = { alg: string; typ?: string; kid?: string; cty?: string; crit?: string[] } & Record<
	string,
	unknown
>;

/** Header parameters that RFC 7515 §4.1 itself defines; §4.1.11 forbids their names in `crit`. */
const definedByJws = ['alg', 'jku', 'jwk', 'kid', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'typ', 'cty', 'crit'];

/** An extension that RFC 7797 §7 keeps out of every JWT. */
const notInJwt = ['b64'];

/**
 * Builds the header. What is not set is absent. `crit` may name claims of the payload only: they are then
 * replicated in the header (RFC 7519 §5.3), since a name that is not in the header makes `crit` illegal.
 */
export function clientAssertionHeader(
	settings: Pick<JwtCredential, 'algorithm' | 'headerType' | 'keyId' | 'contentType' | 'critical'>,
	certificate: CertificateParameters,
	payload: Readonly<Record<string, unknown>>,
): Result<ClientAssertionHeader> {
	const critical = settings.critical.map((name) => name.trim()).filter((name) => name !== '');
	const fault = criticalFault(critical, payload);
	if (fault) return fail(fault);
	const typ = settings.headerType.trim();
	const kid = settings.keyId.trim();
	const cty = settings.contentType.trim();
	return ok({
		alg: settings.algorithm,
		...(typ && { typ }),
		...(kid && { kid }),
		...(cty && { cty }),
		...certificate,
		...(critical.length > 0 && { crit: critical }),
		// fromEntries defines members, so that a claim named __proto__ is one like any other.
		...Object.fromEntries(critical.map((name) => [name, payload[name]])),
	});
}

function criticalFault(critical: string[], payload: Readonly<Record<string, unknown>>): Fault | undefined {
	const standard = critical.find((name) => definedByJws.includes(name));
	if (standard !== undefined) {
		return {
			message: `Critical names ${quoted(standard)}, which every server knows`,
			description:
				'It lists extensions only (RFC 7515 §4.1.11). Leave it empty unless the server asks for it: most refuse it.',
		};
	}
	const twice = critical.find((name, index) => critical.indexOf(name) !== index);
	if (twice !== undefined) {
		return {
			message: `Critical names ${quoted(twice)} twice`,
			description: 'Name each extension once (RFC 7515 §4.1.11).',
		};
	}
	const missing = critical.find((name) => notInJwt.includes(name) || !Object.hasOwn(payload, name));
	if (missing !== undefined) {
		return {
			message: `Critical names ${quoted(missing)}, which is not part of the assertion`,
			description:
				'It takes names of claims of this assertion, which are then also in the header (RFC 7519 §5.3): "exp", ' +
				'"aud", or one of Additional Claims. Leave it empty unless the server asks for it: most refuse it.',
		};
	}
	return undefined;
}
