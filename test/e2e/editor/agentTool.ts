import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { waitFor } from '../../../tools/lib/wait';
import type { Json, JsonObject } from '../../../tools/n8n/rest/json';
import { start, using, workflowOf, type NodeSketch } from '../../../tools/n8n/sketch';
import type { World } from './world';

interface Tool {
	function: {
		name: string;
		description?: string;
		parameters: { properties: Record<string, { type?: string; description?: string }>; required?: string[] };
	};
}
interface ChatRequest {
	tools?: Tool[];
	messages: Array<{ role: string; content: Json }>;
	stream?: boolean;
}

/** Stands in for a model behind OpenAI's chat completions: asks once for the one tool it is offered, then says it is done. */
class Model {
	readonly requests: ChatRequest[] = [];

	private constructor(
		private readonly server: Server,
		private readonly wishes: (request: ChatRequest) => JsonObject,
	) {}

	/** @param wishes the arguments of its tool call */
	static async start(wishes: (request: ChatRequest) => JsonObject): Promise<Model> {
		const server = createServer((request, response) => {
			const parts: Buffer[] = [];
			request.on('data', (part: Buffer) => parts.push(part));
			request.on('end', () => {
				response.setHeader('content-type', 'application/json');
				response.end(
					JSON.stringify(
						request.method === 'GET'
							? { data: [{ id: 'stand-in' }] }
							: model.answer(JSON.parse(Buffer.concat(parts).toString()) as ChatRequest),
					),
				);
			});
		});
		const model = new Model(server, wishes);
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		return model;
	}

	get url() {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
	}

	async close() {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private answer(request: ChatRequest) {
		this.requests.push(request);
		const called = request.messages.some(({ role }) => role === 'tool');
		const call = {
			id: 'call_1',
			type: 'function',
			function: { name: request.tools?.[0]?.function.name, arguments: JSON.stringify(this.wishes(request)) },
		};
		return {
			id: 'chatcmpl-1',
			object: 'chat.completion',
			created: 1,
			model: 'stand-in',
			choices: [
				{
					index: 0,
					finish_reason: called ? 'stop' : 'tool_calls',
					message: called
						? { role: 'assistant', content: 'It is delivered.' }
						: { role: 'assistant', content: null, tool_calls: [call] },
				},
			],
			usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
		};
	}
}

const WORDS = 'Order 7 is on its way, "really"';

/** The node under an AI Agent: found there, its fields offered to the model, called by it. */
export function agentTool(world: World): void {
	let model: Model;
	beforeAll(async () => {
		// It fills in every parameter that it is offered.
		model = await Model.start(({ tools }) =>
			Object.fromEntries(Object.keys(tools?.[0]?.function.parameters.properties ?? {}).map((name) => [name, WORDS])),
		);
	});
	afterAll(async () => {
		await model?.close();
	});

	it('is added below the agent, offers its fields to the model, and delivers what the model says', async () => {
		const { editor, client, receiver } = world;
		const credential = await client.credentials.create({
			name: 'Stand-in',
			type: 'openAiApi',
			data: { apiKey: 'none', url: model.url },
		});
		const agent = {
			name: 'AI Agent',
			type: '@n8n/n8n-nodes-langchain.agent',
			typeVersion: 2.2,
			parameters: {
				promptType: 'define',
				text: 'Tell the shop that order 7 is on its way.',
				options: { enableStreaming: false },
			},
		};
		const standIn: NodeSketch = {
			name: 'Model',
			type: '@n8n/n8n-nodes-langchain.lmChatOpenAi',
			typeVersion: 1.2,
			position: [180, 240],
			parameters: { model: { __rl: true, mode: 'id', value: 'stand-in' }, options: {} },
			credentials: using(credential),
		};
		const { id } = await client.workflows.create(
			workflowOf(
				'Agent',
				[start, agent, standIn],
				[
					['Start', 'AI Agent'],
					['Model', 'AI Agent', 0, 'ai_languageModel'],
				],
			),
		);
		await editor.open(id);
		await editor.addBelow('AI Agent', 'ai_tool', 'Code Tool');
		await editor.shoot('agent-1-tools-panel');
		await editor.pick('Webhook Dispatch Tool');
		await editor.at('ndv').waitFor();
		await editor.shoot('agent-2-tool');
		await editor.fill('url', receiver.url('/shop'));
		await editor.choose('body', 'Plain Text');
		await editor.letModelDefine('textBody');
		await editor.shoot('agent-3-by-the-model');
		await editor.closeNode();

		await editor.executeWorkflow();
		await waitFor(() => receiver.requests.length > 0, { what: 'the delivery' });
		await editor.node('AI Agent').locator('[data-test-id="canvas-node-status-success"]').first().waitFor();
		await editor.dismissNews();
		await editor.shoot('agent-4-after');
		const [offered] = model.requests[0]?.tools ?? [];
		expect(offered?.function.name).toMatch(/dispatch/i);
		expect(Object.keys(offered?.function.parameters.properties ?? {})).toEqual(['Text']);
		expect(receiver.requests[0]).toMatchObject({
			method: 'POST',
			url: '/shop',
			headers: { 'content-type': expect.stringContaining('text/plain') as string },
		});
		expect(receiver.requests[0]?.body.toString()).toBe(WORDS);
		// What came of it goes back to the model.
		const told = model.requests[1]?.messages.find(({ role }) => role === 'tool');
		expect(JSON.stringify(told)).toContain('delivered');

		// As in the recipe "An agent that sends webhooks": names by the person, values by the model.
		receiver.clear();
		model.requests.length = 0;
		await editor.openNode('Dispatch a webhook in Webhook Dispatch');
		await editor.choose('body', 'Key-Value Pairs');
		const pair = await editor.emptyRow('bodyParameters');
		await editor.fill('name', 'message', pair);
		await editor.letModelDefine('value', pair);
		await editor.shoot('agent-5-pairs-by-the-model');
		await editor.closeNode();
		await editor.executeWorkflow();
		await waitFor(() => receiver.requests.length > 0, { what: 'the delivery of pairs' });
		await waitFor(() => model.requests.length > 1, { what: 'the end of the conversation' });
		await editor.shoot('agent-6-pairs-after');
		expect(Object.keys(model.requests[0]?.tools?.[0]?.function.parameters.properties ?? {})).toHaveLength(1);
		expect(JSON.parse(receiver.requests[0]?.body.toString() ?? '')).toEqual({ message: WORDS });
	});
}
