import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ChatTab, DESKTOP, PHONE } from '../support/chat-page.js';
import { hasChromium, launchChromium } from '../support/chromium.js';
import { TestServer } from '../support/server.js';

describe.skipIf(!hasChromium()).each([
  { width: 1280, options: DESKTOP },
  { width: 390, options: PHONE },
])('contacts and blocks on the chat page, $width wide', ({ options }) => {
  let server: TestServer;
  let browser: Browser;
  let tabs: ChatTab[] = [];

  beforeAll(async () => {
    [server, browser] = await Promise.all([TestServer.start(), launchChromium()]);
  });
  afterEach(async () => {
    await Promise.all(tabs.map((tab) => tab.close()));
    tabs = [];
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  const complaints = (): string[] => tabs.flatMap((tab) => tab.complaints);
  const signIn = async (user: string): Promise<ChatTab> => {
    const tab = await ChatTab.signIn(browser, server.url, user, options);
    tabs.push(tab);
    return tab;
  };
  const press = ({ page }: ChatTab, name: string): Promise<void> =>
    page.getByRole('button', { name, exact: true }).click();
  const list = ({ page }: ChatTab, view: string) => page.locator('#contacts-view').selectOption(view);
  const ask = async (tab: ChatTab, user: string): Promise<void> => {
    await tab.page.getByLabel('Ask somebody').fill(user);
    await press(tab, 'Ask');
  };

  it('ask, answer, end, and take back', async () => {
    const [ada, bo, cy] = [await signIn('ada'), await signIn('bo'), await signIn('cy')];
    await press(ada, 'Contacts…');
    await ada.page.locator('#contacts-none').waitFor();
    for (const user of ['bo', 'cy', 'dee']) await ask(ada, user);
    await bo.page.locator('.toast', { hasText: 'ada wants to be your contact' }).waitFor();
    await list(ada, 'outgoing');
    await ada.page.getByRole('button', { name: 'Take back: dee' }).click();
    await ada.page.getByRole('button', { name: 'Take back: dee' }).waitFor({ state: 'detached' });
    for (const tab of [bo, cy]) {
      await press(tab, 'Contacts…');
      await list(tab, 'incoming');
    }
    await bo.page.getByRole('button', { name: 'Accept: ada' }).waitFor();
    await bo.shot('contacts-incoming');
    await bo.page.getByRole('button', { name: 'Accept: ada' }).click();
    await cy.page.getByRole('button', { name: 'Decline: ada' }).click();
    await cy.page.locator('#contacts-none').waitFor();
    await list(ada, 'contacts');
    await ada.page.locator('#contacts li', { hasText: 'bo' }).getByText('online').waitFor();
    await ada.shot('contacts');
    expect(await ada.fits()).toBe(true);
    await ada.page.getByRole('button', { name: 'Talk: bo' }).click();
    await ada.page.locator('#chat-title', { hasText: 'bo' }).waitFor();
    await list(bo, 'contacts');
    await bo.page.getByLabel('Actions for ada').click();
    await press(bo, 'Remove');
    await bo.page.locator('#contacts-none').waitFor();
    // What happened to contacts is no line of the notifications.
    expect(await bo.page.locator('#conversations .row').count()).toBe(0);
    expect(complaints()).toEqual([]);
  });

  it('block somebody, who cannot write any more, and let him again', async () => {
    const [eli, flo] = [await signIn('eli'), await signIn('flo')];
    await eli.talkTo('flo');
    await eli.say('hello');
    await flo.open('eli');
    await flo.sees('hello');
    await flo.menu('Block');
    await flo.page.getByText('Blocked by you').waitFor();
    await eli.say('are you there?');
    await eli.page.getByText('Not sent:').waitFor();
    await flo.page.reload();
    await flo.open('eli');
    await flo.page.getByText('Blocked by you').waitFor();
    await flo.shot('blocked');
    await flo.menu('Unblock');
    await flo.page.getByText('Blocked by you').waitFor({ state: 'detached' });
    await press(eli, 'Try again');
    await flo.sees('are you there?');
    expect(complaints()).toEqual([]);
  });
});
