import { identityOf, type Content } from '../../../lib/http/content';
import { deliveryId } from '../../../lib/request/deliveryId';

const contentOf = (digest: string): Content => ({ length: 1, digest, open: async function* () {} });
const origin = { instanceId: 'a', execution: '1', nodeId: 'b', runIndex: 0, itemIndex: 0 };

it('a body is distinguished from others by its text, or by the hash of its bytes', () => {
	expect([identityOf(undefined), identityOf('text'), identityOf(contentOf('ab'))]).toEqual(['', 'text', 'sha256:ab']);
});

it('in one place, another file is another delivery, and the same file the same', () => {
	const [first, same, other] = ['ab', 'ab', 'cd'].map((digest) => deliveryId(origin, identityOf(contentOf(digest))));
	expect(same).toBe(first);
	expect(other).not.toBe(first);
});
