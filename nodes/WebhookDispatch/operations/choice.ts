import type { IExecuteFunctions } from 'n8n-workflow';

import { invalidRequest, type RequestFault } from '../../../lib/result/requestFault';
import { ok, type Result } from '../../../lib/result/result';
import { SCHEMES, type Scheme } from '../../../lib/signature/scheme';
import { oAuth2CredentialTypes, type GrantType } from '../../../lib/oauth2/credential/oAuth2Credential';

/** A field that decides under which identity a run sends: its name in the form, and its values as the form calls them. */
interface Choice<T extends string> {
	name: string;
	label: string;
	values: Record<T, string>;
	fallback: T;
}

type Authentication = 'none' | 'basic' | 'oAuth2' | 'n8nCredential';
type Signing = 'none' | Scheme;

const AUTHENTICATION: Choice<Authentication> = {
	name: 'authentication',
	label: 'Authentication',
	values: { none: 'None', basic: 'Basic', oAuth2: 'OAuth 2.0', n8nCredential: 'n8n Credential' },
	fallback: 'none',
};

const GRANT_TYPE: Choice<GrantType> = {
	name: 'grantType',
	label: 'Grant Type',
	values: {
		password: 'Password Credentials',
		clientCredentials: 'Client Credentials',
		clientCredentialsJwt: 'Client Credentials with JWT',
	},
	fallback: 'clientCredentials',
};

/** n8n's own credential types that can be used, with the names that n8n gives them. */
const N8N_CREDENTIAL_TYPES = {
	httpBasicAuth: 'Basic Auth',
	httpBearerAuth: 'Bearer Auth',
	httpCustomAuth: 'Custom Auth',
	httpHeaderAuth: 'Header Auth',
	oAuth2Api: 'OAuth2 API',
	httpQueryAuth: 'Query Auth',
	zendeskApi: 'Zendesk API',
	zendeskOAuth2Api: 'Zendesk OAuth2 API',
} as const;

export type N8nCredentialType = keyof typeof N8N_CREDENTIAL_TYPES;

const N8N_CREDENTIAL_TYPE: Choice<N8nCredentialType> = {
	name: 'n8nCredentialType',
	label: 'Credential Type',
	values: N8N_CREDENTIAL_TYPES,
	fallback: 'httpHeaderAuth',
};

const SIGNING: Choice<Signing> = {
	name: 'signing',
	label: 'Signing',
	values: { none: 'None', ...SCHEMES },
	fallback: 'none',
};

/** How a run authenticates: the credential type, undefined for none. */
export interface Identity {
	authentication: Authentication;
	credentialType?: string;
	/** When the credential is of a type of n8n's own. */
	n8nCredential?: { type: N8nCredentialType; label: string };
	signing: Signing;
}

/**
 * Reads who a run sends as. These fields take no expression: one that arrives anyway (by an import, or n8n's API), and
 * every value that is not on the list, is refused. Otherwise a delivery could go out unauthenticated, unsigned, or with
 * somebody else's token.
 */
export function readIdentity(context: IExecuteFunctions): Result<Identity, RequestFault> {
	const authentication = readChoice(context, AUTHENTICATION);
	if (!authentication.ok) return authentication;
	const signing = readChoice(context, SIGNING);
	if (!signing.ok) return signing;
	const chosen = { authentication: authentication.value, signing: signing.value };
	if (chosen.authentication === 'none') return ok(chosen);
	if (chosen.authentication === 'basic') return ok({ ...chosen, credentialType: 'webhookDispatchBasicApi' });
	if (chosen.authentication === 'n8nCredential') {
		const type = readChoice(context, N8N_CREDENTIAL_TYPE);
		if (!type.ok) return type;
		const n8nCredential = { type: type.value, label: N8N_CREDENTIAL_TYPES[type.value] };
		return ok({ ...chosen, credentialType: type.value, n8nCredential });
	}
	const credentialType = readGrantCredentialType(context);
	return credentialType.ok ? ok({ ...chosen, credentialType: credentialType.value }) : credentialType;
}

/** The credential type of the Grant Type that was selected, with the same refusals. */
export function readGrantCredentialType(context: IExecuteFunctions): Result<string, RequestFault> {
	const grantType = readChoice(context, GRANT_TYPE);
	return grantType.ok ? ok(oAuth2CredentialTypes[grantType.value]) : grantType;
}

function readChoice<T extends string>(
	context: IExecuteFunctions,
	{ name, label, values, fallback }: Choice<T>,
): Result<T, RequestFault> {
	// As it is stored: what an expression would give for some item does not matter.
	const { parameters } = context.getNode();
	const given: unknown = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
	if (given === undefined) return ok(fallback);
	if (typeof given === 'string' && Object.hasOwn(values, given)) return ok(given as T);
	const names = Object.values<string>(values);
	return invalidRequest(
		// n8n takes the equals sign off a field that takes no expression.
		typeof given === 'string' && /^=|\{\{/.test(given)
			? `${label} is set by an expression`
			: `${label} has a value that does not exist`,
		`Select ${names.slice(0, -1).join(', ')} or ${names.at(-1)} in the node. To switch between them by item, use an If node and two Webhook Dispatch nodes.`,
	);
}
