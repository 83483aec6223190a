/** How a server wants its chat frames. Both ways cheap: frames are told apart by how they begin. */
export interface ChatWire {
  path: string;
  /** The frame after which a connection is live. */
  ready: Buffer;
  /** Directly followed by the id of the command. */
  ack: Buffer;
  delivery: Buffer;
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

export const CHAT_WIRES = { native, nest };
export type ChatWireName = keyof typeof CHAT_WIRES;

export function begins(data: Buffer, start: number, end: number, prefix: Buffer): boolean {
  return (
    end - start >= prefix.length && data.compare(prefix, 0, prefix.length, start, start + prefix.length) === 0
  );
}

/** The digits at a place. */
export function numberAt(data: Buffer, at: number): number {
  let value = 0;
  for (let i = at; ; i++) {
    const digit = (data[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return value;
    value = value * 10 + digit;
  }
}
