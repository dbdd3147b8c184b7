import { fail, ok, type Result } from '../../result/result';
import { quoted } from '../../text/quoted';
import type { IncomingMessage, Verified, VerifyFault, VerifyRules } from '../scheme';
import { malformedHeader, missingHeader, noMatch, readTimestamp } from '../verifyFault';
import { ALGORITHMS, isAlgorithm, matchesBase } from './algorithms';
import { componentOfItem, shownComponent, type Component, type ComponentFault } from './components';
import { checkContentDigest } from './contentDigest';
import type { SignatureSettings, VerificationKey } from './settings';
import { signatureBase } from './signatureBase';
import { isInnerList, parseDictionary, type Dictionary, type InnerList, type Parameters } from './structuredFields';

/** More signatures than any sender makes: each costs a computation. */
const MAX_SIGNATURES = 8;

/** Which header or parameter of a signature a time comes from, as messages call it. */
const CREATED = 'created of Signature-Input';

/**
 * Verifies a request (RFC 9421 §3.2). One signature is enough that is genuine, covers all components of the credential, was
 * made within the tolerance, and whose Content-Digest is that of the body.
 */
export function verifyHttpMessage(
	message: IncomingMessage,
	rules: VerifyRules,
	settings: SignatureSettings,
	keys: readonly VerificationKey[],
): Result<Verified, VerifyFault> {
	const signatures = readSignatures(message);
	if (!signatures.ok) return signatures;
	const tagged = signatures.value.filter(({ input }) => settings.tag === '' || textOf(input, 'tag') === settings.tag);
	if (tagged.length === 0) {
		return fail({
			reason: 'NO_MATCH',
			message: `No signature has the tag ${quoted(settings.tag)}`,
			description: 'Check Tag in the signing credential, and what the sender signs.',
		});
	}
	let furthest: { fault: VerifyFault; step: number } | undefined;
	for (const signature of tagged) {
		const made = verifyOne(signature, { message, rules, settings, keys });
		if (made.ok) return made;
		if (furthest === undefined || made.fault.step > furthest.step) furthest = made.fault;
	}
	return fail(furthest!.fault);
}

/** One signature as it has come in. */
interface ReceivedSignature {
	readonly input: InnerList;
	readonly signature: Buffer;
}

function readSignatures({ headers }: IncomingMessage): Result<ReceivedSignature[], VerifyFault> {
	const dictionaries: Dictionary[] = [];
	for (const name of ['Signature-Input', 'Signature']) {
		const value = headers[name.toLowerCase()] ?? '';
		if (value.trim() === '') return missingHeader(name);
		const dictionary = parseDictionary(value);
		if (dictionary === undefined || dictionary.size > MAX_SIGNATURES) {
			return malformedHeader(name, `It is a dictionary of up to ${MAX_SIGNATURES} signatures (RFC 9421 §4).`);
		}
		dictionaries.push(dictionary);
	}
	const [inputs, values] = dictionaries as [Dictionary, Dictionary];
	const signatures: ReceivedSignature[] = [];
	for (const [label, input] of inputs) {
		const value = values.get(label);
		if (value === undefined) continue;
		if (!isInnerList(input)) return malformedHeader('Signature-Input', 'Each signature is a list in brackets.');
		if (isInnerList(value) || value.item.type !== 'bytes') {
			return malformedHeader('Signature', 'Each signature is Base64 between colons.');
		}
		signatures.push({ input, signature: value.item.value });
	}
	return signatures.length > 0
		? ok(signatures)
		: malformedHeader('Signature', 'It has no signature under a label of Signature-Input.');
}

interface Context {
	readonly message: IncomingMessage;
	readonly rules: VerifyRules;
	readonly settings: SignatureSettings;
	readonly keys: readonly VerificationKey[];
}

type Step = { readonly fault: VerifyFault; readonly step: number };

function verifyOne({ input, signature }: ReceivedSignature, context: Context): Result<Verified, Step> {
	const { message, settings, keys } = context;
	const at = (step: number) => (fault: VerifyFault) => fail<Step>({ fault, step });

	const algorithm = algorithmFault(input.parameters, settings);
	if (algorithm !== undefined) return at(0)(algorithm);
	const keyId = textOf(input, 'keyid');
	const named = keysNamed(keys, keyId);
	if (named.length === 0) return at(1)(unknownKey(keyId));
	const created = readTimes(input.parameters, context.rules);
	if (!created.ok) return at(2)(created.fault);
	const components = input.items.map(componentOfItem);
	if (!components.every((component) => component !== undefined)) {
		return at(3)(malformedHeader('Signature-Input', 'Its components are texts in double quotes.').fault);
	}
	const uncovered = uncoveredComponent(settings.components, components, message);
	if (uncovered !== undefined) return at(3)(notCovered(uncovered));
	const made = signatureBase(message, components, input.parameters);
	if (!made.ok) return at(4)(noBase(made.fault));
	if (!named.some(({ key }) => matchesBase(settings.algorithm, key, made.value.base, signature))) {
		return at(5)({
			...noMatch('Signature'),
			description:
				'The key differs from that of the sender, or what was signed is not what came in. Check URL and Method of this operation: behind a proxy, the URL is the one that the sender calls.',
		});
	}
	const digest = digestFault(components, message);
	return digest === undefined ? ok({ timestampSeconds: created.value }) : at(6)(digest);
}

