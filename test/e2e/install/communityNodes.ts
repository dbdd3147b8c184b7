import type { Locator, Page } from 'playwright-core';

const byId = (id: string) => `[data-test-id="${id}"]`;

/** The editor's page *Settings → Community nodes*, as a person uses it. Each step waits for n8n's word that it is done. */
export class CommunityNodes {
	private readonly cards: Locator;

	/** @param url of n8n */
	constructor(
		private readonly page: Page,
		private readonly url: string,
	) {
		this.cards = page.locator(byId('community-package-card'));
	}

	/** Loads the page. @returns what its cards say: package, nodes, version */
	async shown(): Promise<string[]> {
		const listed = this.page.waitForResponse(
			(response) =>
				new URL(response.url()).pathname === '/rest/community-packages' && response.request().method() === 'GET',
		);
		await this.page.goto(`${this.url}/settings/community-nodes`, { waitUntil: 'commit' });
		const { data } = (await (await listed).json()) as { data: Array<{ packageName: string }> };
		// Until then there are cards without a text.
		for (const { packageName } of data) await this.cards.filter({ hasText: packageName }).waitFor();
		await this.page.getByRole('button', { name: /^Install/ }).waitFor();
		return (await this.cards.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
	}

	async install(name: string): Promise<void> {
		await this.page.getByRole('button', { name: /^Install/ }).click();
		await this.page.locator('input[name=packageNameInput]').fill(name);
		await this.page.locator(byId('user-agreement-checkbox')).click();
		await this.page.locator(byId('install-community-package-button')).click();
		await this.news('Package installed');
	}

	/** To the version that is offered. */
	async update(): Promise<void> {
		await this.cards.getByRole('button', { name: 'Update' }).click();
		await this.page.getByRole('button', { name: 'Confirm update' }).click();
		await this.news('Package updated');
	}

	async uninstall(): Promise<void> {
		await this.cards.locator(byId('action-toggle')).click();
		await this.page.getByText('Uninstall package').click();
		await this.page.getByRole('button', { name: 'Confirm uninstall' }).click();
		await this.news('Package uninstalled');
	}

	/** n8n's notice in the corner; where it is another one, the test says which. */
	private async news(title: string): Promise<void> {
		const notice = this.page.locator('.el-notification').first();
		await notice.waitFor();
		expect(await notice.innerText()).toContain(title);
	}
}
