import {
	deepCopy,
	NodeConnectionTypes,
	type IDataObject,
	type INodeProperties,
	type INodeType,
	type INodeTypeDescription,
	type INodeTypes,
} from 'n8n-workflow';

/** A node type by the name that a workflow uses, `test.start` or the package's `n8n-nodes-webhook-dispatch.x`. */
export class TestNodeTypes implements INodeTypes {
	constructor(private readonly types: Record<string, INodeType>) {}

	getByName(type: string): INodeType {
		const found = this.types[type];
		if (!found) throw new Error(`The harness knows no node type ${type}`);
		return found;
	}

	getByNameAndVersion(type: string): INodeType {
		return this.getByName(type);
	}

	getKnownTypes(): IDataObject {
		return {};
	}
}

/**
 * The tool that n8n makes of a node with `usableAsTool` (2.40: a second type, `<name>Tool`, of the same class):
 * no inputs, one tool output, and a Tool Description beside its own fields.
 */
export function asTool(nodeType: INodeType): INodeType {
	const toolDescription: INodeProperties = {
		displayName: 'Description',
		name: 'toolDescription',
		type: 'string',
		default: nodeType.description.description,
	};
	const original = deepCopy(nodeType.description);
	const description: INodeTypeDescription = {
		...original,
		name: `${original.name}Tool`,
		displayName: `${original.displayName} Tool`,
		inputs: [],
		outputs: [NodeConnectionTypes.AiTool],
		properties: [toolDescription, ...original.properties],
		usableAsTool: undefined,
	};
	return Object.assign(Object.create(nodeType) as INodeType, { description });
}
