/** The n8n everything here is tried on. `N8N_VERSION=… npm start` tries another. */
export const N8N_VERSION = process.env.N8N_VERSION || '2.40.7';

/** The database driver that it depends on (its package.json). */
export const DRIVER_VERSION = '5.1.7';

/** n8n 2 asks for Node 24 (its `engines`), which the project itself does not. */
export const NODE_MAJOR = 24;
