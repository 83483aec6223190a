import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import webPush from 'web-push';
import { AppError } from '../../src/common/index.js';
import { Poster } from '../../src/push/http-post.js';
import type { PushDelivery, PushMessage, PushProvider } from '../../src/push/push-provider.js';
import { WebPushProvider } from '../../src/push/web-push-provider.js';
import { WebhookProvider } from '../../src/push/webhook-provider.js';
import { PushReceiver, verified, type ReceivedPush } from '../support/push-receiver.js';
import { vapidOf, WebPushBrowser } from '../support/web-push-receiver.js';

const TIMEOUT = 500;
const message = (content: unknown = 'hello', priority: PushMessage['priority'] = 'normal'): PushMessage => ({
  type: 'push.message',
  time: 1_700_000_000_000,
  conversation: 'dm:amy:ben',
  seq: 7,
  entry: 'dm:amy:ben#7',
  event: { type: 'chat.message', data: { from: 'amy', content } },
  priority,
});

interface Driver {
  provider: PushProvider;
  token: unknown;
  /** What the device is told; throws where it is not authentic. */
  told: (push: ReceivedPush) => Promise<Record<string, any>>;
  /** Bytes of content that are too many. */
  tooMuch: number;
}

const DRIVERS: [string, (receiver: PushReceiver, poster: Poster) => Driver][] = [
  [
    'a webhook',
    ({ url }, poster) => ({
      provider: new WebhookProvider({ url, secret: Buffer.alloc(32, 7) }, poster),
      token: 'a token',
      told: async ({ signed, json, headers }) => {
        expect(signed).toBe(true);
        expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(30);
        const { data, ...rest } = json;
        return { ...rest, ...data, delivery: headers['webhook-id'], entry: data.id, timestamp: undefined };
      },
      tooMuch: 66_000,
    }),
  ],
  [
    'Web Push',
    ({ url }, poster) => {
      const keys = webPush.generateVAPIDKeys();
      const browser = new WebPushBrowser();
      const options = { ...keys, subject: 'mailto:ops@example.com', anyAddress: true };
      return {
        provider: new WebPushProvider(options, poster),
        token: browser.subscription(url),
        told: async (push) => {
          const { publicKey, subject, secondsLeft } = await vapidOf(push, new URL(url).origin);
          expect([publicKey, subject]).toEqual([keys.publicKey, options.subject]);
          expect(secondsLeft).toBeGreaterThan(60);
          expect(secondsLeft).toBeLessThanOrEqual(86_400);
          expect(push.headers['content-encoding']).toBe('aes128gcm');
          expect(Number(push.headers.ttl)).toBeGreaterThan(0);
          expect(() => new WebPushBrowser().decrypt(push.raw)).toThrow(/unable to authenticate/);
          const { id, ...told } = JSON.parse(browser.decrypt(push.raw));
          return { ...told, delivery: id };
        },
        tooMuch: 3100,
      };
    },
  ],
];

describe.each(DRIVERS)('telling a device by %s', (name, make) => {
  let receiver: PushReceiver;
  let poster: Poster;
  let driver: Driver;

  beforeEach(async () => {
    receiver = new PushReceiver();
    await receiver.start();
    poster = new Poster({ timeout: TIMEOUT, concurrency: 4, anyAddress: true });
    driver = make(receiver, poster);
  });
  afterEach(async () => {
    poster.close();
    await receiver.stop();
  });

  const deliver = (told: PushMessage = message(), id = 'delivery-1') => {
    const token = JSON.parse(JSON.stringify(driver.provider.accept(driver.token)));
    const delivery: PushDelivery = { id, user: 'ben', device: 'phone', token, message: told };
    return driver.provider.send(delivery);
  };

  it('brings what is told, authentic and the same at every attempt', async () => {
    expect([await deliver(), await deliver()]).toEqual([{ kind: 'sent' }, { kind: 'sent' }]);
    const [first, second] = await Promise.all(receiver.attempts.map(driver.told));
    expect(first).toMatchObject({
      delivery: 'delivery-1',
      type: 'push.message',
      conversation: 'dm:amy:ben',
      seq: 7,
      entry: 'dm:amy:ben#7',
      event: { type: 'chat.message', data: { from: 'amy', content: 'hello' } },
    });
    expect(second).toEqual(first);
  });

  it.each(['日本語 🐦 \u0000 "', '', null, { deep: [1, { a: 'b' }] }])(
    'brings the content %j as it is',
    async (content) => {
      await deliver(message(content));
      expect((await driver.told(receiver.attempts[0]!)).event.data.content).toEqual(content);
    },
  );

  it.each(['low', 'normal', 'high'] as const)('says that it matters %s', async (priority) => {
    expect(await deliver(message('x', priority))).toEqual({ kind: 'sent' });
    const push = receiver.attempts[0]!;
    const told = await driver.told(push);
    expect(name === 'Web Push' ? push.headers.urgency : told.priority).toBe(priority);
  });

  it('takes back what was told, without an event', async () => {
    const { event: _, ...rest } = message();
    expect(await deliver({ ...rest, type: 'push.withdraw' })).toEqual({ kind: 'sent' });
    const told = await driver.told(receiver.attempts[0]!);
    expect(told).toMatchObject({ type: 'push.withdraw', seq: 7 });
    expect(told.event).toBeUndefined();
  });

  it('tells what is too large without its content', async () => {
    await deliver(message('x'.repeat(driver.tooMuch)));
    const told = await driver.told(receiver.attempts[0]!);
    expect(told).toMatchObject({ truncated: true, event: { data: { from: 'amy' } } });
    expect(told.event.data.content).toBeUndefined();
  });

  it.each([
    [200, 'sent'],
    [201, 'sent'],
    [204, 'sent'],
    [301, 'failed'],
    [307, 'failed'],
    [400, 'rejected'],
    [401, 'failed'],
    [403, 'failed'],
    [410, 'gone'],
    [413, 'rejected'],
    [422, 'rejected'],
    [429, 'failed'],
    [500, 'failed'],
    [503, 'failed'],
  ])('takes the answer %i for %s', async (status, kind) => {
    receiver.answer = () => ({ status, headers: { Location: receiver.url } });
    const outcome = await deliver();
    const reasons = kind === 'failed' || kind === 'rejected' ? { reason: `HTTP ${status}` } : {};
    expect(outcome).toEqual({ kind, ...reasons });
    expect(receiver.attempts).toHaveLength(1);
  });

  it.each([
    ['2', 2000, 2000],
    ['0', 0, 0],
    ['999999999', 3_600_000, 3_600_000],
    [new Date(Date.now() + 60_000).toUTCString(), 30_000, 60_000],
    ['soon', -1, -1],
  ])('knows how long it is asked to wait: %s', async (header, least, most) => {
    receiver.answer = () => ({ status: 429, headers: { 'Retry-After': header } });
    const outcome = (await deliver()) as { after?: number };
    const after = outcome.after ?? -1;
    expect(after).toBeGreaterThanOrEqual(least);
    expect(after).toBeLessThanOrEqual(most);
  });

  it('fails in time when nobody answers, and at once when nobody is there', async () => {
    receiver.answer = () => 'hang';
    const start = performance.now();
    expect(await deliver()).toEqual({ kind: 'failed', reason: 'No answer in time' });
    expect(performance.now() - start).toBeLessThan(TIMEOUT + 1000);
    await receiver.stop();
    expect(await deliver()).toMatchObject({ kind: 'failed' });
    await receiver.start();
    receiver.answer = () => 204;
    expect(await deliver()).toEqual({ kind: 'sent' });
  });

  it.each([undefined, null, 7, {}, [], '', 'x'.repeat(5000)].map((token) => [token]))(
    'does not accept anything else for a token (%#)',
    (token) => {
      expect(() => driver.provider.accept(token)).toThrow(AppError);
      expect(() => driver.provider.accept(token)).toThrow(expect.objectContaining({ code: 'invalid' }));
    },
  );
});

