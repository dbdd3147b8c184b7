import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What n8n reads from the environment when its modules load, so this file is imported before any of them:
 * a user folder of our own (InstanceSettings writes its key there), no log lines, no telemetry.
 */
const userFolder = join(tmpdir(), `n8n-nodes-webhook-dispatch-engine-${process.pid}`);
mkdirSync(userFolder, { recursive: true });
process.on('exit', () => rmSync(userFolder, { recursive: true, force: true }));

Object.assign(process.env, {
	N8N_USER_FOLDER: userFolder,
	N8N_ENCRYPTION_KEY: 'only-for-tests',
	N8N_LOG_LEVEL: 'silent',
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS: 'false',
	N8N_SSRF_PROTECTION_ENABLED: 'false',
});