/** The algorithm is the credential's; a signature that names another one is not taken (RFC 9421 §3.2, step 6.4). */
function algorithmFault(parameters: Parameters, { algorithm }: SignatureSettings): VerifyFault | undefined {
	const given = parameters.get('alg');
	if (given === undefined || given.value === algorithm) return undefined;
	const name = String(given.value);
	return {
		reason: 'NO_MATCH',
		message: `The signature says that it was made with ${isAlgorithm(name) ? ALGORITHMS[name].label : quoted(name)}`,
		description: `The signing credential is for ${ALGORITHMS[algorithm].label}. Check Algorithm there.`,
	};
}

/** The keys that a `keyid` may mean: those of that name, and those that nobody has named. */
function keysNamed(keys: readonly VerificationKey[], keyId: string | undefined): readonly VerificationKey[] {
	return keyId === undefined ? keys : keys.filter(({ ids }) => ids.length === 0 || ids.includes(keyId));
}

const unknownKey = (keyId: string | undefined): VerifyFault => ({
	reason: 'UNKNOWN_KEY',
	message: `The signature names a key that the signing credential does not have: ${quoted(keyId ?? '')}`,
	description: "Add the sender's public key to Public Keys of the signing credential, or correct its Key ID.",
});

/** `created` is required: without it a copy would be good for ever. `expires` is kept where it is there. */
function readTimes(parameters: Parameters, rules: VerifyRules): Result<number, VerifyFault> {
	const given = parameters.get('created');
	const created = readTimestamp(CREATED, given?.type === 'integer' ? String(given.value) : undefined, rules);
	if (!created.ok) {
		if (created.fault.reason !== 'MISSING_HEADER') return created;
		return malformedHeader('Signature-Input', 'Each signature says when it was made: created, in seconds since 1970.');
	}
	const expires = parameters.get('expires');
	if (expires === undefined) return created;
	if (expires.type !== 'integer') return malformedHeader('Signature-Input', 'expires is in seconds since 1970.');
	if (rules.nowSeconds <= expires.value) return created;
	return fail({
		reason: 'TOO_OLD',
		message: `The signature expired ${Math.round(rules.nowSeconds - expires.value)} seconds ago`,
		description: 'Check the clocks of both sides. It may be a copy of an older request.',
	});
}

/** What says the same, besides itself. */
const SAID_BY: Readonly<Record<string, ReadonlyArray<readonly string[]>>> = {
	'@target-uri': [
		['@authority', '@request-target'],
		['@authority', '@path', '@query'],
	],
	'@authority': [['@target-uri']],
	'@scheme': [['@target-uri']],
	'@request-target': [['@target-uri'], ['@path', '@query']],
	'@path': [['@target-uri'], ['@request-target']],
	'@query': [['@target-uri'], ['@request-target']],
	'@query-param': [['@target-uri'], ['@request-target'], ['@query']],
};

/** Fields of the body: an empty one needs none of them. */
const OF_THE_BODY = new Set(['content-digest', 'content-type', 'content-length', 'content-encoding']);

/** The first component of the credential that a signature leaves uncovered. */
function uncoveredComponent(
	required: readonly Component[],
	covered: readonly Component[],
	{ headers, body }: IncomingMessage,
): Component | undefined {
	const covers = (identifier: string) => covered.some((component) => component.identifier === identifier);
	return required.find(({ name, identifier }) => {
		if (covers(identifier)) return false;
		if (SAID_BY[name]?.some((names) => names.every((other) => covers(`"${other}"`)))) return false;
		if (!OF_THE_BODY.has(name) || body.length > 0) return true;
		return name !== 'content-digest' && Object.hasOwn(headers, name) && name !== 'content-length';
	});
}

const notCovered = (component: Component): VerifyFault => ({
	reason: 'NOT_COVERED',
	message: `The signature does not cover ${shownComponent(component)}`,
	description: `Have the sender sign it, or remove it from Covered Components of the signing credential.`,
});

function noBase({ component, why }: ComponentFault): VerifyFault {
	const shown = shownComponent(component);
	if (why === 'missing' && !component.name.startsWith('@')) return missingHeader(shown).fault;
	if (why === 'no address') {
		return {
			reason: 'MALFORMED',
			message: `The signature covers ${shown}, and the URL of the request is not known`,
			description: 'Fill in URL of this operation with the URL that the sender calls.',
		};
	}
	return {
		reason: 'MALFORMED',
		message: `The signature covers ${shown}, which cannot be read from the request`,
		description: 'Have the sender sign other components (RFC 9421 §2).',
	};
}

/** A digest that is covered is one of the body, or the body could be any. */
function digestFault(components: readonly Component[], { headers, body }: IncomingMessage): VerifyFault | undefined {
	if (!components.some(({ name }) => name === 'content-digest')) return undefined;
	switch (checkContentDigest(headers['content-digest'] ?? '', body)) {
		case 'matches':
			return undefined;
		case 'differs':
			return {
				...noMatch('Signature'),
				message: 'The body is not the one that Content-Digest was made of',
			};
		default:
			return malformedHeader('Content-Digest', 'It has sha-256 or sha-512 (RFC 9530).').fault;
	}
}

/** A text parameter of a signature. */
function textOf({ parameters }: InnerList, name: string): string | undefined {
	const given = parameters.get(name);
	return given?.type === 'string' ? given.value : undefined;
}
