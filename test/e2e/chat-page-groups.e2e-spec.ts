import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ChatTab, DESKTOP } from '../support/chat-page.js';
import { hasChromium, launchChromium } from '../support/chromium.js';
import { TestServer } from '../support/server.js';

/** A picture of one pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describe.skipIf(!hasChromium())('groups and messages on the chat page', () => {
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

  const signIn = async (user: string): Promise<ChatTab> => {
    const tab = await ChatTab.signIn(browser, server.url, user, DESKTOP);
    tabs.push(tab);
    return tab;
  };

  /** What the member list offers to do with somebody. */
  const deed = async ({ page }: ChatTab, user: string, name: string): Promise<void> => {
    await page.getByLabel(`Actions for ${user}`).click();
    await page.locator('#members').getByRole('button', { name, exact: true }).click();
  };

  it('make a group, invite, talk, mention, remove', async () => {
    const [ann, ben] = [await signIn('ann'), await signIn('ben')];
    await ann.page.getByRole('button', { name: 'Groups…' }).click();
    await ann.page.getByLabel('New group').fill('Rowers');
    await ann.page.getByLabel('Only by invitation').check();
    await ann.shot('groups');
    await ann.page.getByRole('button', { name: 'Create' }).click();
    await ann.page.locator('#chat-title', { hasText: 'Rowers' }).waitFor();
    await ann.page.getByRole('button', { name: 'Members' }).click();
    await ann.page.getByLabel('Invite somebody').fill('ben');
    await ann.page.getByRole('button', { name: 'Invite', exact: true }).click();

    await ben.page.locator('.toast', { hasText: 'Rowers' }).waitFor();
    await ben.page.getByRole('button', { name: 'Groups…' }).click();
    await ben.page.getByRole('button', { name: 'Accept' }).click();
    await ben.page.locator('#chat-title', { hasText: 'Rowers' }).waitFor();
    await ben.page.getByLabel('Message', { exact: true }).pressSequentially('hi');
    await ann.closeWindow();
    await ann.page.getByText('ben is typing…').waitFor();
    await ben.say('hi all');
    await ann.sees('hi all');
    await ben.talkTo('ann');
    await ann.say('welcome @ben!');
    await ben.page.locator('#conversations .row', { hasText: 'Rowers' }).locator('.mention').waitFor();
    await ben.page.locator('.row-title', { hasText: 'Rowers' }).click();
    await ben.page.locator('#conversations .mention').waitFor({ state: 'detached' });

    await ann.page.getByRole('button', { name: 'Members' }).click();
    await deed(ann, 'ben', 'Remove');
    await ben.page.getByText('You are no member of this group any more.').waitFor();
    expect([...ann.complaints, ...ben.complaints]).toEqual([]);
  });

  it('react, reply, edit, recall, and carry pictures', async () => {
    const [cleo, dan] = [await signIn('cleo'), await signIn('dan')];
    await cleo.talkTo('dan');
    await cleo.say('Helo');
    await cleo.status('Helo', 'sent');
    await dan.open('cleo');
    await dan.act('Helo', 'React with 👍');
    await cleo.page.locator('.reaction', { hasText: '👍 1' }).waitFor();
    await dan.page.locator('.reaction[aria-pressed="true"]').waitFor();
    await cleo.act('Helo', 'Edit');
    await cleo.say('Hello');
    await dan.page.locator('.message', { hasText: 'edited' }).getByText('Hello').waitFor();
    await dan.act('Hello', 'Reply');
    await dan.say('Good morning');
    await cleo.page.locator('.quote', { hasText: 'cleo: Hello' }).waitFor();
    await dan.page.locator('#file').setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: PNG });
    await cleo.page.locator('img.picture[src^="blob:"]').waitFor();
    await dan.page.locator('#file').setInputFiles({
      name: 'notes.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('some notes'),
    });
    await cleo.page.locator('.file', { hasText: 'notes.txt' }).waitFor();
    await cleo.page.locator('#conversations .dot.online').waitFor();
    await cleo.shot('messages');
    await cleo.page.locator('.message', { hasText: 'Good morning' }).getByLabel('Actions').click();
    await cleo.shot('actions');
    await cleo.act('edited', 'Recall');
    await dan.sees('Message recalled');
    await dan.page.reload();
    await dan.open('cleo');
    await dan.sees('Message recalled');
    expect(await dan.page.locator('.message').count()).toBe(4);
    expect([...cleo.complaints, ...dan.complaints]).toEqual([]);
  });
});
