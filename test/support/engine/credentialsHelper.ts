import './container';
import { getAdditionalKeys } from 'n8n-core';
import {
	ICredentialsHelper,
	NodeHelpers,
	type ICredentialDataDecryptedObject,
	type ICredentials,
	type ICredentialType,
	type IHttpRequestOptions,
	type INodeCredentialsDetails,
	type INodeProperties,
	type IRequestOptionsSimplified,
	type IWorkflowExecuteAdditionalData,
	type WorkflowExecuteMode,
	type IExecuteData,
	type ICredentialsExpressionResolveValues,
} from 'n8n-workflow';

/** Decrypted credential data by credential type, e.g. `{ webhookDispatchBasicApi: { user, password } }`. */
export type CredentialData = Record<string, ICredentialDataDecryptedObject>;

/** n8n adds these to a type that can authenticate requests; they are kept although the type does not name them. */
const domainFields = ['allowedHttpRequestDomains', 'allowedDomains'];

/**
 * Gives a node the credential data of a test, the way n8n gives stored ones: fields that are not set take the
 * default of the credential type, fields that the type does not have are dropped, and expressions are resolved.
 */
export class TestCredentialsHelper extends ICredentialsHelper {
	/** How often a node asked, by type: a node should not decrypt once an item. */
	readonly decryptions = new Map<string, number>();

	constructor(
		private readonly data: CredentialData,
		private readonly types: ICredentialType[],
	) {
		super();
	}

	getParentTypes(): string[] {
		return [];
	}

	isCredentialUsableByNode(): boolean {
		return true;
	}

	async authenticate(
		_credentials: ICredentialDataDecryptedObject,
		_typeName: string,
		options: IHttpRequestOptions | IRequestOptionsSimplified,
	): Promise<IHttpRequestOptions> {
		return options as IHttpRequestOptions;
	}

	async preAuthentication(): Promise<undefined> {}

	async runPreAuthentication(): Promise<undefined> {}

	async getCredentials(): Promise<ICredentials> {
		throw new Error('The harness holds decrypted credentials only');
	}

	async getDecrypted(
		additionalData: IWorkflowExecuteAdditionalData,
		_nodeCredentials: INodeCredentialsDetails,
		type: string,
		mode: WorkflowExecuteMode,
		executeData?: IExecuteData,
		raw?: boolean,
		resolve?: ICredentialsExpressionResolveValues,
	): Promise<ICredentialDataDecryptedObject> {
		this.decryptions.set(type, (this.decryptions.get(type) ?? 0) + 1);
		const data = this.data[type];
		if (data === undefined) throw new Error(`The test gives no credential of type ${type}`);
		const properties = this.getCredentialsProperties(type);
		if (raw) return structuredClone(data);
		// Of a type that is n8n's own nothing is known here.
		const filled =
			properties.length === 0
				? structuredClone(data)
				: {
						...NodeHelpers.getNodeParameters(properties, structuredClone(data) as never, true, false, null, null),
						...Object.fromEntries(Object.entries(data).filter(([name]) => domainFields.includes(name))),
					};
		if (!resolve) return filled as ICredentialDataDecryptedObject;
		return resolve.workflow.expression.getParameterValue(
			filled as never,
			resolve.runExecutionData,
			resolve.runIndex,
			resolve.itemIndex,
			resolve.node.name,
			resolve.connectionInputData,
			mode,
			getAdditionalKeys(additionalData, mode, resolve.runExecutionData),
			executeData,
		) as ICredentialDataDecryptedObject;
	}

	async updateCredentials(): Promise<void> {}

	async updateCredentialsOauthTokenData(): Promise<void> {}

	getCredentialsProperties(type: string): INodeProperties[] {
		return this.types.find(({ name }) => name === type)?.properties ?? [];
	}
}
