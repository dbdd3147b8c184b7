import type { World } from '../world';
import { clientAssertion } from './clientAssertion';
import { withDemonstration } from './demonstration';
import { firstDelivery } from './firstDelivery';
import { ratingToTicket } from './ratingToTicket';
import { whyOneFailed } from './whyOneFailed';

/** What a new user who knows n8n does, with every interaction counted. CONTRIBUTING.md has the counts. */
export function walks(world: World): void {
	const demonstration = withDemonstration(world);
	firstDelivery(world, demonstration);
	whyOneFailed(world);
	ratingToTicket(world, demonstration);
	clientAssertion(world, demonstration);
}
