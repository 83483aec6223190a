import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

const TIMEOUT = 20_000;
/** Where pictures of the page go, to be looked at; none are taken without it. */
const SHOTS = process.env.CHAT_PAGE_SHOTS;

export const DESKTOP = { viewport: { width: 1280, height: 800 } };
export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** One tab with the chat page, as a person uses it. Collects what the browser complained about. */
export class ChatTab {
  readonly complaints: string[] = [];

  private constructor(
    readonly user: string,
    readonly page: Page,
  ) {}

  static async signIn(
    browser: Browser,
    url: string,
    user: string,
    options: BrowserContextOptions & { prepare?: (page: Page) => Promise<void> } = {},
  ): Promise<ChatTab> {
    const { prepare, ...contextOptions } = options;
    const context = await browser.newContext(contextOptions);
    const page = await context.newPage();
    await prepare?.(page);
    page.setDefaultTimeout(TIMEOUT);
    const tab = new ChatTab(user, page);
    page.on('pageerror', (error) => tab.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') tab.complaints.push(message.text());
    });
    await page.goto(`${url}/`);
    await tab.enter();
    return tab;
  }

  /** The same person in another tab of the same browser, which has not opened the page yet. */
  async inOtherTab(): Promise<ChatTab> {
    const page = await this.page.context().newPage();
    page.setDefaultTimeout(TIMEOUT);
    return new ChatTab(this.user, page);
  }

  /** Fills in the sign-in. */
  async enter(): Promise<void> {
    await this.page.getByLabel('Your name').fill(this.user);
    await this.page.getByRole('button', { name: 'Start chatting' }).click();
    await this.online();
  }

  async online(): Promise<void> {
    // A telephone shows it in the list only.
    await this.page.locator('#status[data-state="connected"]').waitFor({ state: 'attached' });
    await this.page.locator('#app[data-ready="true"]').waitFor();
  }

  async offline(): Promise<void> {
    await this.page.locator('#status:not([data-state="connected"])').waitFor({ state: 'attached' });
  }

  async talkTo(peer: string): Promise<void> {
    await this.page.getByLabel('Talk to somebody').fill(peer);
    await this.page.getByLabel('Talk to somebody').press('Enter');
    await this.page.locator('#chat-title', { hasText: peer }).waitFor();
  }

  /** Opens what is in the list already. */
  async open(title: string): Promise<void> {
    await this.page.locator('#conversations .row', { hasText: title }).click();
    await this.page.locator('#chat-title', { hasText: title }).waitFor();
  }

  async say(text: string): Promise<void> {
    await this.page.getByLabel('Message', { exact: true }).fill(text);
    await this.page.getByLabel('Message', { exact: true }).press('Enter');
  }

  /** Waits until the last message of this text has this status: `sending`, `sent`, `delivered`, `read`. */
  async status(text: string, status: string): Promise<void> {
    await this.page.locator(`.message[data-status="${status}"]`, { hasText: text }).last().waitFor();
  }

  async sees(text: string): Promise<void> {
    await this.page.locator('.message', { hasText: text }).last().waitFor();
  }

  /** What a message's own menu offers. */
  async act(text: string, name: string): Promise<void> {
    const row = this.page.locator('.message', { hasText: text }).last();
    await row.getByLabel('Actions').click();
    await row.getByRole('button', { name, exact: true }).click();
  }

  /** What the menu of the open conversation offers. */
  async menu(name: string): Promise<void> {
    await this.page.locator('#chat-menu summary').click();
    await this.page.locator('#chat-menu').getByRole('button', { name }).click();
  }

  async closeWindow(): Promise<void> {
    await this.page.locator('dialog[open]').getByRole('button', { name: 'Close', exact: true }).click();
  }

  /** Whether nothing sticks out of the window sideways. */
  async fits(): Promise<boolean> {
    return this.page.evaluate<boolean>(
      `[document.documentElement, ...document.querySelectorAll('.sidebar, .chat, dialog[open], #call')]
        .every((element) => element.scrollWidth <= element.clientWidth)`,
    );
  }

  async shot(name: string): Promise<void> {
    if (!SHOTS) return;
    const width = this.page.viewportSize()?.width;
    await this.page.screenshot({ path: `${SHOTS}/${name}-${width}.png` });
    await this.page.emulateMedia({ colorScheme: 'dark' });
    await this.page.screenshot({ path: `${SHOTS}/${name}-${width}-dark.png` });
    await this.page.emulateMedia({ colorScheme: null });
  }

  /** The texts of the open conversation, from top to bottom. */
  texts(): Promise<string[]> {
    return this.page.locator('.message .text').allTextContents();
  }

  async sequence(): Promise<number[]> {
    const values = await this.page
      .locator('.message')
      .evaluateAll((rows) =>
        rows.map((row) => (row as unknown as { dataset: Record<string, string> }).dataset.seq),
      );
    return values.map(Number);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
