import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ChatTab, DESKTOP, PHONE } from '../support/chat-page.js';
import { FAKE_MEDIA, hasChromium, launchChromium } from '../support/chromium.js';
import { callState, plays, press, talks } from '../support/page-call.js';
import { Line, WS } from '../support/page-line.js';
import { TestServer } from '../support/server.js';

/** A microphone that nobody allows. */
const REFUSED = `navigator.mediaDevices.getUserMedia = () =>
  Promise.reject(new DOMException('no', 'NotAllowedError'));`;

/** A page that remembers with which servers it has made a connection to another one. */
async function noteServers(page: Page): Promise<void> {
  await page.addInitScript(`window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(options) {
      super(options);
      window.usedServers = options.iceServers;
    }
  };`);
}

const typeOf = (text: string | Buffer): string => (JSON.parse(String(text)) as { type: string }).type;

/** A page that hears of others' calls only when it has called somebody itself. */
async function ringLate(page: Page): Promise<void> {
  await page.routeWebSocket(WS, (socket) => {
    const server = socket.connectToServer();
    let held: (string | Buffer)[] | undefined = [];
    socket.onMessage((text) => {
      server.send(text);
      if (typeOf(text) !== 'call.offer') return;
      for (const late of held ?? []) socket.send(late);
      held = undefined;
    });
    server.onMessage((text) => {
      if (held && typeOf(text).startsWith('call.')) held.push(text);
      else socket.send(text);
    });
  });
}

