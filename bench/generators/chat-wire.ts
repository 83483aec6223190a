/** How a server wants its chat frames. Both ways cheap: frames are told apart by how they begin. */
export interface ChatWire {
  path: string;
  /** The frame after which a connection is live. */
  ready: Buffer;
  /** Directly followed by the id of the command. */
  ack: Buffer;
  /** Absent: nobody but the sender is told. */
  delivery?: Buffer;
  send(id: number, to: string, content: string, clientId: string): string;
}

/** Ours, and of the yardsticks that need no other. */
const native: ChatWire = {
  path: '/ws',
  ready: Buffer.from('{"type":"chat.synced"'),
  ack: Buffer.from('{"type":"ok","id":'),
  delivery: Buffer.from('{"type":"chat.message"'),
  send: (id, to, content, clientId) =>
    `{"type":"chat.send","id":${id},"data":{"to":"${to}","kind":"text","content":"${content}","clientId":"${clientId}"}}`,
};

/** What Nest's own adapter takes. */
const nest: ChatWire = {
  path: '/',
  ready: Buffer.from('{"event":"ready"'),
  ack: Buffer.from('{"event":"ok","data":{"id":'),
  delivery: Buffer.from('{"event":"chat.message"'),
  send: (id, to, content, clientId) =>
    `{"event":"chat.send","data":{"id":${id},"to":"${to}","kind":"text","content":"${content}","clientId":"${clientId}"}}`,
};

/** A command that stores nothing, about somebody who is not there. */
const typing: ChatWire = {
  path: '/ws',
  ready: native.ready,
  ack: native.ack,
  send: (id) => `{"type":"chat.typing","id":${id},"data":{"to":"somebody-who-is-not-there","active":true}}`,
};

const nestTyping: ChatWire = {
  path: '/',
  ready: nest.ready,
  ack: nest.ack,
  send: (id) => `{"event":"chat.typing","data":{"id":${id},"to":"somebody-who-is-not-there","active":true}}`,
};

export const CHAT_WIRES = { native, nest, typing, nestTyping };
export type ChatWireName = keyof typeof CHAT_WIRES;

export function begins(data: Buffer, start: number, end: number, prefix: Buffer): boolean {
  return (
    end - start >= prefix.length && data.compare(prefix, 0, prefix.length, start, start + prefix.length) === 0
  );
}
