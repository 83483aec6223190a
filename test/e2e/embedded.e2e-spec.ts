import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Body,
  Catch,
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Post,
  ValidationPipe,
  VersioningType,
  type ArgumentsHost,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type ExceptionFilter,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { IsInt } from 'class-validator';
import type { Response } from 'express';
import { map, tap } from 'rxjs';
import { WebSocket, WebSocketServer } from 'ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { RookeryExtras, RookeryOptions } from '../../src/index.js';
import { KnownContacts } from '../support/known-contacts.js';
import { DialectClient, type AnyFrame } from '../support/dialect-client.js';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { TEST_SECRET } from '../support/server.js';

/** As it is built: what decorators emit differs between compilers, and pipes of an application go by it. */
const built = new URL('../../dist/index.js', import.meta.url).href;
const { AppConfig, AppError, ConfigError, ContactDirectory, MessageService, RookeryModule, attachRookery } =
  (await import(built)) as typeof import('../../src/index.js');

class Order {
  @IsInt()
  amount!: number;
}
const Loose = z.strictObject({ item: z.string() });

@Catch()
class ShopFilter implements ExceptionFilter {
  catch(error: Error, host: ArgumentsHost): void {
    host.switchToHttp().getResponse<Response>().status(418).json({ shop: error.name });
  }
}

@Controller('shop')
class ShopController {
  @Get()
  open(): string {
    return 'open';
  }
  @Get('broken')
  broken(): never {
    throw new Error('out of tea');
  }
  @Get('refused')
  refused(): never {
    throw new AppError('unavailable', { retryAfter: 3 });
  }
  @Post('orders')
  order(@Body() order: Order) {
    return { amount: order.amount, isOrder: order instanceof Order };
  }
  @Post('loose')
  loose(@Body({ schema: Loose }) body: unknown) {
    return body;
  }
}

@WebSocketGateway()
class ShopGateway {
  @SubscribeMessage('shop.hours')
  hours() {
    return '9 to 5';
  }
}

/** Works with our services until the very end. */
@Injectable()
class ClosingTime implements BeforeApplicationShutdown {
  static sent: number | undefined;
  constructor(@Inject(MessageService) private readonly messages: InstanceType<typeof MessageService>) {}
  async beforeApplicationShutdown(): Promise<void> {
    const { seq } = await this.messages.send('shop', { to: 'ann', kind: 'text', content: 'We close' });
    ClosingTime.sent = seq;
  }
}

@Injectable()
class Settings {
  readonly path = '/injected';
}
@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

