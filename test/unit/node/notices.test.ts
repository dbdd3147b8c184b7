import { properties } from '../../../nodes/WebhookDispatch/operations/resources';

/** n8n 2.40.7's editor drops every other tag of a notice, and the text of two lines runs into one. */
const SHOWN = ['a', 'li', 'ul'];

const notices = properties.filter(({ type }) => type === 'notice');

it('there are notices', () => expect(notices.length).toBeGreaterThan(2));

it.each(notices.map(({ name, displayName }) => [name, displayName]))('%s has only tags that are shown', (_, html) => {
	const tags = Array.from(html.matchAll(/<\/?(\w+)/g), ([, tag]) => tag);
	expect(tags.filter((tag) => !SHOWN.includes(tag ?? ''))).toEqual([]);
});
