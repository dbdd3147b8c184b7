/** A JSON value on its way through n8n; tests narrow what they look at. */
export type Json = string | number | boolean | null | undefined | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

export interface Credential {
	name: string;
	type: string;
	data: Record<string, unknown>;
}
export interface CredentialReference {
	id: string;
	name: string;
	type: string;
}

export interface NodeItem {
	json: JsonObject;
	pairedItem?: Json;
	error?: Json;
}

/** One run of one node. */
export interface NodeRun {
	startTime: number;
	executionTime: number;
	executionStatus?: string;
	error?: { message: string; description?: string };
	data?: { main: Array<NodeItem[] | null> };
}

export interface Execution {
	id: string;
	/** `success`, `error`, `canceled`, `crashed`, `waiting`, `running` … */
	status: string;
	mode: string;
	workflowId: string;
	retryOf?: string;
	retrySuccessId?: string;
	startedAt: string;
	stoppedAt?: string;
	data: {
		resultData: {
			runData: Record<string, NodeRun[]>;
			error?: { message: string; description?: string };
			lastNodeExecuted?: string;
		};
	};
}

export interface WorkflowNode {
	id: string;
	name: string;
	type: string;
	typeVersion: number;
	position: [number, number];
	parameters: JsonObject;
	credentials?: Record<string, { id: string; name: string }>;
	[setting: string]: unknown;
}

export interface Workflow {
	id?: string;
	name: string;
	nodes: WorkflowNode[];
	connections: Record<string, Record<string, Array<Array<{ node: string; type: string; index: number }>>>>;
	settings?: JsonObject;
	pinData?: Record<string, NodeItem[]>;
}

export interface RestClient {
	url: string;
	/** Any other route below `/rest`; the envelope `{ data }` is taken off. */
	call(method: string, route: string, body?: unknown): Promise<Json>;
	headers(): Record<string, string>;
	browserId: string;
	settings(): Promise<JsonObject>;
	login(login: { email: string; password: string }): Promise<JsonObject>;
	credentials: {
		list(): Promise<CredentialReference[]>;
		create(credential: Credential): Promise<CredentialReference>;
		update(id: string, credential: Credential): Promise<CredentialReference>;
		/** With its data as the editor gets it: passwords blanked. */
		get(id: string): Promise<CredentialReference & { data: JsonObject }>;
		remove(id: string): Promise<Json>;
		/** The credential's own test, as from its form; without `data` the stored one. */
		test(
			credential: CredentialReference & { data?: Record<string, unknown> },
		): Promise<{ status: 'OK' | 'Error'; message: string }>;
		put(credential: Credential): Promise<CredentialReference>;
	};
	workflows: {
		list(): Promise<Workflow[]>;
		get(id: string): Promise<Workflow & { id: string; versionId: string; active: boolean }>;
		exists(id: string): Promise<boolean>;
		create(workflow: Workflow): Promise<Workflow & { id: string; versionId: string }>;
		update(id: string, changes: Partial<Workflow>): Promise<Workflow & { id: string; versionId: string }>;
		activate(id: string): Promise<Workflow & { id: string; versionId: string }>;
		deactivate(id: string): Promise<Json>;
		/** "Execute workflow". A chosen trigger with `data` starts with that data instead of listening. */
		run(
			id: string,
			start: {
				triggerToStartFrom?: { name: string; data?: JsonObject };
				destinationNode?: { nodeName: string; mode: 'inclusive' | 'exclusive' };
			},
		): Promise<{ executionId?: string; waitingForWebhook?: boolean }>;
		remove(id: string): Promise<void>;
	};
	executions: {
		get(id: string): Promise<Execution>;
		list(filter?: { workflowId?: string; status?: string[] }, limit?: number): Promise<Array<Omit<Execution, 'data'>>>;
		retry(id: string, options?: { loadWorkflow?: boolean }): Promise<{ executionId?: string; id?: string }>;
		stop(id: string): Promise<Json>;
		waitFor(id: string, options?: { deadline?: number; until?: (execution: Execution) => boolean }): Promise<Execution>;
		itemsOf(execution: Execution, node: string, output?: number, run?: number): NodeItem[];
	};
	dataTables: {
		create(table: {
			name: string;
			columns: Array<{ name: string; type: 'string' | 'number' | 'boolean' | 'date' }>;
		}): Promise<{ id: string }>;
		list(): Promise<Array<{ id: string; name: string }>>;
		remove(id: string): Promise<Json>;
		insert(id: string, data: JsonObject[]): Promise<Json>;
		rows(id: string): Promise<JsonObject[]>;
	};
	nodeTypes(): Promise<Array<{ name: string; [part: string]: unknown }>>;
	credentialTypes(): Promise<Array<{ name: string; [part: string]: unknown }>>;
}

