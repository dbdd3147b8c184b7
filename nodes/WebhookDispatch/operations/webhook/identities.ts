import { NodeOperationError, type ICredentialDataDecryptedObject, type IExecuteFunctions } from 'n8n-workflow';

import {
	basicAuthorization,
	fixedAuthorization,
	noAuthorization,
	oAuth2Authorization,
	type Authorization,
} from '../../../../lib/delivery/authorization';
import type { DeliveryFault } from '../../../../lib/delivery/delivery';
import { fixedN8nCredentials } from '../../../../lib/delivery/n8nCredential';
import { storedTokenAuthorization } from '../../../../lib/delivery/storedToken';
import { readSslCertificates } from '../../../../lib/http/sslCertificates';
import type { ClientCertificate } from '../../../../lib/http/dispatchers';
import { readOAuth2Credential } from '../../../../lib/oauth2/credential/readOAuth2Credential';
import { openClientTls, type OpenedCertificate } from '../../../../lib/oauth2/token/clientTls';
import { tokenStore } from '../../../../lib/oauth2/token/tokenStore';
import { readSigner } from '../../../../lib/signature/readSigning';
import type { Signer } from '../../../../lib/signature/scheme';
import { invalidRequest, type RequestFault } from '../../../../lib/result/requestFault';
import { fail, ok, type Result } from '../../../../lib/result/result';
import { allowedDomainsOf } from '../../n8n/credentialDomains';
import { openCredential } from '../../n8n/itemCredential';
import { readStoredToken, type StoredTokenSource } from '../../n8n/storedToken';
import { createTokenTransport } from '../../n8n/tokenTransport';
import type { Identity, N8nCredentialType } from '../choice';

/** What a credential type gives a delivery, of the content for its item. */
export interface IdentityPart<T> {
	readonly isByItem: boolean;
	/** Never rejects. Of equal content it is the same object, with what that remembers (a token that was refused, say). */
	of(itemIndex: number): Promise<Result<T, DeliveryFault>>;
}

/** How a delivery authenticates, and where its credential may go. */
export interface Authorizing {
	authorization: Authorization;
	checkDomains: (url: URL) => RequestFault | undefined;
	/** What the credential presents in TLS. */
	certificate?: OpenedCertificate;
}

/**
 * What a credential of the node gives, for the run or for each item as the credential's fields have it.
 *
 * @param label how the form calls what the credential is for
 * @param make reads the decrypted content; asked once for equal content, with the first item that has it
 */
async function partOf<T>(
	context: IExecuteFunctions,
	{ type, label }: { type: string; label: string },
	make: (
		data: ICredentialDataDecryptedObject,
		itemIndex: number,
	) => Promise<Result<T, RequestFault>> | Result<T, RequestFault>,
): Promise<IdentityPart<T>> {
	if (context.getNode().credentials?.[type] === undefined) {
		return failing(
			invalidRequest(`No credential is selected for ${label}`, 'Select one in the node, or create a new one there.')
				.fault,
		);
	}
	const source = await openCredential(context, type);
	const made = new Map<string, Promise<Result<T, DeliveryFault>>>();
	const read = async (itemIndex: number): Promise<Result<T, DeliveryFault>> => {
		try {
			const data = await source.read(itemIndex);
			const content = JSON.stringify(data);
			let part = made.get(content);
			if (part === undefined) {
				part = Promise.resolve(make(data, itemIndex)).then((result) =>
					result.ok ? result : fail({ ...result.fault, retryable: false }),
				);
				made.set(content, part);
			}
			return await part;
		} catch (error) {
			return fail(unreadable(error));
		}
	};
	if (source.isByItem) return { isByItem: true, of: read };
	const once = await read(0);
	return { isByItem: false, of: async () => once };
}

/** A credential that cannot be used is a fault for good; one that n8n could not read may be there in the next try. */
export function unreadable(error: unknown): DeliveryFault {
	const { message, description } = error as { message?: string; description?: string | null };
	return {
		code: 'INVALID_REQUEST',
		message: message ?? 'The credential of the node could not be read',
		description: description ?? 'Check the credential of the node.',
		// n8n's own refusals: no credential is selected, or it is not there any more.
		retryable: !(error instanceof NodeOperationError),
	};
}

/** Where no item can be sent. */
const failing = <T>(fault: RequestFault): IdentityPart<T> => {
	const result = fail({ ...fault, retryable: false });
	return { isByItem: false, of: async () => result };
};

/** Where there is no credential: the same for all. */
const same = <T>(value: T): IdentityPart<T> => {
	const result = ok(value);
	return { isByItem: false, of: async () => result };
};

