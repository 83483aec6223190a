import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ChatTab, DESKTOP, PHONE } from '../support/chat-page.js';
import { hasChromium, launchChromium } from '../support/chromium.js';
import { RawClient } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';

/** Messages of one page of a history, and more than fit into a few of them. */
const MANY = 260;

describe.skipIf(!hasChromium()).each([
  { width: 1280, options: DESKTOP },
  { width: 390, options: PHONE },
])('finding, forwarding, pinning and deleting on the chat page, $width wide', ({ options }) => {
  let server: TestServer;
  let browser: Browser;
  let tabs: ChatTab[] = [];

  beforeAll(async () => {
    const env = { WS_RATE_LIMIT: '100000', WS_USER_RATE_LIMIT: '100000' };
    [server, browser] = await Promise.all([TestServer.start({ env }), launchChromium()]);
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
  const back = async ({ page }: ChatTab): Promise<void> => {
    if (options === PHONE) await page.getByLabel('Back to the conversations').click();
  };

  async function wrote(from: string, to: string, texts: readonly string[]): Promise<void> {
    const client = await RawClient.connect(server, from);
    for (const content of texts) await client.call('chat.send', { to, kind: 'text', content });
    await client.close();
  }

  /** What was read elsewhere is not pushed to a new device. */
  async function hasRead(user: string, from: string): Promise<void> {
    const client = await RawClient.connect(server, user);
    const { conversation, head } = await client.call('chat.history', { to: from });
    await client.call('chat.read', { conversation, seq: head });
    await client.close();
  }

  it('finds a message in any conversation, and shows it far up among its neighbours', async () => {
    const lines = Array.from({ length: MANY }, (_, index) => `line ${index + 1}.`);
    await wrote('ida', 'jan', [...lines.slice(0, 20), 'Der Schlüssel liegt <b>hier</b>', ...lines.slice(20)]);
    await hasRead('jan', 'ida');
    await wrote('kay', 'jan', ['where is the key?']);
    const jan = await signIn('jan');
    const { page } = jan;
    await page.getByRole('button', { name: 'Search…' }).click();
    await page.getByLabel('Words of a message').fill('schlussel');
    await page.getByLabel('Words of a message').press('Enter');
    await page.getByText('1 found').waitFor();
    const result = page.locator('#search-results .result');
    expect(await result.locator('mark').innerText()).toBe('Schlüssel');
    expect(await result.innerText()).toContain('<b>hier</b>');
    await jan.shot('search');
    expect(await jan.fits()).toBe(true);
    await result.click();
    const found = page.locator('.message.found', { hasText: 'Schlüssel' });
    await found.waitFor();
    await page.locator('.message.found:focus').waitFor();
    await jan.sees('line 21.');
    expect(await page.locator('.message', { hasText: `line ${MANY}.` }).count()).toBe(0);
    await jan.shot('found');
    // What is written meanwhile waits below, and the way down has no hole.
    await wrote('ida', 'jan', ['written meanwhile']);
    for (const last of [`line ${MANY}.`, 'written meanwhile']) {
      const row = page.locator('.message', { hasText: last });
      await expect
        .poll(async () => {
          await page.locator('#scroller').evaluate((element) => element.scrollTo(0, element.scrollHeight));
          return row.count();
        })
        .toBe(1);
    }
    const numbers = await jan.sequence();
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => numbers[0]! + at));
    expect(numbers.at(-1)).toBe(MANY + 2);
    await jan.page.getByRole('button', { name: 'Newest messages' }).waitFor({ state: 'hidden' });
    expect(complaints()).toEqual([]);
  });

  it('goes back to the newest messages at once', async () => {
    await wrote('lea', 'mia', ['the very first', ...Array.from({ length: 120 }, (_, at) => `word ${at}.`)]);
    await hasRead('mia', 'lea');
    const mia = await signIn('mia');
    await mia.open('lea');
    await mia.menu('Search here');
    await mia.page.getByLabel('Words of a message').fill('very first');
    await mia.page.getByLabel('Words of a message').press('Enter');
    await mia.page.locator('#search-results .result').click();
    await mia.page.locator('.found', { hasText: 'the very first' }).waitFor();
    await mia.page.getByRole('button', { name: 'Newest messages' }).click();
    await mia.sees('word 119.');
    expect(await mia.page.locator('.message', { hasText: 'the very first' }).count()).toBe(0);
    await mia.say('and one more');
    await mia.status('and one more', 'sent');
    expect(complaints()).toEqual([]);
  });

  it('looks in one conversation only, and says when there is nothing', async () => {
    await wrote('nia', 'ole', ['a red boat']);
    await wrote('pat', 'ole', ['a blue boat']);
    const ole = await signIn('ole');
    await ole.open('nia');
    await ole.menu('Search here');
    await ole.page.getByLabel('Words of a message').fill('boat');
    await ole.page.getByLabel('Words of a message').press('Enter');
    await ole.page.getByText('1 found').waitFor();
    await ole.page.getByLabel('Only in nia').uncheck();
    await ole.page.getByLabel('Words of a message').press('Enter');
    await ole.page.getByText('2 found').waitFor();
    await ole.page.getByLabel('Words of a message').fill('submarine');
    await ole.page.getByRole('button', { name: 'Search', exact: true }).click();
    await ole.page.getByText('Nothing found').waitFor();
    expect(complaints()).toEqual([]);
  });

  it('forwards a copy to somebody else', async () => {
    await wrote('quin', 'rosa', ['the recipe']);
    const rosa = await signIn('rosa');
    await rosa.open('quin');
    await rosa.sees('the recipe');
    await rosa.act('the recipe', 'Forward…');
    await rosa.page.getByLabel('To whom').fill('sven');
    await rosa.shot('forward');
    await rosa.page.getByLabel('To whom').press('Enter');
    await rosa.page.locator('.toast', { hasText: 'Forwarded' }).waitFor();
    await back(rosa);
    await rosa.open('sven');
    await rosa.page.locator('.message', { hasText: 'Forwarded from quin' }).getByText('the recipe').waitFor();
    const sven = await signIn('sven');
    await sven.open('rosa');
    await sven.page.locator('.message', { hasText: 'Forwarded from quin' }).getByText('the recipe').waitFor();
    await sven.page.locator('.message').getByLabel('Actions').click();
    await sven.shot('forwarded');
    expect(complaints()).toEqual([]);
  });

  it('lists what is pinned, leads there, and takes pins away', async () => {
    await wrote('tina', 'udo', ['remember this', 'and not this']);
    const udo = await signIn('udo');
    await udo.open('tina');
    await udo.sees('remember this');
    await udo.menu('Pinned messages');
    await udo.page.getByText('Nothing is pinned here.').waitFor();
    await udo.closeWindow();
    await udo.act('remember this', 'Pin');
    await udo.page.locator('.message', { hasText: '📌' }).waitFor();
    await udo.menu('Pinned messages');
    await udo.page.locator('#pins', { hasText: 'tina: remember this' }).getByText('Pinned by you').waitFor();
    await udo.shot('pins');
    expect(await udo.fits()).toBe(true);
    await udo.page.locator('#pins .result').click();
    await udo.page.locator('.found', { hasText: 'remember this' }).waitFor();
    await udo.menu('Pinned messages');
    await udo.page.getByRole('button', { name: 'Unpin remember this' }).click();
    await udo.page.getByText('Nothing is pinned here.').waitFor();
    await udo.closeWindow();
    await udo.page.locator('.message', { hasText: '📌' }).waitFor({ state: 'detached' });
    expect(complaints()).toEqual([]);
  });

  it('deletes a message for one person alone, on all his devices', async () => {
    await wrote('vera', 'wim', ['keep me', 'forget me']);
    const [wim, other, vera] = [await signIn('wim'), await signIn('wim'), await signIn('vera')];
    await Promise.all([wim.open('vera'), other.open('vera'), vera.open('wim')]);
    await other.sees('forget me');
    await wim.act('forget me', 'Delete for me');
    await wim.shot('confirm');
    await wim.page.getByRole('button', { name: 'Cancel' }).click();
    expect(await wim.texts()).toEqual(['keep me', 'forget me']);
    await wim.act('forget me', 'Delete for me');
    await wim.page.getByRole('button', { name: 'Delete', exact: true }).click();
    for (const tab of [wim, other])
      await tab.page.locator('.message', { hasText: 'forget me' }).waitFor({ state: 'detached' });
    await wim.page.reload();
    await wim.open('vera');
    await wim.sees('keep me');
    expect(await wim.texts()).toEqual(['keep me']);
    expect(await vera.texts()).toEqual(['keep me', 'forget me']);
    expect(complaints()).toEqual([]);
  });

  it('sends files that are pasted or dropped, and stays when one is dropped beside the conversation', async () => {
    const [una, vic] = [await signIn('una'), await signIn('vic')];
    /** Whether the browser was kept from opening the file itself. */
    const bring = (event: 'paste' | 'drop', where: string, name: string): Promise<unknown> =>
      una.page.evaluate(`(() => {
        const brought = new DataTransfer();
        brought.items.add(new File(['some notes'], '${name}', { type: 'text/plain' }));
        const options = { bubbles: true, cancelable: true, clipboardData: brought, dataTransfer: brought };
        const event = new ${event === 'paste' ? 'ClipboardEvent' : 'DragEvent'}('${event}', options);
        return !document.querySelector('${where}').dispatchEvent(event);
      })()`);
    expect(await bring('drop', 'body', 'nobody.txt')).toBe(true);
    await Promise.all([una.talkTo('vic'), vic.talkTo('una')]);
    expect(await bring('paste', '#text', 'pasted.txt')).toBe(true);
    await vic.page.locator('.file', { hasText: 'pasted.txt' }).waitFor();
    expect(await bring('drop', '#scroller', 'dropped.txt')).toBe(true);
    await vic.page.locator('.file', { hasText: 'dropped.txt' }).waitFor();
    expect(await vic.page.locator('.message').count()).toBe(2);
    expect(complaints()).toEqual([]);
  });
});
