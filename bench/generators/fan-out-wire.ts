import { makeGroup } from './group.js';
import { PublisherGroup } from './publisher-group.js';
import { HttpPublisher, type Publisher, SocketPublisher, type SocketPublisherOptions } from './publishers.js';
import { tokenFor } from './token.js';

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
  /** Done before they connect; `absent`: how many more belong to them, and are not there. */
  prepare?(port: number, users: readonly string[], absent: number): Promise<void>;
}

/** Each may keep 64 commands unanswered at Rookery, and a window may hold 200 messages. */
const SOCKETS = 4;
const HTTP_CONNECTIONS = 256;
const SOCKET_IO_PATH = '/socket.io/?EIO=4&transport=websocket';

const rookery = {
  path: '/ws',
  ready: Buffer.from('{"type":"chat.synced"'),
  delivery: { at: '{"type":"'.length, byte: 'n'.charCodeAt(0) },
};

const publishingSockets = async (options: SocketPublisherOptions): Promise<Publisher> =>
  new PublisherGroup(await Promise.all(Array.from({ length: SOCKETS }, () => SocketPublisher.open(options))));

/** A service that keeps connections. */
const overSocket: FanOutWire = {
  ...rookery,
  publisher: (port) =>
    publishingSockets({
      port,
      path: rookery.path,
      token: tokenFor('publisher', { role: 'admin' }),
      frameOf: (content) =>
        `{"type":"notification.broadcast","data":{"type":"bench","content":"${content}"}}`,
    }),
};

const GROUP = 'bench';
const PUBLISHER = 'publisher';

/** A member of a group who writes to it, as fast as a service does. */
const group: FanOutWire = {
  path: rookery.path,
  ready: rookery.ready,
  delivery: { at: '{"type":"chat.'.length, byte: 'm'.charCodeAt(0) },
  prepare: (port, users, absent) => makeGroup(port, { id: GROUP, owner: PUBLISHER, users, absent }),
  publisher: (port) =>
    publishingSockets({
      port,
      path: rookery.path,
      token: tokenFor(PUBLISHER),
      frameOf: (content) =>
        `{"type":"chat.send","data":{"conversation":"${GROUP}","kind":"text","content":"${content}"}}`,
    }),
};

const overRest = (ephemeral: boolean): FanOutWire => ({
  ...rookery,
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
    publishingSockets({ port, path: '/', frameOf: (content) => `{"type":"message","data":"${content}"}` }),
};

/** Engine.IO 4 and Socket.IO 5 on a WebSocket, as much of them as this takes. */
const socketIo: FanOutWire = {
  path: SOCKET_IO_PATH,
  opening: '40',
  ready: Buffer.from('42["ready"'),
  delivery: { at: '42["'.length, byte: 'm'.charCodeAt(0) },
  ping: { frame: Buffer.from('2'), pong: '3' },
  publisher: (port) =>
    publishingSockets({
      port,
      path: SOCKET_IO_PATH,
      opening: '40',
      frameOf: (content) => `42["publish","${content}"]`,
    }),
};

export const FAN_OUT_WIRES = {
  overSocket,
  overRest: overRest(false),
  ephemeral: overRest(true),
  group,
  plain,
  socketIo,
};
export type FanOutWireName = keyof typeof FAN_OUT_WIRES;
