import { type WebSocket, WebSocketServer } from 'ws';
import { listening } from './listening.js';

/** The loop that everybody writes: `client.send(text)` for each. */
const sockets = new WebSocketServer({ server: await listening() });
const subscribers = new Set<WebSocket>();

sockets.on('connection', (socket, request) => {
  if (request.headers['x-user'] === 'publisher') {
    socket.on('message', (payload: Buffer) => {
      const text = payload.toString();
      for (const subscriber of subscribers) subscriber.send(text);
    });
    return;
  }
  subscribers.add(socket);
  socket.on('close', () => subscribers.delete(socket));
  socket.send('{"type":"ready"}');
});
