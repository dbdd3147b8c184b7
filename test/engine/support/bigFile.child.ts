import { Readable } from 'node:stream';
import { BinaryDataService } from 'n8n-core';
import type { IBinaryData, INodeParameters } from 'n8n-workflow';

import { answerQuestions } from '../../../tools/lib/channel';
import { collectGarbage } from '../../../tools/lib/collectGarbage';
import { runWorkflow } from '../../support/engine';
import { Container } from '../../support/engine/container';

/** What is asked of the process: to send a file from the file system, once it has been written there. */
export interface Asked {
	/** Bytes. */
	size: number;
	parameters: INodeParameters;
	credentials: Record<string, Record<string, string>>;
}

/** How that went. Bytes are what was there at most beside what was there before. */
export interface Told {
	status: string;
	message?: string | undefined;
	buffers: number;
	rss: number;
}

interface Service {
	init(): Promise<void>;
	store(location: object, bytes: Readable, data: object): Promise<IBinaryData>;
}

const SAMPLE_MS = 2;

function* zeros(size: number): Generator<Buffer> {
	const chunk = Buffer.alloc(65_536);
	for (let left = size; left > 0; left -= chunk.length) yield left < chunk.length ? chunk.subarray(0, left) : chunk;
}

answerQuestions({
	async send({ size, parameters, credentials }: Asked): Promise<Told> {
		const service = Container.get(BinaryDataService as never) as Service;
		await service.init();
		const location = { type: 'execution', workflowId: 'w', executionId: '1' };
		const data = await service.store(location, Readable.from(zeros(size)), {
			mimeType: 'video/mp4',
			fileName: 'a.mp4',
		});
		const deliver = async (file: IBinaryData) =>
			await runWorkflow({
				items: [{ json: {}, binary: { data: file } }],
				node: { parameters, retryOnFail: true },
				credentials,
			});
		// Everything is loaded by then.
		await deliver(await service.store(location, Readable.from(zeros(1000)), { mimeType: 'video/mp4' }));
		collectGarbage();
		const before = process.memoryUsage();
		const most = { buffers: 0, rss: 0 };
		const sample = () => {
			const { arrayBuffers, rss } = process.memoryUsage();
			most.buffers = Math.max(most.buffers, arrayBuffers - before.arrayBuffers);
			most.rss = Math.max(most.rss, rss - before.rss);
		};
		const sampling = setInterval(sample, SAMPLE_MS);
		const { status, error } = await deliver(data);
		sample();
		clearInterval(sampling);
		return { status, message: error?.message, ...most };
	},
});
