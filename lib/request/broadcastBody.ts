import type { IDataObject } from 'n8n-workflow';

import type { RequestFault } from '../result/requestFault';
import { ok, type Result } from '../result/result';
import { inSlices } from '../time/slices';
import { jsonBody, type Body } from './body';
import { profileOf, profilePayload, type KeyStyle } from './profiles';

/** How a payload without profiles ends: they are its last key. */
const END = ']}';

/**
 * The profile payload of many recipients as JSON. Each is written by itself, in slices: in one go, 50,000 of them would hold
 * n8n's event loop for a third of a second.
 *
 * @param payloads the recipients' fields
 */
export async function broadcastBody(
	targetId: unknown,
	keyValues: IDataObject,
	payloads: readonly IDataObject[],
	keyStyle: KeyStyle,
): Promise<Result<Body, RequestFault>> {
	const frame = jsonBody(profilePayload(targetId, keyValues, []));
	if (!frame.ok) return frame;
	const profiles: string[] = [];
	let fault: Result<Body, RequestFault> | undefined;
	await inSlices(payloads, (payload) => {
		const profile = fault === undefined ? jsonBody(profileOf(payload, keyStyle)) : fault;
		if (profile.ok) profiles.push(profile.value.text);
		else fault = profile;
	});
	const { text, contentType } = frame.value;
	return fault ?? ok({ text: text.slice(0, -END.length) + profiles.join(',') + END, contentType });
}