/** An empty field is a value: n8n gives every field its default. */
const isMissing = (value: unknown) => value === undefined || value === null;

/** @param proxy the node's own, for token requests */
export async function authorizingPart(
	context: IExecuteFunctions,
	{ authentication, credentialType, n8nCredential }: Identity,
	proxy: string | undefined,
): Promise<IdentityPart<Authorizing>> {
	if (n8nCredential !== undefined) return await n8nCredentialPart(context, n8nCredential);
	if (credentialType === undefined) return same({ authorization: noAuthorization, checkDomains: () => undefined });
	const label = authentication === 'basic' ? 'Basic' : 'OAuth 2.0';
	return await partOf<Authorizing>(context, { type: credentialType, label }, async (data) => {
		const checkDomains = allowedDomainsOf(data);
		if (authentication === 'basic') {
			const { user, password } = data;
			const missing = isMissing(user) ? 'Username' : isMissing(password) ? 'Password' : undefined;
			if (missing !== undefined) {
				return invalidRequest(
					`${missing} of the credential has no value`,
					'An expression in that field of the Basic credential gave none. Check it with this item.',
				);
			}
			const authorization = basicAuthorization(String(user), String(password));
			return ok({ authorization, checkDomains });
		}
		const oAuth2 = readOAuth2Credential(credentialType, data);
		if (!oAuth2.ok) return invalidRequest(oAuth2.fault.message, oAuth2.fault.description);
		const { tls } = oAuth2.value;
		const certificate = tls === undefined ? undefined : await openClientTls(tls);
		if (certificate?.ok === false) return invalidRequest(certificate.fault.message, certificate.fault.description);
		const authorization = oAuth2Authorization(oAuth2.value, tokenStore, createTokenTransport(context, proxy));
		return ok({ authorization, checkDomains, ...(certificate && { certificate: certificate.value }) });
	});
}

/** A credential of n8n's own, which authenticates as it does in n8n's HTTP Request node. */
async function n8nCredentialPart(
	context: IExecuteFunctions,
	{ type, label }: NonNullable<Identity['n8nCredential']>,
): Promise<IdentityPart<Authorizing>> {
	if (!hasCredentialType(context, type)) {
		const lacking = invalidRequest(
			`This n8n has no credential type ${label}`,
			'Select another Credential Type in the node, or update n8n.',
		);
		return failing(lacking.fault);
	}
	const inTurn = turns();
	return await partOf<Authorizing>(context, { type, label }, (data, itemIndex) => {
		const authorization = n8nAuthorization({ context, type, label, itemIndex, inTurn }, data);
		return authorization.ok
			? ok({ authorization: authorization.value, checkDomains: allowedDomainsOf(data) })
			: authorization;
	});
}

function n8nAuthorization(
	source: StoredTokenSource & { type: N8nCredentialType },
	data: ICredentialDataDecryptedObject,
): Result<Authorization, RequestFault> {
	if (source.type === 'oAuth2Api' || source.type === 'zendeskOAuth2Api') {
		const stored = readStoredToken(source, data);
		return stored.ok ? ok(storedTokenAuthorization(stored.value)) : stored;
	}
	const authorized = fixedN8nCredentials[source.type](data);
	return authorized.ok ? ok(fixedAuthorization(authorized.value)) : authorized;
}

/** n8n throws for a type that it does not have; the form cannot ask (n8n 2.0 to 2.41). */
function hasCredentialType(context: IExecuteFunctions, type: string): boolean {
	try {
		context.getCredentialsProperties(type);
		return true;
	} catch {
		return false;
	}
}

/** Lets one thing begin when the one before it has ended. */
function turns(): StoredTokenSource['inTurn'] {
	let last: Promise<unknown> = Promise.resolve();
	return async (act) => {
		const mine = last.then(act, act);
		last = mine;
		return await mine;
	};
}

export async function signingPart(
	context: IExecuteFunctions,
	{ signing }: Identity,
): Promise<IdentityPart<Signer | undefined>> {
	if (signing === 'none') return same(undefined);
	return await partOf<Signer>(context, { type: 'webhookDispatchSigningApi', label: 'Signing' }, async (data) => {
		const signer = await readSigner(data, signing);
		return signer.ok ? signer : invalidRequest(signer.fault.message, signer.fault.description);
	});
}

export async function certificatePart(
	context: IExecuteFunctions,
	isUsed: boolean,
): Promise<IdentityPart<ClientCertificate | undefined>> {
	if (!isUsed) return same(undefined);
	return await partOf(context, { type: 'httpSslAuth', label: 'Use Client Certificate' }, readSslCertificates);
}
