import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Catch,
  Controller,
  Get,
  Injectable,
  Module,
  UseFilters,
  UseGuards,
  UsePipes,
  type ArgumentsHost,
  type CanActivate,
  type ExceptionFilter,
  type OnModuleInit,
  type PipeTransform,
} from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WsException,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
} from '@nestjs/websockets';
import { finalize, from, interval, throwError, type Observable } from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ChatMessage, Frame, NotificationMessage } from '@rookery/protocol';
import {
  AppError,
  BeforeInvite,
  BeforeJoin,
  BeforeSend,
  createApp,
  CurrentUser,
  EventBus,
  GroupChanged,
  GroupService,
  HubService,
  loadConfig,
  MessageService,
  MessageStored,
  NotificationService,
  type BeforeInviteHook,
  type BeforeJoinHook,
  type BeforeSendHook,
  type InviteAttempt,
  type JoinAttempt,
  type OutgoingMessage,
  type Principal,
  type RookerySocket,
} from '../../src/index.js';
import { RawClient, tokenFor, type ConnectOptions } from '../support/raw-client.js';
import { TEST_SECRET } from '../support/server.js';

class Upper implements PipeTransform {
  transform(value: unknown): unknown {
    return typeof value === 'string' ? value.toUpperCase() : value;
  }
}

class Nobody implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

class Teapot extends Error {}

@Catch(Teapot)
class TeapotFilter implements ExceptionFilter {
  catch(_error: Teapot, host: ArgumentsHost): void {
    host
      .switchToWs()
      .getClient<RookerySocket>()
      .send(JSON.stringify({ type: 'teapot', data: 'short and stout' }));
  }
}

const Order = z.strictObject({ item: z.string(), amount: z.int().min(1) });
type Order = z.infer<typeof Order>;

/** Written as the manual of Nest says, with nothing of ours but what is injected. */
@WebSocketGateway()
class ShopGateway implements OnGatewayConnection, OnGatewayDisconnect {
  static readonly seen: string[] = [];

  constructor(
    private readonly hub: HubService,
    private readonly messages: MessageService,
    private readonly notifications: NotificationService,
  ) {}

  handleConnection(client: RookerySocket): void {
    ShopGateway.seen.push(`+${client.principal?.userId}`);
  }
  handleDisconnect(client: RookerySocket): void {
    ShopGateway.seen.push(`-${client.principal?.userId}`);
  }

  @SubscribeMessage('shop.plain')
  plain(@MessageBody() data: unknown, @CurrentUser() user: Principal) {
    return { data, user: user.userId };
  }
  @SubscribeMessage('shop.nothing')
  nothing(): void {}
  @SubscribeMessage('shop.event')
  event() {
    return { event: 'shop.opened', data: 9 };
  }
  @SubscribeMessage('shop.stream')
  stream(): Observable<number> {
    return from([1, 2, 3]);
  }
  @SubscribeMessage('shop.ticks')
  ticks(@CurrentUser() { userId }: Principal): Observable<number> {
    return interval(5).pipe(finalize(() => ShopGateway.seen.push(`${userId} listens no more`)));
  }
  @SubscribeMessage('shop.broken-stream')
  brokenStream(): Observable<number> {
    return throwError(() => new WsException('sold out'));
  }
  @SubscribeMessage('shop.refuse')
  refuse(): never {
    throw new WsException('closed on Sundays');
  }
  @SubscribeMessage('shop.crash')
  crash(): never {
    throw new Error('secret-detail of the database');
  }
  @SubscribeMessage('shop.reject')
  async reject(): Promise<never> {
    throw new AppError('conflict', { message: 'Somebody was faster' });
  }
  @UseGuards(Nobody)
  @SubscribeMessage('shop.guarded')
  guarded(): string {
    return 'never';
  }
  @UseFilters(TeapotFilter)
  @SubscribeMessage('shop.tea')
  tea(): never {
    throw new Teapot();
  }
  @SubscribeMessage('shop.order')
  order(@MessageBody({ schema: Order }) order: Order, @ConnectedSocket() client: RookerySocket) {
    return { ...order, by: client.connection?.userId };
  }
  @SubscribeMessage('shop.tell')
  async tell(@MessageBody() to: string, @CurrentUser() user: Principal) {
    const { seq } = await this.messages.send(user.userId, { to, kind: 'text', content: 'from the shop' });
    await this.notifications.notifyUser(to, { type: 'shop', content: 'ready' });
    return { seq, reached: this.hub.sendToUser(to, 'shop.live', { now: true }) };
  }
}