it('a receiver answers an encrypted body whose first byte is a brace', async () => {
  const receiver = new PushReceiver();
  await receiver.start();
  const headers = { 'Content-Type': 'application/octet-stream' };
  const request = { method: 'POST', headers, body: Buffer.from('7b01ff', 'hex') };
  expect((await fetch(receiver.url, request)).status).toBe(204);
  await receiver.stop();
});

describe('Web Push', () => {
  const provider = (anyAddress: boolean) =>
    new WebPushProvider(
      { ...webPush.generateVAPIDKeys(), subject: 'mailto:a@b.c', anyAddress },
      new Poster({ timeout: TIMEOUT, concurrency: 1, anyAddress }),
    );

  it.each([
    'http://push.example.com/x',
    'https://127.0.0.1/x',
    'https://0x7f.1/x',
    'https://[::ffff:10.0.0.1]/x',
    'https://169.254.169.254/',
    'https://localhost/x',
    'https://user:pass@push.example.com/x',
    'ftp://push.example.com/',
    'file:///etc/passwd',
    'not an address',
  ])('does not accept the endpoint %s of a client', (endpoint) => {
    const token = new WebPushBrowser().subscription(endpoint);
    expect(() => provider(false).accept(token)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  it('accepts what a browser gives, and keeps nothing else of it', () => {
    const token = new WebPushBrowser().subscription('https://push.example.com/x');
    expect(provider(false).accept(token)).toEqual({ endpoint: token.endpoint, keys: token.keys });
  });

  it('does not tell a name that leads into this machine, although it was accepted', async () => {
    const receiver = new PushReceiver();
    await receiver.start();
    const port = new URL(receiver.url).port;
    const token = new WebPushBrowser().subscription(`https://localhost:${port}/x`);
    const guarded = provider(false);
    const outcome = await guarded.send({ id: 'x', user: 'ben', device: null, token, message: message() });
    expect(outcome).toEqual({ kind: 'rejected', reason: 'Not a public address' });
    expect(receiver.attempts).toEqual([]);
    await receiver.stop();
  });
});

describe('the receiver of these tests', () => {
  it('knows the published example of Standard Webhooks, and no forgery of it', () => {
    const key = Buffer.from('plJ3nmyCDGBKInavdOK15jsl', 'base64');
    const body = Buffer.from('{"event_type":"ping","data":{"success":true}}');
    const headers = {
      'webhook-id': 'msg_loFOjxBNrRLzqYUf',
      'webhook-timestamp': '1731705121',
      'webhook-signature': 'v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=',
    };
    expect(verified(headers, body, key)).toBe(true);
    expect(verified(headers, Buffer.from('{"event_type":"ping","data":{}}'), key)).toBe(false);
    expect(verified({ ...headers, 'webhook-id': 'msg_other' }, body, key)).toBe(false);
    expect(verified({ ...headers, 'webhook-timestamp': '1731705122' }, body, key)).toBe(false);
  });

  it('knows the published example of RFC 8291', () => {
    const browser = WebPushBrowser.of({
      privateKey: 'q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94',
      auth: 'BTBZMqHH6r4Tts7J_aSIgg',
    });
    const body =
      'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN';
    expect(browser.decrypt(Buffer.from(body, 'base64url'))).toBe('When I grow up, I want to be a watermelon');
  });
});
