import { HttpPublisher, type Publisher, SocketPublisher } from './publishers.js';

/** How a server takes subscribers and messages for all of them. */
export interface FanOutWire {
  path: string;
  /** What a subscriber sends first. */
  opening?: string;
  /** How the frame begins that says it is subscribed. */
  ready: Buffer;
  /** A delivery is told from every other frame by one byte: looking at more would cost more than the counting. */
  delivery: { at: number; byte: number };
  /** What answers a ping of the wire's own. */
  ping?: { frame: Buffer; pong: string };
  publisher(port: number, onReady: () => void): Publisher | Promise<Publisher>;
}

const HTTP_CONNECTIONS = 64;

const NOTIFICATION = { at: '{"type":"'.length, byte: 'n'.charCodeAt(0) };

const broadcast = (ephemeral: boolean): FanOutWire => ({
  path: '/ws',
  ready: Buffer.from('{"type":"chat.synced"'),
  delivery: NOTIFICATION,
  publisher: (port, onReady) =>
    new HttpPublisher(
      port,
      HTTP_CONNECTIONS,
      (content) => `{"type":"bench","content":"${content}","ephemeral":${ephemeral}}`,
      onReady,
    ),
});

const plain: FanOutWire = {
  path: '/',
  ready: Buffer.from('{"type":"ready"'),
  delivery: { at: '{"type":"'.length, byte: 'm'.charCodeAt(0) },
  publisher: (port) =>
    SocketPublisher.open(port, '/', undefined, (content) => `{"type":"message","data":"${content}"}`),
};

/** Engine.IO 4 and Socket.IO 5 on a WebSocket, as much of them as this takes. */
const socketIo: FanOutWire = {
  path: '/socket.io/?EIO=4&transport=websocket',
  opening: '40',
  ready: Buffer.from('42["ready"'),
  delivery: { at: '42["'.length, byte: 'm'.charCodeAt(0) },
  ping: { frame: Buffer.from('2'), pong: '3' },
  publisher: (port) =>
    SocketPublisher.open(
      port,
      '/socket.io/?EIO=4&transport=websocket',
      '40',
      (content) => `42["publish","${content}"]`,
    ),
};

export const FAN_OUT_WIRES = { durable: broadcast(false), ephemeral: broadcast(true), plain, socketIo };
export type FanOutWireName = keyof typeof FAN_OUT_WIRES;
