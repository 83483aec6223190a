import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CloseCode } from '@rookery/protocol';
import { ChatTab, PHONE } from '../support/chat-page.js';
import { hasChromium, launchChromium } from '../support/chromium.js';
import { Line, WS } from '../support/page-line.js';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';

interface SentFrame {
  type: string;
  id: number;
  data: { clientId?: string };
}

/** What a page sends, as it goes out. */
type Rewrite = (frame: SentFrame) => SentFrame;

/** Cuts the connection at the very moment when the first message has been stored and its `ok` is under way. */
async function loseFirstOk(page: Page, rewrite: Rewrite = (frame) => frame): Promise<void> {
  let lost = false;
  let sent: number | undefined;
  await page.routeWebSocket(WS, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((text) => {
      const frame = rewrite(JSON.parse(String(text)) as SentFrame);
      if (frame.type === 'chat.send') sent = frame.id;
      server.send(JSON.stringify(frame));
    });
    server.onMessage((text) => {
      const { type, id } = JSON.parse(String(text)) as { type: string; id?: number };
      if (lost || type !== 'ok' || id !== sent) return socket.send(text);
      lost = true;
      void socket.close({ code: 4000 });
      void server.close();
    });
  });
}

/** The page as it must not be: every repetition under a new client id. */
const forgetClientIds: Rewrite = ({ data, ...frame }) =>
  frame.type === 'chat.send' ? { ...frame, data: { ...data, clientId: randomUUID() } } : { ...frame, data };

/** How many messages are in the journal. */
async function stored(server: TestServer, from: string, to: string): Promise<number> {
  const reader = await RawClient.connect(server, from);
  const { head } = await reader.call('chat.history', { to });
  await reader.close();
  return head;
}

