import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ChatTab, DESKTOP, PHONE } from '../support/chat-page.js';
import { hasChromium, launchChromium } from '../support/chromium.js';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';

describe.skipIf(!hasChromium()).each([
  { width: 1280, options: DESKTOP },
  { width: 390, options: PHONE },
])('running a group on the chat page, $width wide', ({ options }) => {
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
  /** A private group of the owner with these members. */
  const group = async (
    owner: string,
    conversation: string,
    { users = [], ...settings }: { users?: string[]; requests?: boolean },
  ): Promise<void> => {
    const [maker, root] = await Promise.all([
      RawClient.connect(server, owner),
      RawClient.connect(server, 'root', { token: tokenFor('root', { role: 'admin' }) }),
    ]);
    const name = conversation.toUpperCase();
    await maker.call('group.create', { id: conversation, name, visibility: 'private', ...settings });
    if (users.length > 0) await root.call('group.add', { conversation, users });
    await Promise.all([maker.close(), root.close()]);
  };
  const members = async (tab: ChatTab, title: string): Promise<void> => {
    await tab.open(title);
    await tab.page.getByRole('button', { name: 'Members', exact: true }).click();
    await tab.page.locator('#members li').first().waitFor();
  };
  const deed = async ({ page }: ChatTab, user: string, name: string): Promise<void> => {
    await page.getByLabel(`Actions for ${user}`).click();
    await page.locator('#members').getByRole('button', { name, exact: true }).click();
  };
  const row = ({ page }: ChatTab, user: string) => page.locator('#members li', { hasText: user });

  it('finds members, gives and takes roles, mutes and lifts it', async () => {
    const users = ['bea', 'carl', ...Array.from({ length: 120 }, (_, at) => `guest${100 + at}`)];
    await group('abe', 'rowers', { users });
    const [abe, bea] = [await signIn('abe'), await signIn('bea')];
    await members(abe, 'ROWERS');
    await abe.page.getByText('123 members').waitFor();
    expect(await abe.page.locator('#members li').count()).toBe(100);
    await abe.page.locator('#members-more').click();
    await expect.poll(() => abe.page.locator('#members li').count()).toBe(123);
    await abe.page.getByLabel('Find by the beginning of the name').fill('guest21');
    await expect.poll(() => abe.page.locator('#members li').count()).toBe(10);
    await abe.page.getByLabel('Find by the beginning of the name').fill('b');
    await expect.poll(() => abe.page.locator('#members li').count()).toBe(1);
    await abe.page.getByLabel('Actions for bea').click();
    await abe.shot('group-deeds');
    await abe.page.keyboard.press('Escape');
    await expect.poll(() => abe.page.locator('#members .action-list').isVisible()).toBe(false);
    expect(await abe.page.locator('#members-dialog').isVisible()).toBe(true);

    await deed(abe, 'bea', 'Make admin');
    await row(abe, 'bea').getByText('admin').waitFor();
    await bea.page.locator('.toast', { hasText: 'abe made bea admin' }).click();
    await bea.page.getByRole('button', { name: 'Members', exact: true }).click();
    await deed(bea, 'carl', 'Mute for an hour');
    await row(bea, 'carl').getByText('muted until').waitFor();
    await deed(bea, 'carl', 'Unmute');
    await row(bea, 'carl').getByText('muted').waitFor({ state: 'detached' });
    expect(await bea.page.getByLabel('Actions for abe').count()).toBe(0);
    await deed(abe, 'bea', 'Make member');
    await bea.page.getByLabel('Actions for carl').waitFor({ state: 'detached' });
    expect(await abe.fits()).toBe(true);
    expect(complaints()).toEqual([]);
  });

  it('removes and bans, and lifts the ban', async () => {
    await group('dora', 'singers', { users: ['emil', 'fay'] });
    const [dora, emil, fay] = [await signIn('dora'), await signIn('emil'), await signIn('fay')];
    await Promise.all([emil.open('SINGERS'), fay.open('SINGERS')]);
    await members(dora, 'SINGERS');
    await deed(dora, 'emil', 'Remove');
    await emil.page.getByText('You are no member of this group any more.').waitFor();
    await row(dora, 'emil').waitFor({ state: 'detached' });
    await deed(dora, 'fay', 'Ban…');
    await dora.shot('group-ban');
    await dora.page.getByRole('button', { name: 'Ban', exact: true }).click();
    await fay.page.getByText('You are no member of this group any more.').waitFor();
    await dora.page.locator('#members-relation').selectOption('Banned');
    await dora.page.getByRole('button', { name: 'Lift the ban: fay' }).click();
    await dora.page.locator('#members-none').waitFor();
    expect(complaints()).toEqual([]);
  });

  it('lets those in who ask, turns others down, takes invitations back', async () => {
    await group('gus', 'divers', { requests: true });
    const [gus, hana, ian] = [await signIn('gus'), await signIn('hana'), await signIn('ian')];
    for (const { page } of [hana, ian]) {
      await page.getByRole('button', { name: 'Groups…' }).click();
      await page.getByLabel('Join an open group').fill('divers');
      await page.getByRole('button', { name: 'Join', exact: true }).click();
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      await page.locator('.toast', { hasText: 'Asked' }).waitFor();
    }
    await hana.page.getByRole('button', { name: 'Groups…' }).click();
    await hana.page.getByText('waiting for an answer').waitFor();
    await hana.closeWindow();
    await members(gus, 'DIVERS');
    await gus.page.locator('#members-relation').selectOption('Ask to join');
    await gus.page.getByRole('button', { name: 'Approve: hana' }).waitFor();
    await gus.shot('group-requests');
    await gus.page.getByRole('button', { name: 'Approve: hana' }).click();
    await gus.page.getByRole('button', { name: 'Decline: ian' }).click();
    await gus.page.locator('#members-none').waitFor();
    await hana.open('DIVERS');
    await hana.say('thank you');
    await hana.status('thank you', 'sent');
    await gus.page.getByLabel('Invite somebody').fill('jo');
    await gus.page.getByRole('button', { name: 'Invite', exact: true }).click();
    await gus.page.locator('#members-relation').selectOption('Invited');
    await gus.page.getByRole('button', { name: 'Take back: jo' }).click();
    await gus.page.locator('#members-none').waitFor();
    expect(complaints()).toEqual([]);
  });

  it('renames and sets it, gives it away, leaves and closes it', async () => {
    await group('kim', 'bakers', { users: ['lou'] });
    const [kim, lou] = [await signIn('kim'), await signIn('lou')];
    await lou.open('BAKERS');
    await members(kim, 'BAKERS');
    await kim.page.getByText('Settings').click();
    await kim.page.getByLabel('Name', { exact: true }).fill('Bread');
    await kim.page.getByLabel('Description').fill('Sourdough only');
    await kim.page.getByLabel('Only owner and admins may write').check();
    await kim.shot('group-settings');
    expect(await kim.fits()).toBe(true);
    await kim.page.getByRole('button', { name: 'Save' }).click();
    await lou.page.locator('#chat-title', { hasText: 'Bread' }).waitFor();
    await kim.page.locator('#members-title', { hasText: 'Bread' }).waitFor();
    await lou.page.getByRole('button', { name: 'Members', exact: true }).click();
    await lou.page.getByText('Sourdough only').waitFor();
    expect(await lou.page.getByText('Settings').isVisible()).toBe(false);

    await deed(kim, 'lou', 'Give the group…');
    await kim.page.getByRole('button', { name: 'Give', exact: true }).click();
    await lou.page.getByRole('button', { name: 'Close for everybody' }).waitFor();
    await kim.page.getByRole('button', { name: 'Leave this group' }).click();
    await kim.page.getByRole('button', { name: 'Leave', exact: true }).click();
    await kim.page.getByText('You are no member of this group any more.').waitFor();
    await lou.page.getByRole('button', { name: 'Close for everybody' }).click();
    await lou.page.getByRole('button', { name: 'Close the group' }).click();
    await lou.page.getByText('This group was closed.').waitFor();
    await lou.page.reload();
    await lou.open('Bread');
    await lou.page.getByText('This group was closed.').waitFor();
    await lou.shot('group-closed');
    expect(complaints()).toEqual([]);
  });
});
