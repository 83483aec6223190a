import { WebSocketServer } from 'ws';
import { listening } from './listening.js';

/** Parses, answers, and that is all. */
interface Command {
  id: number;
}

const sockets = new WebSocketServer({ server: await listening() });

sockets.on('connection', (socket) => {
  socket.on('message', (payload: Buffer) => {
    const { id } = JSON.parse(payload.toString()) as Command;
    socket.send(JSON.stringify({ type: 'ok', id, data: null }));
  });
  socket.send('{"type":"chat.synced","data":{"messages":0}}');
});
