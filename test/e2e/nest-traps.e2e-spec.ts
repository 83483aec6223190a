import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Catch,
  Module,
  UseGuards,
  type CanActivate,
  type ExceptionFilter,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import {
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  type OnGatewayConnection,
} from '@nestjs/websockets';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createApp, loadConfig } from '../../src/index.js';
import { JsonCodec } from '../../src/transport/json-codec.js';
import { RawClient } from '../support/raw-client.js';
import { exchange, handshakeText } from '../support/raw-http.js';
import { TEST_SECRET } from '../support/server.js';

/** What happened in a gateway, and gates to hold it. */
class Trace {
  readonly events: string[] = [];
  readonly appFilter: unknown[] = [];
  private readonly gates = new Map<string, Gate>();

  gate(name: string): Gate {
    const known = this.gates.get(name) ?? closedGate();
    this.gates.set(name, known);
    return known;
  }
}

interface Gate {
  promise: Promise<void>;
  resolve: () => void;
}

function closedGate(): Gate {
  let resolve!: () => void;
  const promise = new Promise<void>((onResolve) => (resolve = onResolve));
  return { promise, resolve };
}

/** The same gateways for either adapter; new classes each time, for decorators write into them. */
function gatewaysOf(trace: Trace): Type {
  class Never implements CanActivate {
    canActivate(): boolean {
      return false;
    }
  }

  @WebSocketGateway({ path: '/ws' })
  class First implements OnGatewayConnection {
    async handleConnection(): Promise<void> {
      trace.events.push('connecting');
      await trace.gate('connection').promise;
      trace.events.push('connected');
    }
    @SubscribeMessage('wait')
    async wait(@MessageBody() name: string): Promise<{ event: string; data: string }> {
      trace.events.push(`begin ${name}`);
      await trace.gate(name).promise;
      return { event: 'waited', data: name };
    }
    @SubscribeMessage('crash')
    crash(): never {
      throw new Error('a secret of the server');
    }
  }

  @UseGuards(Never)
  @WebSocketGateway({ path: '/ws' })
  class Guarded implements OnGatewayConnection {
    handleConnection(): void {
      trace.events.push('guarded: connected');
    }
    @SubscribeMessage('guarded')
    guarded(): string {
      return 'never';
    }
  }

  @Catch()
  class EveryFilter implements ExceptionFilter {
    catch(error: unknown): void {
      trace.appFilter.push(error);
    }
  }

  @Module({ providers: [First, Guarded, { provide: APP_FILTER, useClass: EveryFilter }] })
  class TrapModule {}
  return TrapModule;
}

const portOf = async (app: INestApplication): Promise<number> => Number(new URL(await app.getUrl()).port);

describe('the stock WsAdapter', () => {
  let app: INestApplication;
  let trace: Trace;
  let parsed = 0;
  let sockets: WebSocket[] = [];

  beforeAll(async () => {
    trace = new Trace();
    app = await NestFactory.create(gatewaysOf(trace), { logger: false });
    const messageParser = (data: unknown): undefined | { event: string; data: unknown } => {
      parsed++;
      try {
        return JSON.parse(String(data)) as { event: string; data: unknown };
      } catch {
        return undefined;
      }
    };
    app.useWebSocketAdapter(new WsAdapter(app, { messageParser } as never));
    await app.listen(0, '127.0.0.1');
  });
  afterEach(() => {
    for (const socket of sockets) socket.terminate();
    sockets = [];
  });
  afterAll(() => app.close());

  const connect = async (): Promise<{ socket: WebSocket; replies: any[]; next: () => Promise<any> }> => {
    const socket = new WebSocket(`ws://127.0.0.1:${await portOf(app)}/ws`);
    sockets.push(socket);
    const replies: any[] = [];
    socket.on('message', (data: Buffer) => replies.push(JSON.parse(data.toString())));
    await once(socket, 'open');
    const next = async (): Promise<any> => {
      const [data] = (await once(socket, 'message')) as [Buffer];
      return JSON.parse(data.toString());
    };
    return { socket, replies, next };
  };
  const say = (socket: WebSocket, event: string, data?: unknown): void =>
    socket.send(JSON.stringify({ event, data }));

  it('handles the frames of one socket at the same time: answers overtake', async () => {
    const { socket, replies, next } = await connect();
    say(socket, 'wait', 'slow');
    say(socket, 'wait', 'quick');
    await vi.waitFor(() => expect(trace.events).toContain('begin quick'));
    const first = next();
    trace.gate('quick').resolve();
    await first;
    const second = next();
    trace.gate('slow').resolve();
    await second;
    expect(replies.map(({ data }) => data)).toEqual(['quick', 'slow']);
  });

  it('handles frames while an async handleConnection has not ended', async () => {
    trace.events.length = 0;
    const { socket } = await connect();
    say(socket, 'wait', 'early');
    await vi.waitFor(() => expect(trace.events).toContain('begin early'));
    expect(trace.events).not.toContain('connected');
    trace.gate('connection').resolve();
  });

  it('runs handleConnection although the guard of the gateway says no', async () => {
    trace.events.length = 0;
    await connect();
    await vi.waitFor(() => expect(trace.events).toContain('guarded: connected'));
  });

  it('says nothing to malformed JSON and unknown events', async () => {
    const { socket, replies, next } = await connect();
    socket.send('no json');
    say(socket, 'unknown');
    const reply = next();
    say(socket, 'wait', 'quick');
    await reply;
    expect(replies).toEqual([{ event: 'waited', data: 'quick' }]);
  });

  it('hangs up on an unknown path without an answer', async () => {
    expect(
      await exchange({ port: await portOf(app) }, handshakeText({ target: '/elsewhere' })),
    ).toBeUndefined();
  });

  it('echoes what the client sent in the error, and asks no APP_FILTER', async () => {
    const { socket, next } = await connect();
    const reply = next();
    say(socket, 'crash', 'echo-canary');
    expect(JSON.stringify(await reply)).toContain('echo-canary');
    expect(trace.appFilter).toEqual([]);
  });

  it('parses each frame once for each gateway on the path', async () => {
    const { socket, next } = await connect();
    parsed = 0;
    const reply = next();
    say(socket, 'wait', 'quick');
    await reply;
    expect(parsed).toBe(2);
  });

  it('shuts down without a word: 1006', async () => {
    const { socket } = await connect();
    const closed = once(socket, 'close');
    await app.close();
    expect((await closed)[0]).toBe(1006);
  });
});

