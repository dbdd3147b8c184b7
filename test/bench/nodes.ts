'use strict';
/** The nodes that are measured, as a workflow holds them. */

const BODY = '={{ JSON.stringify($json) }}';

/** @param {object} parameters  @param {object} [credentials] by type */
const dispatch = (parameters, credentials) => ({
	type: 'n8n-nodes-webhook-dispatch.webhookDispatch',
	typeVersion: 1,
	parameters,
	...(credentials && { credentials }),
});

/** As a user sets it up to send the item: JSON body by an expression. */
const httpRequest = (url, more = {}, credentials) => ({
	type: 'n8n-nodes-base.httpRequest',
	typeVersion: 4.5,
	parameters: {
		method: 'POST',
		url,
		sendBody: true,
		contentType: 'json',
		specifyBody: 'json',
		jsonBody: BODY,
		options: {},
		...more,
	},
	...(credentials && { credentials }),
});

const reference = (parameters) => ({ type: 'CUSTOM.benchReference', typeVersion: 1, parameters });

/** Sends the item as the body, which takes no expression. */
const sendsItem = (url) => dispatch({ url });

/** Takes its body from an expression, as HTTP Request must. */
const sendsExpression = (url) => dispatch({ url, body: 'json', jsonBody: BODY });

const evaluates = () => reference({ work: 'expressions', text: BODY });

const barePool = (url) => reference({ work: 'pool', url });

/**
 * The credentials of both sides: n8n's own types, and this package's with the same content.
 * @param {import('../../demo/testing').RestClient} client
 * @param {{ tokenUrl: string, secrets: import('../../demo/testing').Secrets }} authorizationServer
 * @returns {Promise<Record<'basic' | 'oAuth2', { ours: object, theirs: object }>>} as nodes refer to them
 */
async function createCredentials(client, { tokenUrl, secrets }) {
	const create = async (type, data) => {
		const { id, name } = await client.credentials.create({ name: `bench ${type}`, type, data });
		return { [type]: { id, name } };
	};
	const login = { user: 'bench', password: 'a password of the benchmark' };
	const { clientId, clientSecret } = secrets.automation;
	const oAuth2 = { accessTokenUrl: tokenUrl, clientId, clientSecret, scope: 'tickets:write' };
	return {
		basic: { ours: await create('webhookDispatchBasicApi', login), theirs: await create('httpBasicAuth', login) },
		oAuth2: {
			ours: await create('webhookDispatchClientCredentialsOAuth2Api', oAuth2),
			theirs: await create('oAuth2Api', { ...oAuth2, grantType: 'clientCredentials', authentication: 'header' }),
		},
	};
}

/** How each side refers to its credential. */
const withBasic = ({ basic }) => ({
	ours: [{ authentication: 'basic' }, basic.ours],
	theirs: [{ authentication: 'genericCredentialType', genericAuthType: 'httpBasicAuth' }, basic.theirs],
});
const withOAuth2 = ({ oAuth2 }) => ({
	ours: [{ authentication: 'oAuth2', grantType: 'clientCredentials' }, oAuth2.ours],
	theirs: [{ authentication: 'genericCredentialType', genericAuthType: 'oAuth2Api' }, oAuth2.theirs],
});
const withNothing = () => ({ ours: [{}, undefined], theirs: [{}, undefined] });

module.exports = {
	BODY,
	barePool,
	createCredentials,
	dispatch,
	evaluates,
	httpRequest,
	sendsExpression,
	sendsItem,
	withBasic,
	withNothing,
	withOAuth2,
};
