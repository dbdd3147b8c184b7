/** A JSON value on its way through n8n; who reads it narrows what it looks at. */
export type Json = string | number | boolean | null | undefined | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

/**
 * Asks a route of n8n's REST API.
 * @param route below `/rest`
 * @returns the response without the envelope `{ data }` that most routes have
 */
export type Call = <Answer = Json>(method: string, route: string, body?: unknown) => Promise<Answer>;