@UsePipes(Upper)
@WebSocketGateway()
class LoudGateway {
  @SubscribeMessage('loud.say')
  say(@MessageBody() text: string): string {
    return text;
  }
}

@WebSocketGateway({ path: '/side' })
class SideGateway {
  @SubscribeMessage('side.only')
  only(): string {
    return 'here';
  }
}

/** Every one of its lifecycle hooks fails. */
@WebSocketGateway()
class ClumsyGateway implements OnGatewayConnection, OnGatewayDisconnect {
  async handleConnection(client: RookerySocket): Promise<void> {
    if (client.principal?.userId === 'unlucky') throw new Error('rejected in handleConnection');
  }
  handleDisconnect(client: RookerySocket): void {
    if (client.principal?.userId === 'unlucky') throw new Error('thrown in handleDisconnect');
  }
}

@BeforeSend()
@Injectable()
class NoSwearing implements BeforeSendHook {
  beforeSend({ content }: Readonly<OutgoingMessage>): void {
    if (content === 'damn') throw new AppError('refused', { message: 'Mind your language' });
  }
}

@BeforeSend()
@Injectable()
class Signature implements BeforeSendHook {
  async beforeSend(message: Readonly<OutgoingMessage>) {
    return message.content === 'sign me' ? { content: `sign me\n-- ${message.from}` } : undefined;
  }
}

@BeforeJoin()
@BeforeInvite()
@Injectable()
class Doorman implements BeforeJoinHook, BeforeInviteHook {
  static readonly seen: string[] = [];

  beforeJoin({ user, group, via }: JoinAttempt, principal?: Principal): void {
    Doorman.seen.push(`${user} ${via} ${group} ${principal?.userId ?? '-'}`);
    if (user === 'rowdy') throw new AppError('refused', { message: 'Not tonight' });
  }
  async beforeInvite({ by, users }: InviteAttempt): Promise<void> {
    if (users.includes('rowdy')) throw new AppError('refused', { message: `Not with ${by}` });
  }
}

@Injectable()
class Audit implements OnModuleInit {
  static readonly heard: string[] = [];
  constructor(private readonly bus: EventBus) {}

  onModuleInit(): void {
    this.bus.on(MessageStored, ({ message }) => {
      Audit.heard.push(message.id);
      throw new Error('thrown by a listener');
    });
    this.bus.on(MessageStored, async () => {
      throw new Error('rejected by a listener');
    });
  }
}

@Controller('shop')
class ShopController {
  constructor(private readonly hub: HubService) {}
  @Get('online')
  online() {
    return { online: this.hub.onlineCount };
  }
}

@Module({
  controllers: [ShopController],
  providers: [ShopGateway, LoudGateway, SideGateway, ClumsyGateway, NoSwearing, Signature, Doorman, Audit],
})
class ForeignModule {}

