import type {
	ICredentialDataDecryptedObject,
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { besideMetadata } from './besideMetadata';
import { credentialTestExchange, credentialTestTransport } from './tokenTransports';
import { messageSignatureTest } from './messageSignatureTest';
import { signatureSampleTest } from './signatureSampleTest';
import { basicHeader } from '../../lib/http/basicHeader';
import { textField } from '../../lib/oauth2/credential/credentialFields';
import {
	type GrantType,
	type OAuth2Credential,
	oAuth2CredentialTypes,
} from '../../lib/oauth2/credential/oAuth2Credential';
import { readOAuth2Credential } from '../../lib/oauth2/credential/readOAuth2Credential';
import { obtainToken } from '../../lib/oauth2/token/requestToken';
import { checkTokenUrl, endpointLabel } from '../../lib/oauth2/credential/tokenUrl';
import { schemeOf } from '../../lib/signature/readSigning';

type TestedCredential = ICredentialsDecrypted<ICredentialDataDecryptedObject>;

const passed = (message: string): INodeCredentialTestResult => ({ status: 'OK', message });

/** n8n shows one text: what happened, and how to get on. */
const notPassed = (message: string, description: string): INodeCredentialTestResult => ({
	status: 'Error',
	message: `${message}. ${description}`,
});

/** Some of them end in a full stop already. */
const inSentences = (first: string, ...others: string[]): string =>
	[first, ...others].map((sentence) => sentence.replace(/\.$/, '')).join('. ');

const GRANTED: Record<GrantType, string> = {
	password: 'The server accepted client, username and password',
	clientCredentials: 'The server accepted client ID and secret',
	clientCredentialsJwt: 'The server accepted the signed JWT',
};

/** What the server has accepted. */
function granted(credential: OAuth2Credential): string {
	const text = GRANTED[credential.grant];
	return credential.tls === undefined ? text : `${text.replace(' and secret', '')} and the TLS certificate`;
}

/** Fetches a token by the credential's own grant: nothing stored is used, and nothing is stored. */
function oAuth2Test(grant: GrantType) {
	return async function (
		this: ICredentialTestFunctions,
		{ data }: TestedCredential,
	): Promise<INodeCredentialTestResult> {
		const read = readOAuth2Credential(oAuth2CredentialTypes[grant], data ?? {});
		if (!read.ok) return notPassed(read.fault.message, read.fault.description);
		const access = { transport: credentialTestTransport(this.helpers) };
		const tested = await besideMetadata(read.value, access);
		if (!tested.ok) return notPassed(tested.fault.message, tested.fault.description);
		const result = await obtainToken(tested.value.credential, undefined, access);
		const notes = tested.value.notes(result.ok);
		if (!result.ok) return notPassed(result.fault.message, inSentences(result.fault.description, ...notes));
		const { scope, expiresIn, binding } = result.value;
		const life = expiresIn === undefined ? 'never expires' : `expires in ${Math.round(expiresIn)} s`;
		const scopes = scope === undefined ? '' : ` and has the scopes ${scope}`;
		const bound = binding === undefined ? '' : '. It is bound to a key of this n8n (DPoP)';
		return passed(inSentences(`${granted(read.value)}: the token ${life}${scopes}${bound}`, ...notes));
	};
}

/** RFC 7617 section 2: no control characters, and no colon in the user ID. */
function checkBasic(user: string, password: string): INodeCredentialTestResult | undefined {
	if (user === '' && password === '') return notPassed('Username and Password are empty', 'Fill them in');
	if (user.includes(':')) {
		return notPassed('Username contains a colon', 'Remove it: a colon separates username and password (RFC 7617)');
	}
	// eslint-disable-next-line no-control-regex
	return /[\u0000-\u001f\u007f]/.test(user + password)
		? notPassed(
				'Username or Password contains a control character',
				'Check that no line break or tab was pasted with it',
			)
		: undefined;
}

/** A GET with user and password, when the form names a URL for it. */
async function webhookDispatchBasicTest(
	this: ICredentialTestFunctions,
	{ data = {} }: TestedCredential,
): Promise<INodeCredentialTestResult> {
	const user = textField(data, 'user');
	const password = textField(data, 'password');
	const unusable = checkBasic(user, password);
	if (unusable) return unusable;
	const url = textField(data, 'testUrl').trim();
	if (url === '') return passed('The fields can be used. Fill in Test URL to try them at the server');
	const check = checkTokenUrl('Test URL', url, true);
	if (!check.ok) return notPassed(check.fault.message, check.fault.description);

	const answer = await credentialTestExchange(this.helpers, {
		url,
		method: 'GET',
		headers: { authorization: basicHeader(user, password).value, accept: '*/*' },
	});
	const shown = endpointLabel(url);
	if (!answer.ok) return notPassed(`No response from ${shown}: ${answer.fault.cause}`, 'Check Test URL');
	const { statusCode } = answer.value;
	if (statusCode >= 200 && statusCode <= 299) return passed(`${shown} responded with ${statusCode}`);
	return notPassed(
		`${shown} responded with ${statusCode}`,
		statusCode === 401 || statusCode === 403
			? 'Check Username and Password'
			: 'The test passes with a status of 200 to 299: check Test URL',
	);
}

/** Signs a known request by the credential's scheme; there is no server to try it at. */
async function webhookDispatchSigningTest(
	this: ICredentialTestFunctions,
	{ data = {} }: TestedCredential,
): Promise<INodeCredentialTestResult> {
	const scheme = schemeOf(data);
	if (!scheme.ok) return notPassed(scheme.fault.message, scheme.fault.description);
	const tried =
		scheme.value === 'httpMessageSignatures'
			? await messageSignatureTest(data)
			: await signatureSampleTest(data, scheme.value);
	return tried.ok ? passed(tried.value) : notPassed(tried.fault.message, tried.fault.description);
}

/** `methods.credentialTest` of the node: what the test of each credential form runs. */
export const credentialTests = {
	webhookDispatchBasicTest,
	webhookDispatchOAuth2PasswordTest: oAuth2Test('password'),
	webhookDispatchOAuth2ClientCredentialsTest: oAuth2Test('clientCredentials'),
	webhookDispatchOAuth2JwtTest: oAuth2Test('clientCredentialsJwt'),
	webhookDispatchSigningTest,
};
