import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Frame } from '@rookery/protocol';
import { PushReceiver } from '../support/push-receiver.js';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';

type Json = Record<string, any>;

/** The message schema of one name, with its references kept inside, and refusing what it does not declare. */
function payloadSchema(document: Json, message: string): z.ZodType {
  const { payload } = document.components.messages[message];
  const whole = { ...payload, $defs: document.components.schemas };
  const moved = JSON.stringify(whole).replaceAll('#/components/schemas/', '#/$defs/');
  return z.fromJSONSchema(strict(JSON.parse(moved)) as never);
}

function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  return inner.type === 'object' && inner.properties ? { additionalProperties: false, ...inner } : inner;
}

/** Paths of POSTs without a body. */
const NOTHING_TO_SAY = /^\/api\/v1\/groups\/\{group\}\/(join|leave|accept|decline|request)$/;

/** A command, and whether it is Ben's and not Amy's. */
type Said = [type: string, data?: object, by?: 'ben'];

/** Every command of groups; Amy is an administrator of the server, and owns one. */
function groupCommands(): Said[] {
  const conversation = 'club';
  const about = (...users: string[]) => ({ conversation, users });
  return [
    ['group.create', { id: conversation, name: 'Club', visibility: 'open', slowMode: 1, clientId: 'g' }],
    ['group.update', { conversation, name: 'The club', description: 'x', avatar: '/a.png' }],
    ['group.add', about('ben', 'cat', 'dan')],
    ['group.get', { conversation }],
    ['group.list', {}],
    ['group.role', { conversation, user: 'ben', role: 'admin' }],
    ['group.mute', { conversation, user: 'cat', until: Date.now() + 60_000 }],
    ['presence.watch', { group: conversation }],
    ['presence.unwatch', { group: conversation }],
    ['group.members', { conversation, prefix: 'c' }],
    ['group.unmute', { conversation, user: 'cat' }],
    ['group.remove', about('cat')],
    ['group.ban', about('cat')],
    ['group.unban', about('cat')],
    ['group.invite', about('cat', 'ben')],
    ['group.members', { conversation, relation: 'invited' }],
    ['group.reject', about('cat')],
    ['group.transfer', { conversation, user: 'ben' }],
    ['group.leave', { conversation }],
    ['group.join', { conversation }],
    ['chat.history', { conversation }],
    ['group.create', { id: 'den', name: 'Den', visibility: 'private', requests: true }, 'ben'],
    ['group.request', { conversation: 'den' }],
    ['group.approve', { conversation: 'den', users: ['amy'] }, 'ben'],
    ['group.leave', { conversation: 'den' }],
    ['group.invite', { conversation: 'den', users: ['amy'] }, 'ben'],
    ['group.decline', { conversation: 'den' }],
    ['group.invite', { conversation: 'den', users: ['amy'] }, 'ben'],
    ['group.list', { relation: 'invited' }],
    ['group.accept', { conversation: 'den' }],
    ['group.dissolve', { conversation: 'den' }, 'ben'],
    ['chat.sync'],
  ];
}