describe.skipIf(!hasChromium())('the chat page', () => {
  let server: TestServer;
  let browser: Browser;
  let tabs: ChatTab[] = [];

  beforeAll(async () => {
    [server, browser] = await Promise.all([TestServer.start({ env: { JWT_LEEWAY: '1' } }), launchChromium()]);
  });
  afterEach(async () => {
    await Promise.all(tabs.map((tab) => tab.close()));
    tabs = [];
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  const signIn = async (user: string, options = {}): Promise<ChatTab> => {
    const tab = await ChatTab.signIn(browser, server.url, user, options);
    tabs.push(tab);
    return tab;
  };

  it('lets two people talk, and shows how far each message came', async () => {
    const alice = await signIn('alice');
    await alice.talkTo('bob');
    await alice.say('Are you there?');
    await alice.status('Are you there?', 'sent');

    const bob = await signIn('bob');
    await alice.status('Are you there?', 'delivered');
    expect(await bob.page.locator('.badge').innerText()).toContain('1');
    await bob.open('alice');
    await bob.sees('Are you there?');
    await alice.status('Are you there?', 'read');

    await bob.say('Yes, right here');
    await alice.sees('Yes, right here');
    await bob.status('Yes, right here', 'read');
    expect(await alice.texts()).toEqual(['Are you there?', 'Yes, right here']);
    expect(await bob.texts()).toEqual(await alice.texts());
    expect([...alice.complaints, ...bob.complaints]).toEqual([]);
  });

  it('shows that somebody is typing', async () => {
    const [ann, ben] = [await signIn('ann'), await signIn('ben')];
    await ann.talkTo('ben');
    await ann.say('hi');
    await ben.talkTo('ann');
    await ben.page.getByLabel('Message', { exact: true }).pressSequentially('well');
    await ann.page.getByText('ben is typing…').waitFor();
    expect(await ann.page.locator('#conversations').innerText()).toContain('typing…');
  });

  it('survives the death of the server: resumes by itself, loses nothing, doubles nothing', async () => {
    const [carol, dave] = [await signIn('carol'), await signIn('dave')];
    await carol.talkTo('dave');
    await carol.say('before');
    await dave.talkTo('carol');
    await dave.sees('before');

    await server.kill();
    await Promise.all([carol.offline(), dave.offline()]);
    await carol.say('typed meanwhile');
    await carol.status('typed meanwhile', 'sending');
    await dave.say('me too');
    expect(await carol.page.locator('#status').innerText()).toMatch(/reconnecting|Connecting/i);
    await server.restart();

    await Promise.all([carol.online(), dave.online()]);
    await carol.status('typed meanwhile', 'read');
    await dave.status('me too', 'read');
    await carol.say('after');
    await dave.sees('after');
    const expected = ['before', 'typed meanwhile', 'me too', 'after'].sort();
    for (const tab of [carol, dave]) {
      expect((await tab.texts()).sort()).toEqual(expected);
      expect(await tab.sequence()).toEqual([1, 2, 3, 4]);
    }
    expect(await carol.texts()).toEqual(await dave.texts());
  });

  async function storedAfterLostOk(sender: string, prepare: (page: Page) => Promise<void>): Promise<number> {
    const tab = await signIn(sender, { prepare });
    await tab.talkTo('otto');
    await tab.say('only once');
    await tab.status('only once', 'sent');
    expect(await tab.texts()).toEqual(['only once']);
    return stored(server, sender, 'otto');
  }

  it('stores a message once although its ok was lost', async () => {
    expect(await storedAfterLostOk('nina', loseFirstOk)).toBe(1);
  });

  it('would store it twice without its client ids (control)', async () => {
    const prepare = (page: Page): Promise<void> => loseFirstOk(page, forgetClientIds);
    expect(await storedAfterLostOk('nora', prepare)).toBe(2);
  });

  it('sends after a reload what could not be sent before it, once', async () => {
    const line = new Line();
    const [eve, frank] = [
      await signIn('eve', { prepare: (page: Page) => line.carry(page) }),
      await signIn('frank'),
    ];
    await eve.talkTo('frank');
    await line.cut();
    await eve.offline();
    await eve.say('kept in the tab');
    await eve.say('this too');
    await eve.status('this too', 'sending');
    await eve.page.reload();
    await eve.open('frank');
    await eve.status('kept in the tab', 'sending');
    line.mend();
    await eve.online();
    await eve.status('this too', 'delivered');
    expect(await eve.texts()).toEqual(['kept in the tab', 'this too']);
    await frank.open('eve');
    expect(await frank.texts()).toEqual(['kept in the tab', 'this too']);
    expect(await stored(server, 'eve', 'frank')).toBe(2);
  });

  it('sends with the next sign-in what a closed tab has left', async () => {
    const uma = await signIn('uma');
    const context = uma.page.context();
    await uma.talkTo('vic');
    await context.setOffline(true);
    await uma.offline();
    await uma.say('left behind');
    await uma.status('left behind', 'sending');
    const next = await uma.inOtherTab();
    await uma.page.close();
    await context.setOffline(false);
    await next.page.goto(server.url);
    await next.enter();
    await next.open('vic');
    await next.status('left behind', 'sent');
    expect(await stored(server, 'uma', 'vic')).toBe(1);
  });

  it('keeps what was refused until somebody decides', async () => {
    const pia = await signIn('pia');
    await pia.talkTo('quin');
    await pia.say('x'.repeat(70_000));
    await pia.page.getByText('Not sent: This message is too long').waitFor();
    await pia.page.reload();
    await pia.online();
    await pia.open('quin');
    await pia.page.getByRole('button', { name: 'Try again' }).click();
    await pia.page.getByText('Not sent: This message is too long').waitFor();
    await pia.page.getByRole('button', { name: 'Discard' }).click();
    await pia.page.locator('.message').waitFor({ state: 'detached' });
    expect(await stored(server, 'pia', 'quin')).toBe(0);
  });

  /** Answers the sign-ins of a page, one after another; the last answer stays. */
  async function answerSignIns(page: Page, ...answers: { status: number; json: object }[]): Promise<void> {
    await page.route('**/chat/session', (route) =>
      route.fulfill((answers.length > 1 ? answers.shift() : answers[0]) ?? {}),
    );
  }
  const shortLived = (user: string): { status: number; json: object } => {
    const token = tokenFor(user, { exp: Math.floor(Date.now() / 1000) + 3 });
    return { status: 201, json: { token, user } };
  };

  it('goes on with a new token when the old one ends', async () => {
    const fresh = { status: 201, json: { token: tokenFor('rita'), user: 'rita' } };
    const rita = await signIn('rita', {
      prepare: (page: Page) => answerSignIns(page, shortLived('rita'), fresh),
    });
    const witness = await RawClient.connect(server, 'witness', {
      token: tokenFor('witness', { exp: Math.floor(Date.now() / 1000) + 4 }),
    });
    expect(await witness.closed()).toBe(CloseCode.TokenExpired);
    await rita.talkTo('sam');
    await rita.say('still here');
    await rita.status('still here', 'sent');
  });

  it('asks to sign in again when there is no new token', async () => {
    const refusal = { status: 403, json: { code: 'refused', message: 'Not any more', retryable: false } };
    const tom = await signIn('tom', {
      prepare: (page: Page) => answerSignIns(page, shortLived('tom'), refusal),
    });
    await tom.page.getByText('Not any more').waitFor();
    await tom.page.getByRole('button', { name: 'Sign in' }).click();
    expect(await tom.page.getByLabel('Your name').inputValue()).toBe('tom');
  });

  it('shows notifications and broadcasts', async () => {
    const gina = await signIn('gina');
    const publish = (path: string, body: object) =>
      fetch(`${server.url}/api/ws/${path}`, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          Authorization: `Bearer ${tokenFor('root', { role: 'admin' })}`,
        },
        body: JSON.stringify(body),
      });
    await publish('send', { type: 'order_status', to: 'gina', content: { order: 7, status: 'paid' } });
    await publish('broadcast', { type: 'maintenance', content: 'Tonight at ten' });
    await gina.page.locator('.toast', { hasText: 'Tonight at ten' }).waitFor();
    await gina.open('Notifications');
    await gina.sees('"status": "paid"');
    expect(await gina.page.locator('#composer').isVisible()).toBe(false);
  });

  it('treats names and texts as text, in any script', async () => {
    const name = '<b>Zoë</b> 花子';
    const [zoe, hans] = [await signIn(name), await signIn('hans')];
    await hans.talkTo(name);
    await hans.say('<img src=x onerror=alert(1)> שלום');
    await zoe.open('hans');
    await zoe.sees('<img src=x onerror=alert(1)> שלום');
    expect(await zoe.page.locator('.message img, #me b').count()).toBe(0);
  });

  it('loads what came before when scrolled up', async () => {
    const ida = await RawClient.connect(server, 'ida');
    const lines = Array.from({ length: 70 }, (_, index) => `line ${index + 1}.`);
    for (const content of lines) await ida.call('chat.send', { to: 'jan', kind: 'text', content });
    await ida.close();
    const jan = await signIn('jan');
    await jan.open('ida');
    await jan.sees('line 70.');
    await jan.page.locator('#scroller').evaluate((element) => element.scrollTo(0, 0));
    await jan.sees('line 1.');
    expect(await jan.sequence()).toEqual(Array.from({ length: 70 }, (_, index) => index + 1));
  });

  it('fits a telephone', async () => {
    const kim = await signIn('kim', PHONE);
    await kim.talkTo('leo');
    await kim.say('from my telephone');
    await kim.status('from my telephone', 'sent');
    const width = await kim.page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(PHONE.viewport.width);
    await kim.page.getByLabel('Back to the conversations').click();
    await kim.page.locator('#conversations .row', { hasText: 'You: from my telephone' }).waitFor();
  });

  it('says so when the same device connects again', async () => {
    const mia = await signIn('mia');
    const stored = await mia.page.evaluate(`sessionStorage.getItem('rookery.session')`);
    const copy = await mia.page.context().newPage();
    await copy.addInitScript(`sessionStorage.setItem('rookery.session', ${JSON.stringify(stored)})`);
    await copy.goto(`${server.url}/chat`);
    await mia.page.getByText('Open somewhere else').waitFor();
    await mia.page.getByRole('button', { name: 'Use it here' }).click();
    await mia.online();
    expect(await copy.locator('#status').getAttribute('data-state')).toBe('connected');
  });
});
