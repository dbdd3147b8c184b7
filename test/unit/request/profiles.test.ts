import type { IDataObject } from 'n8n-workflow';
import { profileOf, profilePayload, testPayload } from '../../../lib/request/profiles';

const lower = (json: IDataObject) => JSON.stringify(profileOf(json, 'lower'));
const reference = (json: IDataObject) => JSON.stringify(profileOf(json, 'reference'));

/** All fields of the reference's payload, in another order than it has. */
const whole: IDataObject = {
	session_props: { lat: 1.5 },
	event_properties: { stars: 2 },
	systemProfileData: { os: 'iOS' },
	profileData: { plan: 'gold' },
	key_values: { k: 'v' },
	push_token: 'Token',
	all_identities: ['a', 'b'],
	objectId: '__o',
	name: 'Ada',
	phone: '+4930',
	email: 'ada@example.com',
	identity: 'UserId',
};

describe('the test payload', () => {
	it('is the reference’s, to the byte', () => {
		const profile = '{"Identity":"UserId","Email":"User@user.com","push_token":"Token"}';
		expect(JSON.stringify(testPayload())).toBe(
			`{"is_test":true,"targetId":1234,"key_values":{"key":"value"},"profiles":[${Array(5).fill(profile).join(',')}]}`,
		);
	});
});

describe('a profile', () => {
	it('has the reference’s fields in its order, in lower case', () => {
		expect(lower(whole)).toBe(
			'{"identity":"UserId","email":"ada@example.com","phone":"+4930","name":"Ada","objectId":"__o",' +
				'"all_identities":["a","b"],"push_token":"Token","key_values":{"k":"v"},"profileData":{"plan":"gold"},' +
				'"systemProfileData":{"os":"iOS"},"event_properties":{"stars":2},"session_props":{"lat":1.5}}',
		);
	});

	it('or with capital letters, as in the test payload', () => {
		expect(reference(whole)).toBe(
			'{"Identity":"UserId","Email":"ada@example.com","Phone":"+4930","Name":"Ada","objectId":"__o",' +
				'"all_identities":["a","b"],"push_token":"Token","key_values":{"k":"v"},"profileData":{"plan":"gold"},' +
				'"systemProfileData":{"os":"iOS"},"event_properties":{"stars":2},"session_props":{"lat":1.5}}',
		);
	});

	it('is found in any letter case', () => {
		expect(lower({ IDENTITY: 'a', EMail: 'b', OBJECTID: 'c', Push_Token: 'd', PROFILEDATA: { x: 1 } })).toBe(
			'{"identity":"a","email":"b","objectId":"c","push_token":"d","profileData":{"x":1}}',
		);
	});

	it('keeps what it does not know in profileData, in order, beside what was there', () => {
		expect(lower({ zip: 10115, identity: 'a', profileData: { plan: 'gold' }, city: 'Berlin' })).toBe(
			'{"identity":"a","profileData":{"zip":10115,"city":"Berlin","plan":"gold"}}',
		);
	});

	it('loses nothing when a field comes twice or profileData is no object', () => {
		expect(lower({ Email: 'first', email: 'second' })).toBe('{"email":"first","profileData":{"email":"second"}}');
		expect(lower({ profileData: 'text', city: 'Berlin' })).toBe(
			'{"profileData":{"city":"Berlin","profileData":"text"}}',
		);
		expect(lower({ profileData: 'text' })).toBe('{"profileData":"text"}');
		expect(lower({ profileData: null, city: 'Berlin' })).toBe('{"profileData":{"city":"Berlin","profileData":null}}');
	});

	it('keeps null and empty values, and leaves out what is not there', () => {
		expect(lower({ email: null, phone: '', name: undefined, all_identities: [] })).toBe(
			'{"email":null,"phone":"","all_identities":[]}',
		);
	});

	it('of an empty item is empty', () => {
		expect(lower({})).toBe('{}');
	});

	it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('keeps a field named %s', (name) => {
		const json = JSON.parse(`{"identity":"a","${name}":{"admin":true}}`) as IDataObject;
		expect(lower(json)).toBe(`{"identity":"a","profileData":{"${name}":{"admin":true}}}`);
		const nested = JSON.parse(`{"profileData":{"${name}":1}}`) as IDataObject;
		expect(lower(nested)).toBe(`{"profileData":{"${name}":1}}`);
		expect(({} as { admin?: boolean }).admin).toBeUndefined();
	});

	it('takes long names, emoji and lone surrogates', () => {
		const long = 'ä'.repeat(2048);
		expect(lower({ [long]: '🎉', x: '\ud800' })).toBe(`{"profileData":{"${long}":"🎉","x":"\\ud800"}}`);
	});
});