describe('the descriptions of the API', () => {
  let server: TestServer;
  let asyncApi: Json;
  let openApi: Json;

  beforeAll(async () => {
    server = await TestServer.start({
      env: {
        PUSH_WEBHOOK_URL: 'http://127.0.0.1:9/',
        PUSH_WEBHOOK_SECRET: PushReceiver.secret,
        SHUTDOWN_DRAIN: '1',
      },
    });
    const json = async (path: string): Promise<Json> =>
      (await (await fetch(server.url + path)).json()) as Json;
    [asyncApi, openApi] = await Promise.all([json('/asyncapi.json'), json('/docs-json')]);
  });
  afterAll(() => server.stop());

  const notify = (path: string, body: object) =>
    fetch(`${server.url}/api/ws/${path}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Authorization: `Bearer ${tokenFor('root', { role: 'admin' })}`,
      },
      body: JSON.stringify(body),
    });

  const withdraw = (id: string) =>
    fetch(`${server.url}/api/v1/admin/notifications/${encodeURIComponent(id)}`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${tokenFor('root', { role: 'admin' })}` },
    });

  /** Two calls with all that can be said in one; the frames with the names of their messages. */
  async function aCall(amy: RawClient, ben: RawClient): Promise<{ message: string; frame: Frame }[]> {
    const phone = await RawClient.connect(server, 'ben');
    const found: { message: string; frame: Frame }[] = [];
    const say = async (client: RawClient, type: string, data: object): Promise<{ call: string }> => {
      const reply = await client.call(type as 'call.resume', data as never);
      found.push({ message: `command.${type}`, frame: { type, id: 1, data } });
      found.push({ message: `reply.${type}`, frame: client.frames.findLast(({ id }) => id !== undefined)! });
      return reply;
    };
    await say(amy, 'call.signal', { to: 'ben', payload: 1 });
    for (const end of ['call.hangup', 'call.reject']) {
      const { call } = await say(amy, 'call.offer', { to: 'ben', media: 'audio', payload: { sdp: 'x' } });
      await say(ben, 'call.ringing', { call });
      await say(amy, 'call.candidate', { call, payload: null });
      if (end === 'call.hangup') await say(ben, 'call.answer', { call, payload: { sdp: 'y' } });
      if (end === 'call.hangup') await say(ben, 'call.resume', { call });
      await say(ben, end, { call });
    }
    await amy.until(() => amy.dataOf('chat.call').length === 2);
    await say(amy, 'chat.history', { to: 'ben' });
    found.push(...phone.frames.map((frame) => ({ message: frame.type, frame })));
    await phone.close();
    return found;
  }

  /** What a device is told of those who are there when it comes. */
  async function aSnapshot(amy: RawClient, ben: RawClient): Promise<{ message: string; frame: Frame }[]> {
    await amy.call('contact.request', { to: 'ben' });
    await ben.call('contact.accept', { user: 'amy' });
    const late = await RawClient.connect(server, 'ben');
    const frame = await late.event('presence.snapshot');
    await late.close();
    return [{ message: frame.type, frame }];
  }

  /** Makes the server take and say everything it can; returns the frames with the names of their messages. */
  async function everything(): Promise<{ message: string; frame: Frame }[]> {
    const now = Math.floor(Date.now() / 1000);
    const amy = await RawClient.connect(server, 'amy', {
      token: tokenFor('amy', { exp: now + 3, role: 'admin' }),
    });
    const [ben, tablet] = [await RawClient.connect(server, 'ben'), await RawClient.connect(server, 'amy')];
    await amy.event('auth.expiring');
    const later = { to: 'ben', type: 'order', content: 1, at: Date.now() + 1e9 };
    const waiting = await amy.call('notification.schedule', later);
    const told = (await (
      await notify('send', { to: 'amy', type: 'order', content: { n: 1 } })
    ).json()) as Json;
    const commands: Said[] = [
      ['auth', { token: tokenFor('amy', { role: 'admin' }) }],
      ['ping'],
      [
        'chat.send',
        { to: 'ben', kind: 'custom', content: [1, { a: null }], clientId: 'c', mentions: ['ben'] },
      ],
      ['chat.delivered', { conversation: 'dm:amy:ben', seq: 1 }],
      ['chat.read', { conversation: 'dm:amy:ben', seq: 1 }],
      ['chat.history', { to: 'ben' }],
      ['chat.history', { conversation: 'inbox:amy' }],
      ['chat.sync', {}],
      ['chat.sync'],
      ['chat.settings', { conversation: 'dm:amy:ben', pinned: true, mutedUntil: null }],
      ['chat.readers', { conversation: 'dm:amy:ben', seq: 1 }],
      ['search.messages', { query: 'hello' }],
      ['chat.unread', {}],
      ['chat.mentions', {}],
      ['chat.typing', { to: 'ben' }],
      ['chat.broadcast', { kind: 'text', content: 'hello all', meta: { a: 1 } }],
      ['contact.accept', { user: 'ben' }],
      ['presence.set', { state: 'away', status: { text: 'At lunch' } }],
      ['presence.get', { users: ['ben'] }],
      ['presence.subscribe', { users: ['cleo'] }],
      ['presence.unsubscribe', { users: ['cleo'] }],
      ['presence.privacy', { online: 'contacts' }],
      ['contact.request', { to: 'cleo', message: 'Hello' }],
      ['contact.decline', { user: 'dan' }],
      ['contact.remark', { user: 'ben', remark: 'Benny' }],
      ['contact.list', { view: 'outgoing' }],
      ['contact.list'],
      ['contact.block', { user: 'ben' }],
      ['contact.unblock', { user: 'ben' }],
      ['contact.remove', { user: 'ben' }],
      ['chat.history', { conversation: 'inbox:amy' }],
      ...groupCommands(),
      ['chat.send', { to: 'ben', kind: 'text', content: 'x', replyTo: 1 }],
      ['chat.edit', { to: 'ben', seq: 2, content: 'y', clientId: 'e' }],
      ['chat.react', { to: 'ben', seq: 1, emoji: '👍' }],
      ['chat.pin', { to: 'ben', seq: 1, active: true }],
      ['chat.pins', { to: 'ben', limit: 1 }],
      ['chat.forward', { to: 'ben', from: { conversation: 'dm:amy:ben', seq: 1 } }],
      ['chat.recall', { to: 'ben', seq: 2 }],
      ['chat.history', { to: 'ben' }],
      ['chat.hide', { to: 'ben', seqs: [1] }],
      ['notification.send', { to: 'ben', type: 'order', content: 1, clientId: 'n' }],
      [
        'notification.broadcast',
        { type: 'news', content: null, audience: { role: 'admin' }, priority: 'high' },
      ],
      ['notification.schedule', later],
      ['notification.cancel', { id: waiting.id }],
      ['notification.list', {}],
      ['notification.list'],
      ['notification.unread'],
      ['notification.read', { ids: ['broadcast:all#1'] }],
      ['notification.delete', { ids: [told.id] }],
      ['notification.readAll'],
      ['notification.locale', { locale: 'zh-CN' }],
      ['push.register', { provider: 'webhook', token: 'x' }],
      ['push.list'],
      ['push.unregister', { id: createHash('sha256').update('webhook\n"x"').digest('hex') }],
    ];
    await notify('broadcast', { type: 'live', content: 'x', ephemeral: true });
    await ben.call('contact.request', { to: 'amy' });
    const replies: { message: string; frame: Frame }[] = [];
    for (const [type, data, by] of commands) {
      const speaker = by ? ben : amy;
      await speaker.call(type as 'ping', data as never);
      replies.push({ message: `command.${type}`, frame: { type, id: 1, ...(data && { data }) } });
      replies.push({
        message: `reply.${type}`,
        frame: speaker.frames.findLast(({ id }) => id !== undefined)!,
      });
    }
    await amy.call('chat.send', {} as never).catch(() => undefined);
    replies.push(...(await aCall(amy, ben)), ...(await aSnapshot(amy, ben)));
    const mistaken = await notify('send', { to: 'ben', type: 'order', content: 'wrong' });
    await withdraw(((await mistaken.json()) as Json).id);
    await Promise.all([
      ben.event('notification.withdrawn'),
      ben.event('chat.typing'),
      ben.event('chat.broadcast'),
      ben.event('chat.receipt'),
      amy.event('chat.synced'),
      tablet.event('chat.settings'),
      tablet.event('chat.hidden'),
      tablet.event('notification.changed'),
    ]);
    await server.signal('SIGTERM');
    await Promise.all([amy.closed(), ben.closed(), tablet.closed()]);
    const events = [...amy.frames, ...ben.frames, ...tablet.frames].filter(({ id }) => id === undefined);
    const refusal = amy.frames.find(({ type }) => type === 'error')!;
    return [
      ...replies,
      ...events.map((frame) => ({ message: frame.type, frame })),
      { message: 'error', frame: refusal },
    ];
  }

  it('names this server in the AsyncAPI document', () => {
    expect(asyncApi.servers.self).toMatchObject({ host: `127.0.0.1:${server.port}`, protocol: 'ws' });
    expect(asyncApi.channels.ws.address).toBe('/ws');
  });

  it('shows the OpenAPI page without asking the internet for anything', async () => {
    const page = await (await fetch(`${server.url}/docs`)).text();
    expect(page).toContain('Rookery API');
    expect(page).not.toMatch(/(src|href)=['"](https?:)?\/\//);
    for (const file of ['swagger-ui-bundle.js', 'swagger-ui.css', 'swagger-ui-init.js']) {
      expect((await fetch(`${server.url}/docs/${file}`)).status).toBe(200);
    }
  });

  it('describes the REST calls with their bodies, answers, errors and the bearer token', () => {
    const operations = Object.values(openApi.paths as Json).flatMap((path) =>
      Object.values(path as Json),
    ) as Json[];
    const posts = Object.entries(openApi.paths as Json).flatMap(([path, { post }]) =>
      post && !NOTHING_TO_SAY.test(path) ? [post] : [],
    ) as Json[];
    expect(posts.length).toBeGreaterThan(3);
    const bodies = posts.flatMap(({ requestBody }) => Object.values(requestBody.content as Json));
    expect(bodies.length).toBeGreaterThanOrEqual(posts.length);
    for (const { schema } of bodies) expect(schema).toBeTruthy();
    for (const operation of operations) expect(operation.responses.default.content).toBeTruthy();
    const ids = operations.map(({ operationId }) => operationId as string);
    expect(new Set(ids).size).toBe(ids.length);
    expect(openApi.paths['/api/ws/send'].post.security).toEqual([{ bearer: [] }]);
    const refs = [...JSON.stringify(openApi).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!);
    const resolve = (path: string) => path.split('/').reduce<any>((value, key) => value?.[key], openApi);
    expect(refs.filter((path) => resolve(path) === undefined)).toEqual([]);
  });

  it('describes every frame that the server really takes and sends', async () => {
    const frames = await everything();
    const wrong = frames.flatMap(({ message, frame }) => {
      const result = payloadSchema(asyncApi, message).safeParse(frame);
      return result.success ? [] : [{ message, frame, issues: result.error.issues }];
    });
    expect(wrong).toEqual([]);
    const seen = new Set(frames.map(({ message }) => message));
    const described = Object.keys(asyncApi.components.messages as Json);
    // Told only of groups with more than 500 members, which test/e2e/presence has.
    expect(described.filter((name) => !seen.has(name))).toEqual(['presence.group']);
  });

  it('would notice a frame that is not as described', () => {
    const schema = payloadSchema(asyncApi, 'chat.receipt');
    const data = { conversation: 'dm:a:b', user: 'a', kind: 'read', seq: 1 };
    expect(schema.safeParse({ type: 'chat.receipt', data }).success).toBe(true);
    expect(schema.safeParse({ type: 'chat.receipt', data: { ...data, seq: 0 } }).success).toBe(false);
    expect(schema.safeParse({ type: 'chat.receipt', data: { ...data, more: 1 } }).success).toBe(false);
    expect(schema.safeParse({ type: 'other', data }).success).toBe(false);
  });
});
