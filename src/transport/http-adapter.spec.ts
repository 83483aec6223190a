import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Express } from 'express';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { RookeryHttpAdapter } from './http-adapter.js';

const PATIENCE = 200;

describe(RookeryHttpAdapter.name, () => {
  let server: Server;
  let port: number;
  beforeEach(async () => {
    const adapter = new RookeryHttpAdapter(undefined, PATIENCE);
    adapter.initHttpServer();
    const express = adapter.getInstance<Express>();
    express.get('/big', (_request, response) => void response.send(Buffer.alloc(64 * 1024 * 1024)));
    express.get('/slow', (_request, response) => {
      setTimeout(() => response.send('done'), 3 * PATIENCE);
    });
    server = adapter.getHttpServer() as Server;
    await once(server.listen(0, '127.0.0.1'), 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Resolves when the server has hung up on a client that asked and does not read. */
  const cutUnread = async (): Promise<void> => {
    const accepted = once(server, 'connection');
    const client = connect(port, '127.0.0.1').pause();
    client.on('error', () => undefined);
    client.write('GET /big HTTP/1.1\r\nHost: x\r\n\r\n');
    const [socket] = (await accepted) as [NodeJS.EventEmitter];
    await once(socket, 'close');
    client.destroy();
  };

  it('cuts a connection that does not read its answer', () => expect(cutUnread()).resolves.toBeUndefined());

  it('leaves an answer its time', async () => {
    expect(await (await fetch(`http://127.0.0.1:${port}/slow`)).text()).toBe('done');
  });

  it('leaves silent WebSockets alone', async () => {
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
    const client = new WebSocket(`ws://127.0.0.1:${port}`);
    await once(client, 'open');
    await cutUnread();
    await cutUnread();
    client.send('still here');
    expect(String((await once(client, 'message'))[0])).toBe('still here');
    client.terminate();
  });
});
