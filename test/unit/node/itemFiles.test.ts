import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { itemFiles } from '../../../nodes/WebhookDispatch/n8n/itemFiles';

/** As much of n8n's context as finding a file takes. */
function contextOf(item: INodeExecutionData, helpers: object): IExecuteFunctions {
	return {
		getInputData: () => [item],
		helpers: {
			assertBinaryData: (_itemIndex: number, name: string) => {
				const found = item.binary?.[name];
				if (found === undefined) throw new Error('none');
				return found;
			},
			...helpers,
		},
	} as unknown as IExecuteFunctions;
}

const item: INodeExecutionData = {
	json: {},
	binary: {
		data: { mimeType: 'image/png', fileName: 'a.png', data: 'filesystem-v2', id: 'filesystem-v2:1' },
		inMemory: { mimeType: '', data: Buffer.from('memory').toString('base64') },
	},
};

async function bytesOf(context: IExecuteFunctions, field: unknown): Promise<string> {
	const file = itemFiles(context)(0, field);
	if (!file.ok) return file.fault.message;
	const chunks: Uint8Array[] = [];
	for await (const chunk of await file.value.open()) chunks.push(chunk);
	return Buffer.concat(chunks).toString();
}

const streams = { getBinaryStream: async (id: string) => await Promise.resolve([Buffer.from(`stream of ${id}`)]) };

it.each<[string, object, unknown, string]>([
	['a stream, by its ID', streams, 'data', 'stream of filesystem-v2:1'],
	['its Base64, without asking n8n', streams, 'inMemory', 'memory'],
	['a stream, of the data that an expression gives', streams, item.binary?.data, 'stream of filesystem-v2:1'],
	[
		'a buffer, where n8n has no streams',
		{
			getBinaryDataBuffer: async (_index: number, name: string) =>
				await Promise.resolve(Buffer.from(`buffer of ${name}`)),
		},
		' data ',
		'buffer of data',
	],
	['nothing, by a name that there is not', streams, 'other', 'The item has no file in "other"'],
	['nothing, without a name', streams, '  ', 'Input Data Field Name is empty'],
	['nothing, by no name at all', streams, 7, 'Input Data Field Name is empty'],
	['nothing, by an object that is no file', streams, { data: 1, mimeType: 'a/b' }, 'Input Data Field Name is empty'],
])('a file is %s', async (_what, helpers, field, expected) => {
	expect(await bytesOf(contextOf(item, helpers), field)).toBe(expected);
});

it('has the name and type that n8n knows', () => {
	const find = itemFiles(contextOf(item, streams));
	expect(find(0, 'data')).toMatchObject({ value: { field: 'data', type: 'image/png', name: 'a.png' } });
	expect(find(0, 'inMemory')).toMatchObject({ value: { type: '', name: '' } });
});