export interface RunningN8n {
	url: string;
	email: string;
	password: string;
	client: RestClient;
	pid: number;
	log(): string;
	ended(): string | undefined;
	closed: Promise<void>;
	stop(patience?: number): Promise<void>;
}

export interface Secrets {
	/** Client credentials, secret in the Authorization header. */
	automation: { clientId: string; clientSecret: string };
	/** Client credentials, secret in the body. */
	automationPost: { clientId: string; clientSecret: string };
	/** Client credentials with a client assertion. */
	automationJwt: { clientId: string; keyId: string; privateKey: string; publicJwk: JsonObject };
	desk: { clientId: string; clientSecret: string };
	/** Basic at the ticket desk. */
	agent: { user: string; password: string };
	/** For the ticket desk's own `/oauth/tokens` (JSON). */
	zendeskClient: { clientId: string; clientSecret: string };
	server: { keyId: string; privateJwk: JsonObject };
	cookieKey: string;
}

interface Server {
	url: string;
	log(): string;
	stop(): Promise<void>;
}
/** `GET <url>/control` lists token requests; `POST <url>/control/forget-tokens` makes all access tokens invalid. */
export interface AuthorizationServer extends Server {
	tokenUrl: string;
	introspectionUrl: string;
	secrets: Secrets;
}
/** `GET <controlUrl>`: `DeskState`; `POST`: `{ faults, rateLimit, forgetTokens }`; `DELETE` begins anew. */
export interface TicketDesk extends Server {
	ticketsUrl: string;
	controlUrl: string;
}
/** `GET <requestsUrl>`: `{ requests: CaughtRequest[] }`; `DELETE` empties it. */
export interface RequestCatcher extends Server {
	requestsUrl: string;
}

export interface Fault {
	times?: number;
	status?: number;
	headers?: Record<string, string>;
	body?: Json;
	/** The ticket is made all the same. */
	commit?: boolean;
	/** No answer; the connection stays open. */
	silent?: boolean;
	/** No answer; the connection is cut. */
	drop?: boolean;
	/** Milliseconds before the answer. */
	delay?: number;
}

export interface DeskState {
	tickets: Array<
		JsonObject & { id: number; subject: string; description: string; requester?: { name?: string; email?: string } }
	>;
	requests: Array<{
		at: string;
		method: string;
		path: string;
		status: number;
		scheme?: string;
		idempotencyKey?: string;
		lookup?: string;
		committed?: boolean;
		body: Json;
	}>;
	faults: Fault[];
}

export interface CaughtRequest {
	id: number;
	at: string;
	method: string;
	path: string;
	headers: Array<[string, string]>;
	body: string;
	encoding: 'utf8' | 'base64';
	answered: number;
}

export interface DemoServers {
	secrets: Secrets;
	authorizationServer: AuthorizationServer;
	ticketDesk: TicketDesk;
	requestCatcher: RequestCatcher;
	stop(): Promise<void>;
}

