import type { BodyBytes, Content } from '../http/content';
import { invalidRequest, type RequestFault } from '../result/requestFault';
import { fail, ok, type Result } from '../result/result';
import { asText } from '../text/asText';
import { quoted } from '../text/quoted';
import { fileContent, type ItemFile } from './fileContent';
import { multipart, type MultipartPart } from './multipart';

/** A body that is opened for each use, and what it is. */
export interface ContentBody {
	content: Content;
	contentType: string;
}

/** A row of Body Parameters with Body set to Multipart. */
export interface MultipartParameter {
	parameterType?: unknown;
	name?: unknown;
	value?: unknown;
	inputDataFieldName?: unknown;
}

/** Finds a file of the item that is sent. */
export type FileOf = (field: unknown) => Result<ItemFile, RequestFault>;

const UNKNOWN_TYPE = 'application/octet-stream';

/** What a file is called that has no name, as in n8n's HTTP Request node. */
const UNNAMED = 'file';

/** type "/" subtype, and parameters that hold nothing a header cannot (RFC 9110 §8.3.1, more loosely). */
const MEDIA_TYPE = /^[!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+(?:\s*;[\t\x20-\x7e]*)?$/;

/**
 * A file as the body.
 *
 * @param given what Input Data Field Name holds
 * @returns what reads the file, once, for its length and hash
 */
export function fileBody(given: unknown, fileOf: FileOf): () => Promise<Result<ContentBody, RequestFault>> {
	const file = fileOf(given);
	const type = file.ok ? typeOf(file.value) : file;
	return async () => {
		if (!file.ok) return file;
		if (!type.ok) return type;
		const content = await fileContent(file.value);
		return content.ok ? ok({ content: content.value, contentType: type.value }) : unusable(content.fault);
	};
}

/**
 * Texts and files as one form.
 *
 * @param parameters in order; a text without a name is left out, as everywhere in the node
 * @returns what reads the files, each once
 */
export function multipartBody(
	parameters: readonly MultipartParameter[],
	fileOf: FileOf,
): () => Promise<Result<ContentBody, RequestFault>> {
	const parts: Array<Result<UnreadPart, RequestFault>> = parameters
		.filter(({ parameterType, name }) => parameterType !== TEXT || asText(name) !== '')
		.map((parameter) => readPart(parameter, fileOf));
	return async () => {
		const read: MultipartPart[] = [];
		for (const part of parts) {
			if (!part.ok) return part;
			const { name, body } = part.value;
			if (typeof body === 'string') {
				read.push({ name, body });
				continue;
			}
			const content = await fileContent(body.file);
			if (!content.ok) return unusable(content.fault);
			read.push({ name, body: content.value, file: { name: body.file.name || UNNAMED, type: body.type } });
		}
		if (read.length === 0) {
			return invalidRequest(
				'Body Parameters has no named parameter',
				'Add a parameter, or choose another Body. If names are expressions, check that they give a value.',
			);
		}
		const { content, boundary } = multipart(read);
		return ok({ content, contentType: `multipart/form-data; boundary=${boundary}` });
	};
}

/** A part whose file has not been read yet. */
interface UnreadPart {
	name: string;
	body: string | { file: ItemFile; type: string };
}

const TEXT = 'formData';
const FILE = 'formBinaryData';

function readPart(parameter: MultipartParameter, fileOf: FileOf): Result<UnreadPart, RequestFault> {
	const { parameterType = TEXT, value, inputDataFieldName = 'data' } = parameter;
	const name = asText(parameter.name);
	if (parameterType === TEXT) return ok({ name, body: asText(value) });
	if (parameterType !== FILE) {
		return invalidRequest(
			`Type of the parameter ${quoted(name)} in Body Parameters has a value that does not exist`,
			'Select Form Data or n8n Binary File.',
		);
	}
	if (name === '') {
		return invalidRequest(
			'A file in Body Parameters has no name',
			'Fill in Name: receivers find the file under it. If it is an expression, check that it gives a value.',
		);
	}
	const file = fileOf(inputDataFieldName);
	if (!file.ok) return fail({ ...file.fault, message: `${file.fault.message} (parameter ${quoted(name)})` });
	const type = typeOf(file.value);
	return type.ok ? ok({ name, body: { file: file.value, type: type.value } }) : type;
}

function typeOf({ field, type }: ItemFile): Result<string, RequestFault> {
	const trimmed = type.trim();
	if (trimmed === '') return ok(UNKNOWN_TYPE);
	if (MEDIA_TYPE.test(trimmed)) return ok(trimmed);
	return invalidRequest(
		`The content type of the file in ${quoted(field)} is not valid`,
		'Set the MIME type in the node that makes the file, e.g. image/png.',
	);
}

const unusable = (fault: Omit<RequestFault, 'code'>) => fail<RequestFault>({ code: 'INVALID_REQUEST', ...fault });

/**
 * The Content-Type of a form when the node's Headers have one, too.
 *
 * @param given the header's value
 * @param made that of the body, with its boundary
 * @returns a fault where the two contradict each other: nobody could read the body
 */
export function multipartType(given: string, made: string): Result<string, RequestFault> {
	const boundary = made.slice(made.indexOf(';'));
	if (/^multipart\/[^;\s]+\s*;?\s*$/i.test(given)) return ok(`${given.replace(/[;\s]+$/, '')}${boundary}`);
	return invalidRequest(
		/boundary/i.test(given)
			? 'The Content-Type header contains a boundary'
			: 'The Content-Type header is not multipart',
		'Remove Content-Type from Headers: with Body set to Multipart the node sets it, with the boundary.',
	);
}

/** What is sent of a body. */
export const bytesOf = (body: { text: string } | ContentBody): BodyBytes =>
	'content' in body ? body.content : body.text;
