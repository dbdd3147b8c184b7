import { NodeConnectionTypes, type IDataObject, type IExecuteFunctions, type INodeType } from 'n8n-workflow';

/** Sends each item by one of n8n's helpers, all at the same time as HTTP Request does. */
const requester = (
	credentialType: string,
	send: (this: IExecuteFunctions, item: IDataObject, index: number) => Promise<unknown>,
): INodeType => ({
	description: {
		displayName: 'Requester',
		name: 'requester',
		group: ['output'],
		version: 1,
		description: 'Requester',
		defaults: { name: 'Requester' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: credentialType, required: true }],
		properties: [],
	},
	async execute(this: IExecuteFunctions) {
		await Promise.all(this.getInputData().map(async ({ json }, index) => await send.call(this, json, index)));
		return [this.getInputData()];
	},
});

/**
 * Nodes that POST each item with a credential, over both helpers of n8n: `requestWithAuthentication`, which n8n's HTTP
 * Request node has, and `httpRequestWithAuthentication`.
 *
 * @param urlOf where an item goes
 */
export const requesters = (credentialType: string, urlOf: (item: IDataObject) => string) => ({
	requestWithAuthentication: requester(credentialType, async function (item, index) {
		const options = { uri: urlOf(item), method: 'POST' as const, json: true };
		await this.helpers.requestWithAuthentication.call(this, credentialType, options, undefined, index);
	}),
	httpRequestWithAuthentication: requester(credentialType, async function (item) {
		const options = { url: urlOf(item), method: 'POST' as const };
		await this.helpers.httpRequestWithAuthentication.call(this, credentialType, options);
	}),
});
