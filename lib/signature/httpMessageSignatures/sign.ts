import { randomBytes } from 'node:crypto';

import { headerField, mergedFields, type HeaderFields, type Headers } from '../../http/headers';
import { parseUrl } from '../../text/parseUrl';
import { ok, refused, type Result } from '../../result/result';
import type { OutgoingMessage } from '../scheme';
import { isStreamed, type SignedBody } from '../signedBody';
import { signBase } from './algorithms';
import { shownComponent, type ComponentFault } from './components';
import { contentDigest } from './contentDigest';
import type { SignatureSettings, SigningKeyOf } from './settings';
import { signatureBase } from './signatureBase';
import {
	bytes,
	integer,
	noParameters,
	serializeDictionary,
	text,
	type BareItem,
	type Parameters,
} from './structuredFields';

/** What only this file may set. */
const MADE_HERE = ['signature', 'signature-input'];

/** What describes a body, and is not there without one: then it is not covered either. */
const OF_THE_BODY = new Set(['content-type', 'content-length', 'content-encoding']);

/**
 * Signs a request (RFC 9421 §3.1): gives Signature-Input, Signature and, where it is covered, Content-Digest (RFC 9530). A
 * component that the request does not have is a fault, never left out; but for the fields that describe a body, where there
 * is none. A body that is a stream is read once for its digest.
 */
export async function signHttpMessage(
	{ method, url, headers, body, timestampSeconds }: OutgoingMessage,
	settings: SignatureSettings,
	{ key, keyId }: SigningKeyOf,
): Promise<Result<HeaderFields>> {
	const coversDigest = settings.components.some(({ name }) => name === 'content-digest');
	const own = [...MADE_HERE, ...(coversDigest ? ['content-digest'] : [])].find((name) => Object.hasOwn(headers, name));
	if (own !== undefined) {
		return refused(
			`The header ${NAMES[own]!} is set by the signature itself`,
			'Remove it from the header parameters, or select None under Signing.',
		);
	}
	const digest = coversDigest
		? headerField('Content-Digest', await contentDigest(body, settings.digest))
		: { headers: {} };
	const length = lengthOf(body);
	const fields: Headers = {
		...(length === undefined || length === 0 ? {} : { 'content-length': String(length) }),
		...headers,
		...digest.headers,
	};
	const components = settings.components.filter(
		({ name }) => !(length === 0 && OF_THE_BODY.has(name) && !Object.hasOwn(fields, name)),
	);
	const made = signatureBase(
		{ method, url: addressed(url, headers), headers: fields },
		components,
		signatureParameters(settings, keyId, timestampSeconds),
	);
	if (!made.ok) return notSignable(made.fault);
	const signature = await signBase(settings.algorithm, key, made.value.base);
	const value = serializeDictionary(new Map([[settings.label, { item: bytes(signature), parameters: noParameters }]]));
	return ok(
		mergedFields(
			digest,
			headerField('Signature-Input', `${settings.label}=${made.value.signatureParams}`),
			headerField('Signature', value),
		),
	);
}

const NAMES: Record<string, string> = {
	signature: 'Signature',
	'signature-input': 'Signature-Input',
	'content-digest': 'Content-Digest',
};

/** Bytes of a body; undefined where only reading it shows. */
function lengthOf(body: SignedBody): number | undefined {
	if (!isStreamed(body)) return Buffer.byteLength(body);
	const { length } = body as { length?: unknown };
	return typeof length === 'number' ? length : undefined;
}

/** RFC 9421 §2.3. */
function signatureParameters(
	{ algorithm, expiresIn, includesAlgorithm, includesNonce, tag }: SignatureSettings,
	keyId: string,
	created: number,
): Parameters {
	const parameters = new Map<string, BareItem>([['created', integer(created)]]);
	if (expiresIn > 0) parameters.set('expires', integer(created + expiresIn));
	if (keyId !== '') parameters.set('keyid', text(keyId));
	if (includesAlgorithm) parameters.set('alg', text(algorithm));
	if (includesNonce) parameters.set('nonce', text(randomBytes(16).toString('base64url')));
	if (tag !== '') parameters.set('tag', text(tag));
	return parameters;
}

/** The target URI as the receiver puts it together (RFC 9110 §7.1): a Host header that was set by hand is the authority. */
function addressed(url: URL, { host }: Headers): URL {
	return host === undefined ? url : (parseUrl(`${url.protocol}//${host}${url.pathname}${url.search}`) ?? url);
}

function notSignable({ component, why }: ComponentFault): Result<never> {
	const shown = shownComponent(component);
	const covered = 'Covered Components of the signing credential';
	switch (why) {
		case 'several values':
			return refused(
				`The query parameter of ${shown} occurs more than once, so it cannot be signed`,
				`Use @query in ${covered}.`,
			);
		case 'not ASCII':
			return refused(
				`The value of ${shown} has characters beyond ASCII, so it cannot be signed`,
				`Encode the value, e.g. with encodeURIComponent(), or remove ${shown} from ${covered}.`,
			);
		case 'malformed':
			return refused(
				`The value of ${shown} is not a structured field, so it cannot be signed`,
				`Check the value of the header, or ${covered}.`,
			);
		default:
			return refused(
				`The request has no ${shown}, which is to be signed`,
				`Add it to the request, or remove it from ${covered}.`,
			);
	}
}
