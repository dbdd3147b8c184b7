import type { INodeProperties } from 'n8n-workflow';

/**
 * Where token requests go: a URL, or an issuer whose metadata says it.
 *
 * @param more when both may be empty
 */
export const tokenEndpointFields = (more = ''): INodeProperties[] => [
	{
		displayName: 'Access Token URL',
		name: 'accessTokenUrl',
		// Not marked as required: with the mark, n8n's editor does not test a form that has Issuer URL instead.
		type: 'string',
		default: '',
		placeholder: 'e.g. https://login.example.com/oauth/token',
		description: `The token endpoint of the authorization server. Redirects are not followed. Leave it empty to use the one in the metadata of Issuer URL.${more}`,
	},
	{
		displayName: 'Issuer URL',
		name: 'issuerUrl',
		type: 'string',
		default: '',
		placeholder: 'e.g. https://login.example.com',
		description:
			'For servers that publish metadata (RFC 8414 or OpenID Connect Discovery). Replaces Access Token URL when that is empty. The test compares this credential with what the server supports.',
	},
];