describe('the reference’s own names', () => {
	/** Row C4, as its sample payload spells and orders them. */
	const system = {
		webPushSubscription: 'Unsubscribed',
		mobilePushSubscription: 'Unsubscribed',
		emailSubscription: 'Subscribed',
		smsSubscription: 'Subscribed',
		whatsappSubscription: 'Subscribed',
		timezone: 'Eastern Standard Time',
		country: 'Unknown',
		region: 'Unknown',
		city: 'Unknown',
		latitude: 19.16670036315918,
		longitude: 72.84851837158203,
		age: '2 years 1 months',
	};

	it.each(['lower', 'reference'] as const)('in systemProfileData, with Key Style %s', (style) => {
		const upper = Object.fromEntries(Object.entries(system).map(([key, value]) => [key.toUpperCase(), value]));
		for (const given of [system, upper]) {
			expect(JSON.stringify(profileOf({ SystemProfileData: given }, style))).toBe(
				JSON.stringify({ systemProfileData: system }),
			);
		}
	});

	it('but nothing is lost there: other fields, two spellings of a name, what is no object', () => {
		expect(lower({ systemProfileData: { os: 'iOS', Timezone: 'a', timezone: 'b', City: 'c' } })).toBe(
			'{"systemProfileData":{"os":"iOS","Timezone":"a","timezone":"b","city":"c"}}',
		);
		expect(lower({ systemProfileData: 'text' })).toBe('{"systemProfileData":"text"}');
		expect(lower({ systemProfileData: null })).toBe('{"systemProfileData":null}');
	});

	/** Row C3: a webhook as an action after a push. */
	it.each(['lower', 'reference'] as const)('payload is a main key, with Key Style %s', (style) => {
		const payload = { title: 'Sale', body: 'Today', kvs: { deeplink: 'app://sale' } };
		const item = { identity: 'foo', all_identities: ['foo'], objectId: '__o', payload };
		const identity = style === 'lower' ? 'identity' : 'Identity';
		expect(profileOf(item, style)).toEqual({ [identity]: 'foo', all_identities: ['foo'], objectId: '__o', payload });
		expect(profileOf({ PAYLOAD: payload, plan: 'gold' }, style)).toEqual({ profileData: { plan: 'gold' }, payload });
	});
});

describe('dates travel as $D_<epoch seconds>', () => {
	const date = (value: unknown) =>
		(profileOf({ event_properties: { at: value } as never }, 'lower').event_properties as IDataObject).at;

	it.each([
		['1970-01-01T00:00:00.000Z', '$D_0'],
		['2026-11-20T12:00:00Z', '$D_1795176000'],
		['2026-11-20T12:00:00.999Z', '$D_1795176000'],
		['2026-11-20T13:00:00+01:00', '$D_1795176000'],
		['2026-11-20T13:00+0100', '$D_1795176000'],
		['1969-12-31T23:59:59.500Z', '$D_-1'],
	])('%s is %s', (text, expected) => {
		expect(date(text)).toBe(expected);
		expect(date(new Date(text))).toBe(expected);
	});

	it('as luxon’s DateTime has them', () => {
		expect(date({ toMillis: () => 1_795_176_000_999 })).toBe('$D_1795176000');
	});

	it('at any depth', () => {
		expect(lower({ profileData: { a: [{ b: '1970-01-01T00:00:01Z' }] } })).toBe('{"profileData":{"a":[{"b":"$D_1"}]}}');
	});

	it.each([
		'2026-11-20',
		'2026-11-20T12:00:00',
		'12:00:00Z',
		'2026-11-20 12:00:00Z',
		'2026-13-45T99:00:00Z',
		' 2026-11-20T12:00:00Z',
		'on 2026-11-20T12:00:00Z',
		'$D_5',
		'1795176000',
		'',
	])('%p is no date, and stays as it is', (text) => {
		expect(date(text)).toBe(text);
	});

	it('no date at all is null', () => {
		expect(date(new Date(NaN))).toBeNull();
		expect(date({ toMillis: () => NaN })).toBeNull();
	});
});

describe('the profile payload', () => {
	const keyValues = { season: 'winter', until: '1970-01-01T00:01:00Z' };

	it('is targetId, key_values, profiles, to the byte: one object for a single recipient', () => {
		expect(JSON.stringify(profilePayload('1234', keyValues, { identity: 'a' }))).toBe(
			'{"targetId":1234,"key_values":{"season":"winter","until":"$D_60"},"profiles":{"identity":"a"}}',
		);
	});

	it('an array for a broadcast, even of one', () => {
		expect(JSON.stringify(profilePayload(5, {}, [{ identity: 'a' }]))).toBe(
			'{"targetId":5,"key_values":{},"profiles":[{"identity":"a"}]}',
		);
	});

	it.each([
		['1234', '1234'],
		[' 12 ', '12'],
		['-1', '-1'],
		[7, '7'],
		['campaign-7', '"campaign-7"'],
		['1234567890123456789', '"1234567890123456789"'],
		['1.5', '"1.5"'],
		['0x10', '"0x10"'],
		[NaN, 'null'],
		[null, 'null'],
	])('the target ID %p is written %s', (targetId, text) => {
		expect(JSON.stringify(profilePayload(targetId, {}, {}))).toBe(`{"targetId":${text},"key_values":{},"profiles":{}}`);
	});

	it.each(['', undefined])('without a target ID (%p) there is none', (targetId) => {
		expect(JSON.stringify(profilePayload(targetId, {}, {}))).toBe('{"key_values":{},"profiles":{}}');
	});
});
