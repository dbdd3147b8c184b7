/** The `error` of an item that was not delivered (mission row W6). Saved in people's workflows: never renamed. */
export const DISPATCH_FAILED = 'Webhook Dispatch Failed';

/** The same for an item whose URL is none. */
export const INVALID_URL = 'Invalid Webhook URL';
