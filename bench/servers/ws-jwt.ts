import { jwtVerify } from 'jose';
import { WebSocketServer } from 'ws';
import { BENCH_SECRET } from '../lib/secret.js';
import { listening } from './listening.js';

/** Verifies the token before the upgrade, says hello, and keeps the connection alive with a ping like ours. */
const PING_INTERVAL = 30_000;
const HELLO = '{"type":"chat.synced","data":{"messages":0}}';
const BEARER = 'Bearer ';

const key = new TextEncoder().encode(BENCH_SECRET);
const sockets = new WebSocketServer({ noServer: true });
const server = await listening();

server.on('upgrade', async (request, stream, head) => {
  try {
    const token = (request.headers.authorization ?? '').slice(BEARER.length);
    const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'] });
    sockets.handleUpgrade(request, stream, head, (socket) => {
      Object.assign(socket, { user: payload.sub, isAlive: true });
      socket.on('pong', () => Object.assign(socket, { isAlive: true }));
      socket.on('error', () => undefined);
      socket.send(HELLO);
    });
  } catch {
    stream.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
  }
});

setInterval(() => {
  for (const socket of sockets.clients as Set<import('ws').WebSocket & { isAlive?: boolean }>) {
    if (!socket.isAlive) socket.terminate();
    socket.isAlive = false;
    socket.ping();
  }
}, PING_INTERVAL);
