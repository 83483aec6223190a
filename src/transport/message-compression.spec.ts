import { EventEmitter, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import {
  COMPRESSION,
  inflateWithoutKeeping,
  takesCompressed,
  withoutOddOffers,
} from './message-compression.js';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** Both ends of a connection, the server's on the terms of this module. */
async function connect(perMessageDeflate: object | boolean): Promise<[server: WebSocket, client: WebSocket]> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: COMPRESSION });
  cleanUps.push(() => server.close());
  await once(server, 'listening');
  const connected = once(server, 'connection') as Promise<[WebSocket]>;
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    perMessageDeflate,
  });
  cleanUps.push(() => client.terminate());
  await once(client, 'open');
  return [(await connected)[0], client];
}

/** What `ws` would keep for the next message. */
const inflaterOf = (socket: WebSocket): unknown =>
  (socket as unknown as { _extensions: Record<string, { _inflate: unknown }> })._extensions[
    'permessage-deflate'
  ]?._inflate;

describe(inflateWithoutKeeping.name, () => {
  it('frees what inflated a message when it is there, message by message', async () => {
    const [server, client] = await connect({ threshold: 0 });
    inflateWithoutKeeping(server);
    const texts = Array.from({ length: 20 }, (_, index) => `${index} `.repeat(100 * index));
    const received: [string, boolean][] = [];
    const arrivals = new EventEmitter();
    server.on('message', (data: Buffer) => {
      received.push([data.toString(), inflaterOf(server) === null]);
      if (received.length === texts.length) arrivals.emit('all');
    });
    const all = once(arrivals, 'all');
    for (const text of texts) client.send(text);
    await all;
    expect(received).toEqual(texts.map((text) => [text, true]));
  });
});

describe(takesCompressed.name, () => {
  it.each([
    [false, false],
    [true, true],
    [{ serverMaxWindowBits: 15 }, true],
    [{ serverMaxWindowBits: 14 }, false],
  ])('of a client with %j is %s', async (perMessageDeflate, takes) => {
    const [server] = await connect(perMessageDeflate);
    expect(takesCompressed(server)).toBe(takes);
  });
});

describe(withoutOddOffers.name, () => {
  const left = (offer: string): string | undefined => {
    const headers = { 'sec-websocket-extensions': offer };
    withoutOddOffers({ headers } as IncomingMessage);
    return (headers as IncomingMessage['headers'])['sec-websocket-extensions'];
  };

  it.each([
    'permessage-deflate; client_max_window_bits',
    'something-else',
    'permessage-deflate, permessage-deflate',
  ])('leaves %s', (offer) => {
    expect(left(offer)).toBe(offer);
  });

  it.each(['permessage-deflate; nothing_known', 'permessage-deflate; client_max_window_bits=7', ', ='])(
    'takes away %s',
    (offer) => {
      expect(left(offer)).toBeUndefined();
    },
  );
});
