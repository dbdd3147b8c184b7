import type { BodyBytes } from '../http/content';
import type { HeaderFields } from '../http/headers';

/** What a delivery sends; the same in every attempt but for authorization and signature. */
export interface DeliveryRequest extends HeaderFields {
	method: string;
	url: URL;
	body?: BodyBytes;
	/** The header that carries the delivery's ID, where one does. */
	identityHeader?: string;
}
