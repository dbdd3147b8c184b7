import { Readable } from 'node:stream';
import { BinaryDataService } from 'n8n-core';
import type { IBinaryData, IDataObject, INodeExecutionData } from 'n8n-workflow';

import { Container } from './container';

/** Where n8n keeps the files of items. */
export type BinaryMode = 'memory' | 'filesystem' | 'database';

/** What n8n's service asks of a place for files; of ours the streams alone are read. */
interface Place {
	getAsStream: (fileId: string) => Promise<Readable>;
	getAsBuffer?: (fileId: string) => Promise<Buffer>;
	getMetadata?: (fileId: string) => Promise<{ fileSize: number; mimeType: string }>;
}

interface Service {
	init(): Promise<void>;
	store(location: object, bytes: Buffer, data: Partial<IBinaryData>): Promise<IBinaryData>;
	managers: Record<string, Place>;
}

let service: Service | undefined;

/** n8n's own service for files, over a folder of this process. */
async function files(): Promise<Service> {
	if (service === undefined) {
		service = Container.get(BinaryDataService as never) as Service;
		await service.init();
	}
	return service;
}

let places = 0;

/** A file that a place of our own gives: each time it is opened, what `open` gives. */
export async function fileFrom(open: () => Readable | Promise<Readable>, more: Partial<IBinaryData> = {}) {
	const mode = `place${(places += 1)}`;
	(await files()).managers[mode] = { getAsStream: async () => await open() };
	return { mimeType: 'application/octet-stream', data: mode, id: `${mode}:file`, ...more } as IBinaryData;
}

/** A file as n8n keeps it in a mode. */
export async function fileIn(mode: BinaryMode, bytes: Buffer, more: Partial<IBinaryData> = {}): Promise<IBinaryData> {
	const data = { mimeType: 'image/png', fileName: 'shot.png', ...more };
	switch (mode) {
		case 'memory':
			return { ...data, data: bytes.toString('base64') };
		case 'filesystem':
			return await (await files()).store({ type: 'execution', workflowId: 'w', executionId: '1' }, bytes, { ...data });
		case 'database':
			// As n8n's own does it: it reads a file as a whole.
			return await fileFrom(() => Readable.from(bytes, { objectMode: false }), data);
	}
}

/** An item with files. */
export const withFiles = (json: IDataObject, binary: Record<string, IBinaryData>): INodeExecutionData => ({
	json,
	binary,
});
