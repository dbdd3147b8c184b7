import { advancedSettings } from './editor/advancedSettings';
import { agentTool } from './editor/agentTool';
import { credentialForms } from './editor/credentialForms';
import { failedDeliveries } from './editor/failedDeliveries';
import { fromAnEmptyCanvas } from './editor/fromAnEmptyCanvas';
import { hostileCredentials } from './editor/hostileCredentials';
import { hostileFields } from './editor/hostileFields';
import { newFields } from './editor/newFields';
import { walks } from './editor/walks';
import { startWorld, type World } from './editor/world';

/**
 * n8n's editor in a real browser, used as a person does. Screenshots of each state are in `artefacts/editor`; look at them
 * when something here fails.
 */
jest.setTimeout(180_000);
// n8n's editor itself has races. What does not pass is reported, and tried once more.
jest.retryTimes(1, { logErrorsBeforeRetry: true });

let world: World;
/** The scenarios get the world before it is there. */
const later = new Proxy({} as World, { get: (_, part: keyof World) => world[part] });

beforeAll(async () => {
	world = await startWorld();
}, 600_000);
beforeEach(() => {
	world.receiver.clear();
	world.editor.faults.length = 0;
});
afterEach(async () => {
	const { currentTestName = 'test' } = expect.getState();
	await world.editor.shoot(`end of ${currentTestName}`.replace(/[^\w-]+/g, '-').slice(0, 100));
});
afterAll(async () => {
	await world?.close();
}, 60_000);

describe('from an empty canvas', () => fromAnEmptyCanvas(later));
describe('credential forms', () => credentialForms(later));
describe('Advanced Settings of a credential', () => advancedSettings(later));
describe('credentials, conditions, fields and files', () => newFields(later));
describe('a failed delivery', () => failedDeliveries(later));
describe('as a tool of an AI agent', () => agentTool(later));
describe('hostile input in the fields of the node', () => hostileFields(later));
describe('hostile input in the fields of a credential', () => hostileCredentials(later));
describe('walks of a new user', () => walks(later));
