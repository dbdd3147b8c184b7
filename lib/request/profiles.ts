import type { IDataObject } from 'n8n-workflow';

/** `lower`: identity, email … as in the reference's profile payload; `reference`: Identity, Email … as in its test payload. */
export type KeyStyle = 'lower' | 'reference';

/** The reference's recipient fields, in the order of its payload. */
const PROFILE_KEYS = [
	'identity',
	'email',
	'phone',
	'name',
	'objectId',
	'all_identities',
	'push_token',
	'key_values',
	'profileData',
	'systemProfileData',
	'event_properties',
	'session_props',
	// Of a webhook as an action after a push: title, body and kvs of the message (mission row C3).
	'payload',
] as const;

/** The reference's names in `systemProfileData` (mission row C4), as its sample payload spells them. */
const SYSTEM_KEYS = [
	'webPushSubscription',
	'mobilePushSubscription',
	'emailSubscription',
	'smsSubscription',
	'whatsappSubscription',
	'timezone',
	'country',
	'region',
	'city',
	'latitude',
	'longitude',
	'age',
] as const;

/** Those that the reference's own samples write with a capital letter. */
const CAPITALISED = new Set<string>(['identity', 'email', 'phone', 'name']);

/** The name that is meant by one in any letter case. */
const byLowerCase = (keys: readonly string[]) => new Map(keys.map((key) => [key.toLowerCase(), key]));

const PROFILE_KEY = byLowerCase(PROFILE_KEYS);
const SYSTEM_KEY = byLowerCase(SYSTEM_KEYS);

/** In the reference's spelling, unless an item has the same name in two spellings: then nothing is lost. */
function systemProfileDataOf(value: unknown): unknown {
	if (!isPlainObject(value)) return value;
	const spellings = new Map<string, number>();
	const lower = (key: string) => key.toLowerCase();
	for (const key of Object.keys(value)) spellings.set(lower(key), (spellings.get(lower(key)) ?? 0) + 1);
	return Object.fromEntries(
		Object.entries(value).map(([key, inner]) => [
			spellings.get(lower(key)) === 1 ? (SYSTEM_KEY.get(lower(key)) ?? key) : key,
			inner,
		]),
	);
}

/**
 * One recipient of the profile payload, made from an input item (mission row W3).
 * Known keys are recognized in any letter case; everything else travels in `profileData`, so nothing is lost.
 *
 * @param json the item's fields
 * @param keyStyle how the recipient's main keys are written
 */
export function profileOf(json: IDataObject, keyStyle: KeyStyle): IDataObject {
	const known = new Map<string, unknown>();
	const others: Array<[string, unknown]> = [];
	for (const [key, value] of Object.entries(json)) {
		const canonical = PROFILE_KEY.get(key.toLowerCase());
		if (canonical !== undefined && !known.has(canonical)) known.set(canonical, value);
		else others.push([key, value]);
	}
	if (known.has('systemProfileData')) {
		known.set('systemProfileData', systemProfileDataOf(known.get('systemProfileData')));
	}
	if (others.length > 0) {
		const given = known.get('profileData');
		const base = isPlainObject(given) ? Object.entries(given) : [];
		if (given !== undefined && !isPlainObject(given)) others.push(['profileData', given]);
		known.set('profileData', Object.fromEntries([...others, ...base]));
	}
	const profile: IDataObject = {};
	for (const key of PROFILE_KEYS) {
		const value = known.get(key);
		if (value === undefined) continue;
		const name = keyStyle === 'reference' && CAPITALISED.has(key) ? capitalise(key) : key;
		profile[name] = withDates(value) as IDataObject;
	}
	return profile;
}

/**
 * The profile payload: `targetId`, `key_values`, `profiles`, in this order (mission row W3).
 *
 * @param profiles one object for a single recipient, an array for a broadcast
 */
export function profilePayload(
	targetId: unknown,
	keyValues: IDataObject,
	profiles: IDataObject | IDataObject[],
): IDataObject {
	return { targetId: asNumber(targetId) as number, key_values: withDates(keyValues) as IDataObject, profiles };
}

/** The payload of Send Test, key for key and in this order (mission row W4). */
export function testPayload(): IDataObject {
	return {
		is_test: true,
		targetId: 1234,
		key_values: { key: 'value' },
		profiles: Array.from({ length: 5 }, () => ({
			Identity: 'UserId',
			Email: 'User@user.com',
			push_token: 'Token',
		})),
	};
}

/** A full ISO 8601 date-time with its zone, as n8n's dates become in JSON. */
const ISO_DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

/** Dates inside a payload travel as `$D_<epoch seconds>` (mission row W3). */
function withDates(value: unknown): unknown {
	if (typeof value === 'string') return ISO_DATE_TIME.test(value) ? asDate(Date.parse(value), value) : value;
	if (value instanceof Date) return asDate(value.getTime(), null);
	if (Array.isArray(value)) return value.map(withDates);
	if (isLuxonDateTime(value)) return asDate(value.toMillis(), null);
	if (isPlainObject(value)) {
		return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withDates(inner)]));
	}
	return value;
}

const asDate = (milliseconds: number, otherwise: unknown) =>
	Number.isFinite(milliseconds) ? `$D_${Math.floor(milliseconds / 1000)}` : otherwise;

/** Expressions such as `{{ $now }}` give luxon's DateTime. */
const isLuxonDateTime = (value: unknown): value is { toMillis(): number } =>
	typeof value === 'object' && value !== null && typeof (value as { toMillis?: unknown }).toMillis === 'function';

const isPlainObject = (value: unknown): value is IDataObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

const capitalise = (key: string) => key.charAt(0).toUpperCase() + key.slice(1);

/** The campaign's number stays a number when it was typed as text; other text is left as it is. */
function asNumber(value: unknown): unknown {
	if (typeof value === 'string' && /^-?\d{1,15}$/.test(value.trim())) return Number(value);
	return value === '' ? undefined : value;
}
