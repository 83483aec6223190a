import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChatTab } from '../support/chat-page.js';
import { FAKE_MEDIA, hasChromium, launchChromium } from '../support/chromium.js';
import { callState, plays, press, talks } from '../support/page-call.js';
import { TestServer } from '../support/server.js';
import { hasTurnServer, TurnServer } from '../support/turn-server.js';

const SECRET = 'of the TURN server';

/** A page behind a router that lets nothing through but what a TURN server relays. */
async function onlyRelayed(page: Page): Promise<void> {
  await page.addInitScript(`window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(options) {
      super({ ...options, iceTransportPolicy: 'relay' });
      window.connection = this;
    }
  };`);
}

/** Kinds of the candidates at both ends that are in use. */
const IN_USE = `connection.getStats().then((stats) => {
  const all = [...stats.values()];
  const { localCandidateId, remoteCandidateId } = all.find((each) => each.nominated && each.state === 'succeeded');
  return [localCandidateId, remoteCandidateId].map((id) => all.find((each) => each.id === id).candidateType);
})`;

describe.skipIf(!hasChromium() || !hasTurnServer())('calls on the chat page by way of coturn', () => {
  let turn: TurnServer;
  let browser: Browser;

  beforeAll(async () => {
    [turn, browser] = await Promise.all([TurnServer.start(SECRET), launchChromium(FAKE_MEDIA)]);
  });
  afterAll(async () => {
    await browser.close();
    await turn.stop();
  });

  async function inCall(turnSecret: string, act: (caller: ChatTab, callee: ChatTab) => Promise<void>) {
    const env = {
      CHAT_PAGE_ICE_SERVERS: `turn:127.0.0.1:${turn.port}`,
      CHAT_PAGE_TURN_SECRET: turnSecret,
    };
    const server = await TestServer.start({ env });
    try {
      const signIn = (user: string) => ChatTab.signIn(browser, server.url, user, { prepare: onlyRelayed });
      const [amy, ben] = [await signIn('amy'), await signIn('ben')];
      await amy.talkTo('ben');
      await press(amy, 'Call');
      await callState(ben, 'Incoming call');
      await press(ben, 'Answer');
      await act(amy, ben);
      await Promise.all([amy.close(), ben.close()]);
    } finally {
      await server.stop();
    }
  }

  it('go through it with the credentials that the server gives', () =>
    inCall(SECRET, async (amy, ben) => {
      await Promise.all([talks(amy), talks(ben)]);
      await Promise.all([plays(amy), plays(ben)]);
      expect(await amy.page.evaluate(IN_USE)).toEqual(['relay', 'relay']);
      expect([...amy.complaints, ...ben.complaints]).toEqual([]);
    }));

  it('do not where the secret is another', () =>
    inCall('another', async ({ page }) => {
      await page.waitForFunction(`window.connection?.iceGatheringState === 'complete'`);
      const candidates = `connection.localDescription.sdp.split('\\n').filter((line) => line.startsWith('a=candidate'))`;
      expect(await page.evaluate(candidates)).toEqual([]);
    }));
});
