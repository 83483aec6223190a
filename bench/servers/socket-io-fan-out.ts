import { Server } from 'socket.io';
import { listening } from './listening.js';

/** Socket.IO on WebSockets alone, with everybody in one room. */
const ROOM = 'all';
const io = new Server(await listening(), { transports: ['websocket'], serveClient: false });

io.on('connection', (socket) => {
  if (socket.handshake.headers['x-user'] === 'publisher') {
    socket.on('publish', (text: string) => io.to(ROOM).emit('message', text));
    return;
  }
  void socket.join(ROOM);
  socket.emit('ready');
});