describe.skipIf(!hasChromium()).each([
  { width: 1280, options: DESKTOP },
  { width: 390, options: PHONE },
])('calls on the chat page, $width wide', ({ options }) => {
  let server: TestServer;
  let browser: Browser;
  let tabs: ChatTab[] = [];

  beforeAll(async () => {
    const env = { CHAT_PAGE_ICE_SERVERS: 'turn:127.0.0.1:9', CHAT_PAGE_TURN_SECRET: 'x' };
    [server, browser] = await Promise.all([TestServer.start({ env }), launchChromium(FAKE_MEDIA)]);
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
  const signIn = async (user: string, prepare?: (page: Page) => Promise<void>): Promise<ChatTab> => {
    const tab = await ChatTab.signIn(browser, server.url, user, { ...options, prepare });
    tabs.push(tab);
    return tab;
  };
  const pictureWidth = ({ page }: ChatTab): Promise<number> =>
    page.evaluate<number>(`document.querySelector('#call-remote').videoWidth`);

  it('ring on all devices; the first that answers has it, with sound and picture', async () => {
    const [amy, ben, other] = [await signIn('amy'), await signIn('ben'), await signIn('ben')];
    await amy.talkTo('ben');
    await press(amy, 'Video call');
    await Promise.all([ben, other].map((tab) => callState(tab, 'Incoming video call')));
    await callState(amy, 'Ringing…');
    await ben.shot('call-incoming');
    expect(await ben.page.title()).toContain('amy is calling');
    await press(ben, 'Answer');
    await callState(other, 'Answered on another device');
    await Promise.all([talks(amy), talks(ben)]);
    await Promise.all([plays(amy), plays(ben)]);
    // A busy machine sends a smaller picture.
    for (const tab of [amy, ben]) expect(await pictureWidth(tab)).toBeGreaterThan(0);
    await amy.shot('call-active');
    expect([await amy.fits(), await ben.fits()]).toEqual([true, true]);
    await other.page.locator('#call').waitFor({ state: 'hidden' });

    await press(amy, 'Mute');
    await amy.page.getByRole('button', { name: 'Muted', pressed: true }).waitFor();
    await press(amy, 'Camera off');
    await amy.page.getByRole('button', { name: 'Camera is off', pressed: true }).waitFor();
    await press(ben, 'Hang up');
    await Promise.all([callState(amy, 'Call ended'), callState(ben, 'Call ended')]);
    await amy.page.locator('.call-line', { hasText: /Video call, 0:\d\d/ }).waitFor();
    await Promise.all([amy, ben].map(({ page }) => page.locator('#call').waitFor({ state: 'hidden' })));
    // The browser lets go of camera and microphone.
    expect(await amy.page.evaluate(`document.querySelector('#call-local').srcObject`)).toBe(null);
    expect(complaints()).toEqual([]);
  });

  it('show who was missed, and who declined', async () => {
    const [cleo, dan] = [await signIn('cleo'), await signIn('dan')];
    await cleo.talkTo('dan');
    await press(cleo, 'Call');
    await callState(dan, 'Incoming call');
    await press(cleo, 'Hang up');
    await callState(dan, 'Missed call');
    await dan.page.locator('.toast', { hasText: 'Missed call' }).waitFor();
    await dan.page.locator('#conversations .row', { hasText: 'Missed call' }).waitFor();
    await cleo.page.locator('.call-line', { hasText: 'Call, cancelled' }).waitFor();

    await cleo.page.locator('#call').waitFor({ state: 'hidden' });
    await press(cleo, 'Call');
    await callState(dan, 'Incoming call');
    await press(dan, 'Decline');
    await callState(cleo, 'Declined');
    await dan.open('cleo');
    await dan.page.locator('.call-line', { hasText: 'Call, declined' }).waitFor();
    await dan.page.reload();
    await dan.open('cleo');
    await dan.page.locator('.call-line', { hasText: 'Missed call' }).waitFor();
    await dan.shot('call-lines');
    expect(complaints()).toEqual([]);
  });

  it('are heard, and others find both in another call', async () => {
    const [eve, fay, gil] = [await signIn('eve', noteServers), await signIn('fay'), await signIn('gil')];
    await eve.talkTo('fay');
    await press(eve, 'Call');
    await press(fay, 'Answer');
    await Promise.all([talks(eve), talks(fay)]);
    await Promise.all([plays(eve), plays(fay)]);
    await eve.shot('call-audio');
    const used = await eve.page.evaluate<{ urls: string[]; username: string }[]>('usedServers');
    expect(used).toMatchObject([
      { urls: ['turn:127.0.0.1:9'], username: expect.stringMatching(/^\d+:eve$/) },
    ]);
    await gil.talkTo('fay');
    await press(gil, 'Call');
    await callState(gil, 'In another call');
    await eve.say('written while we talk');
    await fay.page.locator('#conversations .row', { hasText: 'written while we talk' }).waitFor();
    await press(eve, 'Hang up');
    await callState(fay, 'Call ended');
    expect(complaints()).toEqual([]);
  });

  it('meet when both call at once', async () => {
    const [hal, ivy] = [await signIn('hal'), await signIn('ivy', ringLate)];
    await Promise.all([hal.talkTo('ivy'), ivy.talkTo('hal')]);
    await press(hal, 'Call');
    await callState(hal, 'Calling…');
    await press(ivy, 'Call');
    await Promise.all([talks(hal), talks(ivy)]);
    await Promise.all([plays(hal), plays(ivy)]);
    await press(ivy, 'Hang up');
    await callState(hal, 'Call ended');
    expect(complaints()).toEqual([]);
  });

  it('outlive a lost connection to the server', async () => {
    const line = new Line();
    const [jo, kit] = [await signIn('jo', (page) => line.carry(page)), await signIn('kit')];
    await jo.talkTo('kit');
    await press(jo, 'Call');
    await press(kit, 'Answer');
    await Promise.all([talks(jo), talks(kit)]);
    await line.cut();
    await jo.offline();
    await plays(jo);
    line.mend();
    await jo.online();
    await Promise.all([talks(jo), talks(kit)]);
    await press(kit, 'Hang up');
    await callState(jo, 'Call ended');
    await jo.page.locator('.call-line').waitFor();
    expect(await jo.page.locator('.call-line').innerText()).toMatch(/^Call, 0:\d\d/);
  });

  it('stop ringing where their end was missed', async () => {
    const line = new Line();
    const [nan, oz] = [await signIn('nan'), await signIn('oz', (page) => line.carry(page))];
    await nan.talkTo('oz');
    await press(nan, 'Call');
    await callState(oz, 'Incoming call');
    await line.cut();
    await oz.offline();
    await press(nan, 'Hang up');
    await nan.page.locator('.call-line', { hasText: 'Call, cancelled' }).waitFor();
    line.mend();
    await callState(oz, 'Missed call');
    expect(nan.complaints).toEqual([]);
  });

  it('say why there is no microphone', async () => {
    const lia = await signIn('lia', async (page) => void (await page.addInitScript(REFUSED)));
    await lia.talkTo('max');
    await press(lia, 'Call');
    await callState(lia, 'does not let this page use the microphone');
    await lia.page.locator('#call').waitFor({ state: 'hidden' });
    expect(await lia.page.locator('.call-line').count()).toBe(0);
    expect(complaints()).toEqual([]);
  });
});