describe('a module that knows Nest and not us', () => {
  let app: NestExpressApplication;
  let folder: string;
  let port: number;
  let clients: RawClient[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rookery-foreign-'));
    const config = loadConfig({
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: `sqlite:${join(folder, 'x.db')}`,
      JWT_SECRET: TEST_SECRET,
      LOG_LEVEL: process.env.DEBUG_LEVEL ?? 'silent',
      SHUTDOWN_DRAIN: '1',
    });
    app = await createApp(config, [ForeignModule]);
    await app.listen(0, '127.0.0.1');
    port = Number(new URL(await app.getUrl()).port);
  });
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    clients = [];
  });
  afterAll(async () => {
    await app?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const connect = async (user: string, options?: ConnectOptions): Promise<RawClient> => {
    const client = await RawClient.connect({ port }, user, options);
    clients.push(client);
    return client;
  };
  const ask = async (client: RawClient, type: string, data?: unknown): Promise<Frame> => {
    client.sendFrame({ type, id: type, data });
    return client.frame(({ id }) => id === type);
  };

  it.each([
    ['shop.plain', 'x', { type: 'ok', data: { data: 'x', user: 'ann' } }],
    ['shop.nothing', undefined, { type: 'ok', data: null }],
    ['shop.event', undefined, { type: 'shop.opened', data: 9 }],
    ['shop.order', { item: 'tea', amount: 2 }, { type: 'ok', data: { item: 'tea', amount: 2, by: 'ann' } }],
    ['loud.say', 'hello', { type: 'ok', data: 'HELLO' }],
    [
      'shop.refuse',
      undefined,
      { type: 'error', data: { code: 'refused', message: 'closed on Sundays', retryable: false } },
    ],
    [
      'shop.broken-stream',
      undefined,
      { type: 'error', data: { code: 'refused', message: 'sold out', retryable: false } },
    ],
    [
      'shop.crash',
      undefined,
      { type: 'error', data: { code: 'internal', message: 'Internal error', retryable: true } },
    ],
    [
      'shop.reject',
      undefined,
      { type: 'error', data: { code: 'conflict', message: 'Somebody was faster', retryable: false } },
    ],
    [
      'shop.guarded',
      undefined,
      { type: 'error', data: { code: 'forbidden', message: 'Forbidden resource', retryable: false } },
    ],
    [
      'side.only',
      undefined,
      { type: 'error', data: { code: 'unknown_command', message: 'No such command', retryable: false } },
    ],
  ])('%s is answered with the id it came with', async (type, data, answer) => {
    expect(await ask(await connect('ann'), type, data)).toEqual({ ...answer, id: type });
  });

  it('each value of a stream is an answer', async () => {
    const ann = await connect('ann');
    await ask(ann, 'shop.stream');
    await ask(ann, 'shop.nothing');
    expect(ann.frames.filter(({ id }) => id === 'shop.stream').map(({ data }) => data)).toEqual([1, 2, 3]);
  });

  it('a stream without an end ends with its connection', async () => {
    const ann = await connect('ann');
    ann.sendFrame({ type: 'shop.ticks', id: 't' });
    await ann.until(() => ann.frames.filter(({ id }) => id === 't').length > 2);
    expect(ShopGateway.seen).not.toContain('ann listens no more');
    ann.terminate();
    await expect.poll(() => ShopGateway.seen).toContain('ann listens no more');
  });

  it('a schema is checked as for our own commands', async () => {
    const answer = await ask(await connect('ann'), 'shop.order', { item: 1, amount: 0 });
    expect(answer.data).toMatchObject({ code: 'invalid', details: [{ field: 'item' }, { field: 'amount' }] });
  });

  it('a filter of its own comes first', async () => {
    const ann = await connect('ann');
    ann.sendFrame({ type: 'shop.tea' });
    expect((await ann.event('teapot')).data).toBe('short and stout');
    await ann.call('ping');
  });

  it('a gateway on a path of its own has its commands there, and the same door', async () => {
    const ann = await connect('ann', { path: '/side' });
    expect(await ask(ann, 'side.only')).toMatchObject({ data: 'here' });
    expect(await ask(ann, 'shop.plain')).toMatchObject({ data: { code: 'unknown_command' } });
    await expect(RawClient.connect({ port }, 'x', { path: '/side', token: 'a.b.c' })).rejects.toThrow('401');
  });

  it('hears of connections once they are somebody, and of their end', async () => {
    ShopGateway.seen.length = 0;
    const late = await connect('', { token: null });
    await late.call('auth', { token: tokenFor('late') });
    await late.close();
    await expect.poll(() => ShopGateway.seen).toEqual(['+late', '-late']);
  });

  it('that fails in its connection hooks harms nobody', async () => {
    const unlucky = await connect('unlucky');
    await unlucky.call('ping');
    await unlucky.close();
    const next = await connect('next');
    expect(await ask(next, 'shop.plain', 1)).toMatchObject({ type: 'ok' });
  });

  it('sends, notifies and pushes with what is injected', async () => {
    const [ann, bob] = [await connect('ann'), await connect('bob')];
    expect(await ask(ann, 'shop.tell', 'bob')).toMatchObject({
      data: { seq: expect.any(Number), reached: 1 },
    });
    expect((await bob.event('chat.message')).data).toMatchObject({ from: 'ann', content: 'from the shop' });
    expect((await bob.event('notification.message')).data as NotificationMessage).toMatchObject({
      content: 'ready',
    });
    expect((await bob.event('shop.live')).data).toEqual({ now: true });
  });

  it('refuses and rewrites messages before they are stored', async () => {
    const [cid, dot] = [await connect('cid'), await connect('dot')];
    const send = (content: string, clientId?: string) =>
      cid.call('chat.send', { to: 'dot', kind: 'text', content, clientId });
    await expect(send('damn')).rejects.toMatchObject({
      data: { code: 'refused', message: 'Mind your language', retryable: false },
    });
    const first = await send('sign me', 'k');
    expect(await send('sign me', 'k')).toEqual({ ...first, duplicate: true });
    expect((await dot.event('chat.message')).data as ChatMessage).toMatchObject({
      seq: 1,
      content: 'sign me\n-- cid',
    });
  });

  it('listeners hear what was stored, and harm nobody when they fail', async () => {
    const eve = await connect('eve');
    const { id } = await eve.call('chat.send', { to: 'fay', kind: 'text', content: 'x' });
    await expect.poll(() => Audit.heard).toContain(id);
    await eve.call('ping');
  });

  it('its controllers are served beside ours', async () => {
    await connect('ann');
    const response = await fetch(`http://127.0.0.1:${port}/shop/online`);
    expect(await response.json()).toEqual({ online: 1 });
  });

  it('keeps users out of groups, runs groups, and hears of every change', async () => {
    const groups = app.get(GroupService);
    const heard: string[] = [];
    const off = app.get(EventBus).on(GroupChanged, ({ change: { seq, change, by } }) => {
      heard.push(`${seq} ${change} ${by}`);
    });
    const { id } = await groups.create('host', { name: 'Bar', visibility: 'open' }, { key: 'bar' });
    expect(await groups.create('host', { name: 'Bar', visibility: 'open' }, { key: 'bar' })).toMatchObject({
      id,
      duplicate: true,
    });
    const [rowdy, guest] = [await connect('rowdy'), await connect('guest')];
    const refused = { code: 'refused', message: 'Not tonight' };
    await expect(rowdy.call('group.join', { conversation: id })).rejects.toMatchObject({ data: refused });
    await expect(groups.invite('host', id, ['rowdy'])).rejects.toMatchObject({ message: 'Not with host' });
    await guest.call('group.join', { conversation: id });
    await groups.add('host', id, ['rowdy']);
    expect([await groups.roleOf('guest', id), await groups.roleOf('nobody', id)]).toEqual([
      'member',
      undefined,
    ]);
    await expect(
      groups.add('host', id, ['x'], { principal: { userId: 'host', roles: [] } as never }),
    ).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(Doorman.seen).toEqual([`rowdy join ${id} rowdy`, `guest join ${id} guest`]);
    expect(heard).toEqual(['1 created host', '2 joined guest', '3 joined host']);
    off();
  });
});
