import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ICredentialType, INodeType } from 'n8n-workflow';
import manifest from '../../../package.json';

const root = join(__dirname, '../../..');

/** Imports the source of a file that package.json names in `dist`, and makes an instance of its class. */
async function instantiate<T>(compiled: string): Promise<T | undefined> {
	const source = join(root, compiled.replace(/^dist\//, '').replace(/\.js$/, '.ts'));
	if (!existsSync(source)) return undefined;
	const name = basename(source).split('.')[0] ?? '';
	const exported = (await import(source)) as Record<string, new () => T>;
	const Type = exported[name];
	if (!Type) throw new Error(`${source} does not export ${name}`);
	return new Type();
}

/** The package's node, from its source. */
export async function webhookDispatch(): Promise<INodeType> {
	const [compiled = ''] = manifest.n8n.nodes;
	const node = await instantiate<INodeType>(compiled);
	if (!node) throw new Error(`There is no source for ${compiled}`);
	return node;
}

/** The package's credential types, from their sources. */
export async function credentialTypes(): Promise<ICredentialType[]> {
	const types = await Promise.all(
		manifest.n8n.credentials.map(async (path) => await instantiate<ICredentialType>(path)),
	);
	return types.filter((type) => type !== undefined);
}