describe('in an application of somebody else', () => {
  let app: NestExpressApplication | undefined;
  let folder: string;
  let url: string;
  let port: number;
  let options: RookeryOptions;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rookery-embedded-'));
    options = {
      databaseUrl: `sqlite:${join(folder, 'x.db')}`,
      attachmentsUrl: `file:${join(folder, 'files')}`,
      jwtSecret: TEST_SECRET,
      shutdownDrain: 1,
    };
  });
  afterEach(async () => {
    await app?.close();
    app = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  async function create(
    rookery: DynamicModule,
    parts: {
      providers?: Type[];
      before?: (application: NestExpressApplication) => void;
      after?: (application: NestExpressApplication) => void;
    } = {},
  ): Promise<void> {
    @Module({
      imports: [rookery],
      controllers: [ShopController],
      providers: [ShopGateway, ...(parts.providers ?? [])],
    })
    class ShopModule {}
    app = await NestFactory.create<NestExpressApplication>(ShopModule, {
      logger: false,
      abortOnError: false,
    });
    parts.before?.(app);
    attachRookery(app);
    parts.after?.(app);
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
    port = Number(new URL(url).port);
  }

  const ask = async (path: string, init?: RequestInit): Promise<{ status: number; body: unknown }> => {
    const answer = await fetch(url + path, init);
    const text = await answer.text();
    return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  };
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    ask(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const bearer = (user: string, claims = {}) => ({ Authorization: `Bearer ${tokenFor(user, claims)}` });

  // The first of all: what an application leaves behind on classes must not be what makes the next one work.
  it('its pipes and filters hold for its routes, and ours answer in our way under them', async () => {
    await create(RookeryModule.forRoot(options), {
      before: (application) => {
        application.useGlobalPipes(
          new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }),
        );
        application.useGlobalFilters(new ShopFilter());
      },
    });
    expect(await post('/shop/orders', { amount: 2 })).toEqual({
      status: 201,
      body: { amount: 2, isOrder: true },
    });
    expect(await post('/shop/orders', { amount: 'two' })).toEqual({
      status: 418,
      body: { shop: 'BadRequestException' },
    });
    expect(await ask('/shop/broken')).toEqual({ status: 418, body: { shop: 'Error' } });

    expect(await ask('/api/ws/status')).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    const admin = bearer('root', { role: 'admin' });
    expect(await post('/api/ws/send', { type: 'x', content: 1 }, admin)).toMatchObject({
      status: 400,
      body: { code: 'invalid', details: [{ field: 'to' }] },
    });
    expect(await post('/api/ws/send', { type: 'x', to: 'ann', content: 1 }, admin)).toMatchObject({
      status: 201,
    });
    const ann = await RawClient.connect({ port }, 'ann');
    expect(await ann.call('chat.send', { to: 'bob', kind: 'text', content: 'hi' })).toMatchObject({ seq: 1 });
    await ann.close();
  });

  it('its interceptors see the answers of commands, of every format, and those stay true', async () => {
    const seen: unknown[] = [];
    await create(RookeryModule.forRoot(options), {
      before: (application) => {
        application.useGlobalInterceptors({
          intercept: (context, next) =>
            next.handle().pipe(tap((value) => context.getType() === 'ws' && seen.push(value))),
        });
      },
    });
    const ann = await RawClient.connect({ port }, 'ann');
    const stored = await ann.call('chat.send', { to: 'bob', kind: 'text', content: 'hi' });
    expect(stored).toMatchObject({ seq: 1 });
    expect(seen).toContainEqual(stored);
    await expect(
      ann.call('chat.send', { conversation: 'none', kind: 'text', content: 'hi' }),
    ).rejects.toThrow('not_found');
    await ann.call('group.create', { id: 'team', name: 'Team', visibility: 'open' });
    await ann.close();

    const ben = await DialectClient.connect({ port }, 'gozero', 'ben');
    const ask = (type: string, message_id: number, data: object): Promise<AnyFrame> =>
      ben.ask({ type, message_id, data }, (frame) => frame.message_id === message_id);
    const message = { group_id: 'team', msg_type: 1, content: 'hi' };
    expect(await ask('join_group', 1, { group_id: 'team' })).toMatchObject({ type: 'ack' });
    expect(await ask('send_message', 2, message)).toMatchObject({ type: 'ack' });
    expect(await ask('mark_read', 3, { group_id: 'team', message_id: 2 })).toMatchObject({ type: 'ack' });
    expect(await ask('join_group', 4, { group_id: 'none' })).toMatchObject({ data: { code: 404 } });
    await ben.close();
  });

  it.each([
    { type: VersioningType.URI, defaultVersion: '1' },
    { type: VersioningType.HEADER, header: 'X-Version', defaultVersion: '2' },
  ] as const)('our paths have no version, and probes no envelope: $type', async (versioning) => {
    await create(RookeryModule.forRoot({ ...options, ipBlocklist: ['198.51.100.0/24'] }), {
      before: (application) => {
        application.enableVersioning(versioning);
        application.useGlobalInterceptors({
          intercept: (_, next) => next.handle().pipe(map((data) => ({ data }))),
        });
      },
    });
    expect(await ask('/health')).toEqual({ status: 200, body: 'OK' });
    expect(await ask('/api/ws/status')).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(await ask('/metrics')).toMatchObject({ status: 200, body: expect.stringMatching(/^# HELP /) });
  });

  it('does not start with gateways that another adapter would open to anybody', async () => {
    const start = create(RookeryModule.forRoot(options), {
      after: (application) => void application.useWebSocketAdapter(new WsAdapter(application)),
    });
    await expect(start).rejects.toThrow('Call attachRookery(app) before the application starts');
  });

  it('is attached once', async () => {
    const start = create(RookeryModule.forRoot(options), { after: attachRookery });
    await expect(start).rejects.toThrow('attachRookery was called for this application already');
  });

  it('its routes stay as they are, and what our services throw gets an answer that says what it is', async () => {
    await create(RookeryModule.forRoot(options));
    expect(await ask('/shop')).toEqual({ status: 200, body: 'open' });
    expect(await ask('/shop/broken')).toEqual({
      status: 500,
      body: { statusCode: 500, message: 'Internal server error' },
    });
    expect(await ask('/nowhere')).toMatchObject({
      status: 404,
      body: { error: 'Not Found', message: 'Cannot GET /nowhere' },
    });
    expect(await ask('/shop/refused')).toMatchObject({
      status: 503,
      body: { code: 'unavailable', retryable: true, retryAfter: 3 },
    });
    // A schema at its own parameters is its own affair.
    expect(await post('/shop/loose', { other: 1 })).toEqual({ status: 201, body: { other: 1 } });
  });

  it('guards what is ours: broken text, and addresses that are blocked', async () => {
    await create(
      RookeryModule.forRoot({ ...options, ipBlocklist: ['198.51.100.0/24'], trustedProxies: ['127.0.0.1'] }),
    );
    const blocked = { 'X-Forwarded-For': '198.51.100.7' };
    expect(await ask('/health', { headers: blocked })).toMatchObject({ status: 403 });
    expect(await ask('/shop', { headers: blocked })).toMatchObject({ status: 200 });
    const admin = bearer('root', { role: 'admin' });
    const body = '{"type":"x","to":"ann","content":{"__proto__":1}}';
    const init = { method: 'POST', headers: { 'Content-Type': 'application/json', ...admin }, body };
    expect(await ask('/api/ws/send', init)).toMatchObject({ status: 400, body: { code: 'invalid' } });
  });

  it('takes files that are JSON, though the parsers are not ours', async () => {
    await create(RookeryModule.forRoot(options));
    const file = '{"a":1}';
    const headers = { 'Content-Type': 'application/json', ...bearer('ann') };
    const { status, body } = await ask('/api/v1/attachments', { method: 'POST', headers, body: file });
    expect(status).toBe(201);
    const { url: path } = body as { url: string };
    expect(await (await fetch(new URL(path, url), { headers: bearer('ann') })).text()).toBe(file);
  });

  it('serves its gateways and ours on one path, and leaves other endpoints of its server alone', async () => {
    const others = new WebSocketServer({ noServer: true });
    await create(RookeryModule.forRoot({ ...options, wsPath: '/realtime' }), {
      before: (application) =>
        application.getHttpServer().on('upgrade', (request, socket, head) => {
          if (request.url === '/other')
            others.handleUpgrade(request, socket, head, (peer) => peer.send('not yours'));
        }),
    });
    const ann = await RawClient.connect({ port }, 'ann', { path: '/realtime' });
    ann.sendFrame({ type: 'shop.hours', id: 1 });
    expect(await ann.frame(({ id }) => id === 1)).toEqual({ type: 'ok', id: 1, data: '9 to 5' });
    const other = new WebSocket(`ws://127.0.0.1:${port}/other`);
    const [greeting] = (await once(other, 'message')) as [Buffer];
    expect(greeting.toString()).toBe('not yours');
    other.terminate();
    await ann.close();
  });

  it('closes in order: our services work until the last hook, clients are told, then closed', async () => {
    await create(RookeryModule.forRoot(options), { providers: [ClosingTime] });
    const ann = await RawClient.connect({ port }, 'ann');
    await app?.close();
    app = undefined;
    expect(ClosingTime.sent).toBe(1);
    expect(ann.dataOf('goaway')).toHaveLength(1);
    expect(await ann.closed()).toBe(1001);
  });

  it('takes options from a factory that injects, before the environment', async () => {
    const rookery = RookeryModule.forRootAsync({
      imports: [SettingsModule],
      inject: [Settings],
      useFactory: ({ path }: Settings) => ({ ...options, wsPath: path, wsMaxConnections: 77 }),
    });
    await create(rookery);
    expect(app?.get(AppConfig).ws).toMatchObject({ path: '/injected', maxConnections: 77 });
    const ann = await RawClient.connect({ port }, 'ann', { path: '/injected' });
    await ann.close();
  });

  const factory = (given: RookeryOptions, extras: RookeryExtras = {}): DynamicModule =>
    RookeryModule.forRootAsync({ useFactory: () => ({ ...options, ...given }), ...extras });

  it('a factory is told which part it has forgotten', async () => {
    const elsewhere = { contactsUrl: 'http://127.0.0.1:9/contacts' };
    await expect(create(factory(elsewhere))).rejects.toThrow(
      'CONTACTS_URL: is set: say parts: { contactsUrl: true } beside the factory',
    );
    await expect(create(factory({}, { parts: { moderation: true } }))).rejects.toThrow(
      'MODERATION_URL: is not set: say parts: { moderation: false } beside the factory',
    );
    await create(factory(elsewhere, { parts: { contactsUrl: true } }));
    expect(app?.get(AppConfig).contacts?.url).toBe(elsewhere.contactsUrl);
  });

  it('a port of somebody else takes the place of ours, and its commands go', async () => {
    const friends = new KnownContacts();
    friends.connect('ann', 'bob');
    @Injectable()
    class Friends extends KnownContacts {
      constructor() {
        super();
        return friends as Friends;
      }
    }
    await create(RookeryModule.forRoot({ ...options, messagePolicy: 'contacts', contactDirectory: Friends }));
    expect(app?.get(ContactDirectory)).toBe(friends);
    const ann = await RawClient.connect({ port }, 'ann');
    await ann.call('chat.send', { to: 'bob', kind: 'text', content: 'hi' });
    const stranger = ann.call('chat.send', { to: 'eve', kind: 'text', content: 'hi' });
    await expect(stranger).rejects.toThrow('refused');
    await expect(ann.call('contact.list', {})).rejects.toThrow('unknown_command');
    await ann.close();
  });

  it('a wrong option stops the start and is named, all at once', () => {
    const start = (): DynamicModule =>
      RookeryModule.forRoot({ ...options, wsPath: '/api/mine', wsMaxConnections: -1 });
    expect(start).toThrow(ConfigError);
    expect(start).toThrow(/WS_PATH: [\s\S]*WS_MAX_CONNECTIONS: |WS_MAX_CONNECTIONS: [\s\S]*WS_PATH: /);
    expect(() => RookeryModule.forRoot({ ...options, port: 3 } as RookeryOptions)).toThrow(
      'port: is not an option',
    );
  });

  it('two imports are refused', async () => {
    @Module({ imports: [RookeryModule.forRoot({ ...options, wsPath: '/second' })] })
    class Second {}
    const both: DynamicModule = { module: class Both {}, imports: [RookeryModule.forRoot(options), Second] };
    await expect(create(both)).rejects.toThrow('Import RookeryModule once');
  });
});
