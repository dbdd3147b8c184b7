import { mkdirSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { dirname, join } from 'node:path';

import { freePort } from '../../../tools/lib/ports';
import { startChild } from '../../../tools/lib/process';
import { npmEnvironment, run } from '../../../tools/lib/run';
import { waitFor } from '../../../tools/lib/wait';
import { ensureN8n } from '../../../tools/n8n/install';
import { issueCertificate } from '../../support/receiver/certificates';
import { PUBLIC_REGISTRY, startPublicName } from './publicName';

const root = join(__dirname, '../../..');

/** verdaccio (https://verdaccio.org) on loopback, with what was published to it and nothing else: it asks no other registry. */
export interface Registry {
	/** Publishes a folder or an archive, with npm. */
	publish(what: string): Promise<void>;
	/** For npm, and for an n8n: in this environment the public registry's name leads to this one. */
	env: Record<string, string>;
	stop(): Promise<void>;
}

/** @param folder takes its storage, its certificate and npm's cache */
export async function startRegistry(folder: string): Promise<Registry> {
	mkdirSync(folder, { recursive: true });
	const at = (name: string) => join(folder, name);
	const { cert, key } = issueCertificate({ host: PUBLIC_REGISTRY });
	writeFileSync(at('cert.pem'), cert);
	writeFileSync(at('key.pem'), key, { mode: 0o600 });
	// JSON is YAML.
	writeFileSync(
		at('config.yaml'),
		JSON.stringify({
			storage: at('storage'),
			auth: { htpasswd: { file: at('htpasswd') } },
			packages: { '**': { access: '$all', publish: '$all' } },
			https: { key: at('key.pem'), cert: at('cert.pem') },
			web: { enable: false },
			log: { type: 'stdout', level: 'warn' },
		}),
	);
	const port = await freePort();
	const address = `127.0.0.1:${port}`;
	const verdaccio = startChild(join(dirname(require.resolve('verdaccio/package.json')), 'bin/verdaccio'), {
		// It takes Node 22, which the project itself does not.
		node: (await ensureN8n()).node,
		args: ['--config', at('config.yaml'), '--listen', `https://${address}`],
		cwd: folder,
		logFile: at('verdaccio.log'),
	});
	const name = await startPublicName(port);
	const stop = async () => {
		await Promise.all([verdaccio.stop(), name.stop()]);
	};
	try {
		await waitFor(async () => await answers(`https://${address}/-/ping`, cert), {
			what: 'verdaccio',
			giveUp: verdaccio.ended,
		});
	} catch (error) {
		await stop();
		throw new Error(`${(error as Error).message}\n${verdaccio.log()}`, { cause: error });
	}
	const own = { npm_config_cache: at('cache'), npm_config_cafile: at('cert.pem'), npm_config_noproxy: '127.0.0.1' };
	return {
		async publish(what) {
			const args = [
				'publish',
				what,
				'--ignore-scripts',
				`--registry=https://${address}`,
				`--//${address}/:_authToken=anyone`,
				'--loglevel=error',
			];
			await run('npm', args, { label: `Publishing ${what}`, cwd: root, env: npmEnvironment(own) });
		},
		env: {
			...own,
			npm_config_registry: `https://${PUBLIC_REGISTRY}/`,
			npm_config_proxy: name.url,
			npm_config_https_proxy: name.url,
			NODE_EXTRA_CA_CERTS: at('cert.pem'),
			...Object.fromEntries(
				['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((each) => [
					[each, name.url],
					[each.toLowerCase(), name.url],
				]),
			),
			NO_PROXY: '127.0.0.1,localhost',
			no_proxy: '127.0.0.1,localhost',
		},
		stop,
	};
}

const answers = async (url: string, ca: string): Promise<boolean> =>
	await new Promise((resolve, reject) => {
		get(url, { ca }, (response) => resolve(response.resume().statusCode === 200)).on('error', reject);
	});