describe('our adapter, with the same gateways', () => {
  let app: INestApplication;
  let trace: Trace;
  let folder: string;
  let server: { port: number };
  let clients: RawClient[] = [];

  beforeAll(async () => {
    trace = new Trace();
    folder = mkdtempSync(join(tmpdir(), 'rookery-traps-'));
    const config = loadConfig({
      DATABASE_URL: `sqlite:${join(folder, 'x.db')}`,
      JWT_SECRET: TEST_SECRET,
      LOG_LEVEL: 'silent',
      SHUTDOWN_DRAIN: '2',
    });
    app = await createApp(config, [gatewaysOf(trace)]);
    await app.listen(0, '127.0.0.1');
    server = { port: await portOf(app) };
  });
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    clients = [];
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const connect = async (): Promise<RawClient> => {
    const client = await RawClient.connect(server, 'alice', { query: { sync: 'self' } });
    clients.push(client);
    return client;
  };

  it('handles them one after another: answers keep the order of the frames', async () => {
    const alice = await connect();
    alice.sendFrame({ type: 'wait', id: 1, data: 'slow' });
    alice.sendFrame({ type: 'wait', id: 2, data: 'quick' });
    trace.gate('quick').resolve();
    await vi.waitFor(() => expect(trace.events).toContain('begin slow'));
    expect(trace.events).not.toContain('begin quick');
    trace.gate('slow').resolve();
    await alice.frame(({ id }) => id === 2);
    expect(alice.frames.filter(({ type }) => type === 'waited').map(({ id }) => id)).toEqual([1, 2]);
  });

  it('shows a gateway no socket, and no frame, that is not authenticated', async () => {
    trace.events.length = 0;
    await expect(RawClient.connect(server, 'x', { token: 'a.b.c' })).rejects.toThrow('401');
    const stranger = await RawClient.connect(server, '', { token: null });
    stranger.sendFrame({ type: 'wait', data: 'stranger' });
    expect(await stranger.closed()).toBe(4500);
    expect(trace.events).toEqual([]);
    await connect();
    expect(trace.events.sort()).toEqual(['connecting', 'guarded: connected']);
  });

  it('answers malformed JSON, unknown commands and guards with their codes', async () => {
    const alice = await connect();
    alice.sendRaw('no json');
    alice.sendFrame({ type: 'unknown' });
    alice.sendFrame({ type: 'guarded' });
    await alice.until(() => alice.dataOf('error').length === 3);
    const codes = alice.dataOf<{ code: string }>('error').map(({ code }) => code);
    expect(codes).toEqual(['bad_frame', 'unknown_command', 'forbidden']);
  });

  it('answers an unknown path with 404', async () => {
    expect(await exchange(server, handshakeText({ target: '/elsewhere' }))).toMatchObject({ status: 404 });
  });

  it('answers an error without the input and without its text, though no filter was declared', async () => {
    const alice = await connect();
    alice.sendFrame({ type: 'crash', id: 1, data: 'echo-canary' });
    const { data } = await alice.event('error');
    expect(data).toEqual({ code: 'internal', message: 'Internal error', retryable: true });
  });

  it('decodes each frame once', async () => {
    const alice = await connect();
    const decode = vi.spyOn(JsonCodec.prototype, 'decode');
    await alice.call('ping');
    expect(decode).toHaveBeenCalledTimes(1);
    decode.mockRestore();
  });

  it.each([
    ['a port of its own', 4001, {}],
    ['a namespace', 0, { namespace: 'x' }],
  ])('refuses a gateway with %s at the start, not in production', async (_what, port, options) => {
    @WebSocketGateway(port, options)
    class Wrong {}
    @Module({ providers: [Wrong] })
    class WrongModule {}
    const config = loadConfig({
      DATABASE_URL: `sqlite:${join(folder, 'wrong.db')}`,
      JWT_SECRET: TEST_SECRET,
      LOG_LEVEL: 'silent',
    });
    const wrong = await createApp(config, [WrongModule]);
    await expect(wrong.listen(0, '127.0.0.1')).rejects.toThrow(/path instead/);
    await wrong.close();
  });

  it('shuts down with goaway and 1001', async () => {
    const alice = await connect();
    const stopped = app.close();
    await alice.event('goaway');
    expect(await alice.closed()).toBe(1001);
    await stopped;
  });
});