/** The pinned n8n and its Node; installs them when they are not in the cache (minutes). `node command start` runs it. */
export function ensureN8n(): Promise<{ node: string; command: string; version: string; folder: string }>;
/** The package as built now, laid out as n8n's installer does; give it to `startN8n`. */
export function packageOfThisClone(): Promise<string>;
/** The package as built now, as it would be published: an archive in `folder`, an empty one. */
export function packThisClone(folder: string): Promise<string>;
/** n8n on loopback and SQLite, signed in. `env`: over the quiet defaults, `undefined` takes a variable away. */
export function startN8n(options: {
	userFolder: string;
	port?: number;
	env?: Record<string, string | undefined>;
	packageFolder?: string;
}): Promise<RunningN8n>;
/** Authorisation server, ticket desk and request catcher, as processes; secrets and logs are kept in `folder`. */
export function startServers(options: {
	folder: string;
	ports?: { authorizationServer?: number; ticketDesk?: number; requestCatcher?: number };
	node?: string;
	tokenLifetime?: number;
	rateLimit?: { requests: number; seconds: number };
}): Promise<DemoServers>;
export function startServer(
	name: 'authorization-server',
	options?: { port?: number; secrets?: Secrets; tokenLifetime?: number },
): Promise<AuthorizationServer>;
export function startServer(
	name: 'ticket-desk',
	options?: {
		port?: number;
		agents?: Array<{ user: string; password: string }>;
		introspection?: { url: string; clientId: string; clientSecret: string };
		oauthClients?: Array<{ clientId: string; clientSecret: string }>;
		rateLimit?: { requests: number; seconds: number };
	},
): Promise<TicketDesk>;
export function startServer(name: 'request-catcher', options?: { port?: number }): Promise<RequestCatcher>;
/** Credentials for the ticket desk in n8n; by type, as nodes refer to them. */
export function importCredentials(
	client: RestClient,
	servers: DemoServers,
): Promise<Record<string, { id: string; name: string }>>;
/** Every file of `workflows/`; the rating automation and the request catcher are activated. */
export function importWorkflows(
	client: RestClient,
	options: {
		ticketsUrl: string;
		credentials: Record<string, { id: string; name: string }>;
		stateFile: string;
	},
): Promise<Record<string, { id: string; kept: boolean }>>;
/** One file of `workflows/` with its `id` and what the demonstration fills in. */
export function filledIn(
	file: string,
	context: { ticketsUrl: string; credentials: Record<string, { id: string; name: string }> },
): Workflow & { id: string };
export function submitRating(
	webhookUrl: string,
	sample: { rating: unknown; comment?: string; profile: { name?: string; email?: string } },
): Promise<{ status: number; outcome: string; ticket: number | null; message?: string; [more: string]: unknown }>;
/** Asks until there is an answer; a throw means not yet. */
export function waitFor<T>(
	probe: () => Promise<T | undefined | false> | T | undefined | false,
	options: { what: string; deadline?: number; every?: number; giveUp?: () => string | undefined },
): Promise<T>;
export function freePort(): Promise<number>;
/** Another Node program, which ends with this process at the latest. */
export function startChild(
	script: string,
	options: { node?: string; args?: string[]; cwd?: string; env?: NodeJS.ProcessEnv; logFile: string },
): {
	log(): string;
	ended(): string | undefined;
	stop(patience?: number): Promise<void>;
};
/** A command to its end. @returns what it printed; rejects with that when it does not end with 0 */
export function run(
	command: string,
	args: string[],
	options: { label: string; cwd: string; env?: NodeJS.ProcessEnv },
): Promise<string>;
/** The environment for an npm in another folder than this project. */
export function npmEnvironment(more?: Record<string, string>): NodeJS.ProcessEnv;
export function withLock<T>(file: string, work: () => Promise<T> | T, onWait?: (pid: number) => void): Promise<T>;
export function heldBy(file: string): number | undefined;
export function unflatten(text: string): Json;
type Lock = {
	packages?: Record<string, { version?: string; optional?: boolean; devOptional?: boolean; link?: boolean }>;
};
export function isInstalled(wanted: Lock | undefined, installed: Lock | undefined): boolean;
