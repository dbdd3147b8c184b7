import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { base64File } from '../../../lib/request/base64File';
import type { Chunks, ItemFile } from '../../../lib/request/fileContent';
import { invalidRequest, type RequestFault } from '../../../lib/result/requestFault';
import { ok, type Result } from '../../../lib/result/result';
import { quoted } from '../../../lib/text/quoted';

/**
 * Finds the files of items: n8n keeps them in the item itself (as Base64), in the file system, in its database, or in an
 * object storage, and hands each out as a stream.
 *
 * @returns what looks for one by the value of Input Data Field Name: its name, or by an expression the file's data itself
 */
export function itemFiles(
	context: IExecuteFunctions,
): (itemIndex: number, given: unknown) => Result<ItemFile, RequestFault> {
	return (itemIndex, given) => {
		const isFile = isBinary(given);
		if (!isFile && (typeof given !== 'string' || given.trim() === '')) {
			return invalidRequest(
				'Input Data Field Name is empty',
				'Fill in the name of a file of the item, e.g. data. If it is an expression, check that it gives a value.',
			);
		}
		const field = isFile ? (given.fileName ?? 'data') : given.trim();
		const data = isFile ? given : find(context, itemIndex, given.trim());
		if (data === undefined) {
			return invalidRequest(`The item has no file in ${quoted(field)}`, filesOf(context, itemIndex));
		}
		return ok({
			field,
			type: typeof data.mimeType === 'string' ? data.mimeType : '',
			name: typeof data.fileName === 'string' ? data.fileName : '',
			open: () => open(context, itemIndex, field, data),
		});
	};
}

/** n8n looks in the item's files, or in its fields where the workflow keeps files there. */
function find(context: IExecuteFunctions, itemIndex: number, field: string): IBinaryData | undefined {
	try {
		const data: unknown = context.helpers.assertBinaryData(itemIndex, field);
		return isBinary(data) ? data : undefined;
	} catch {
		return undefined;
	}
}

const isBinary = (value: unknown): value is IBinaryData =>
	typeof value === 'object' &&
	value !== null &&
	'mimeType' in value &&
	(('data' in value && typeof value.data === 'string') || ('id' in value && typeof value.id === 'string'));

function filesOf(context: IExecuteFunctions, itemIndex: number): string {
	const names = Object.keys(context.getInputData()[itemIndex]?.binary ?? {});
	if (names.length === 0) {
		return 'The item has no files. Put this node after the one that outputs them, or have the nodes between pass them on.';
	}
	const some = names.slice(0, 10).map(quoted).join(', ');
	return `Fill in the name of one of its files in Input Data Field Name: ${some}${names.length > 10 ? ', …' : ''}.`;
}

async function open(
	{ helpers }: IExecuteFunctions,
	itemIndex: number,
	field: string,
	{ id, data }: IBinaryData,
): Promise<Chunks> {
	if (!id) return base64File(data);
	if (typeof helpers.getBinaryStream === 'function') return await helpers.getBinaryStream(id);
	// Some n8n has no streams.
	return [await helpers.getBinaryDataBuffer(itemIndex, field)];
}
