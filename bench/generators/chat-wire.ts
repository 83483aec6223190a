/** How a server wants its chat frames. Both ways cheap: frames are told apart by how they begin. */
export interface ChatWire {
  path: string;
  /** A group of these two alone, which has to be there before they write. */
  group?: string;
  /** The frame after which a connection is live; absent: it is live when it is open. */
  ready?: Buffer;
  /** Directly followed by the id of the command; absent: that it came to the other one has to do. */
  ack?: Buffer;
  /** Directly behind that id; what goes on otherwise acknowledges something else. */
  ackTail?: Buffer;
  /** The acknowledgement is the sender's own message, which one not caught up yet is shown twice. */
  isEcho?: boolean;
  /** Default: whatever has "error" in it. */
  refusal?: Buffer;
  /** Absent: nobody but the sender is told. */
  delivery?: Buffer;
  /** What tells how far the client has come; absent: it never does. Its id is no number. */
  mark?(seq: number): string;
  send(id: number, to: string, content: string, clientId: string): string;
}

type Acknowledging = ChatWire & Required<Pick<ChatWire, 'ready' | 'ack'>>;

/** Ours, and of the yardsticks that need no other. */
const native: Acknowledging = {
  path: '/ws',
  ready: Buffer.from('{"type":"chat.synced"'),
  ack: Buffer.from('{"type":"ok","id":'),
  delivery: Buffer.from('{"type":"chat.message"'),
  send: (id, to, content, clientId) =>
    `{"type":"chat.send","id":${id},"data":{"to":"${to}","kind":"text","content":"${content}","clientId":"${clientId}"}}`,
};

/** What Nest's own adapter takes. */
const nest: Acknowledging = {
  path: '/',
  ready: Buffer.from('{"event":"ready"'),
  ack: Buffer.from('{"event":"ok","data":{"id":'),
  delivery: Buffer.from('{"event":"chat.message"'),
  send: (id, to, content, clientId) =>
    `{"event":"chat.send","data":{"id":${id},"to":"${to}","kind":"text","content":"${content}","clientId":"${clientId}"}}`,
};

/** A command that stores nothing, about somebody who is not there. */
const typing: Acknowledging = {
  path: '/ws',
  ready: native.ready,
  ack: native.ack,
  send: (id) => `{"type":"chat.typing","id":${id},"data":{"to":"somebody-who-is-not-there","active":true}}`,
};

/** The same fields, to a gateway that does nothing with them. */
const extensionTyping: Acknowledging = {
  ...typing,
  send: (id) => `{"type":"bench.typing","id":${id},"data":{"to":"somebody-who-is-not-there","active":true}}`,
};

const nestTyping: Acknowledging = {
  path: '/',
  ready: nest.ready,
  ack: nest.ack,
  send: (id) => `{"event":"chat.typing","data":{"id":${id},"to":"somebody-who-is-not-there","active":true}}`,
};

const nativeGroup = (user: string, peer: string): ChatWire => {
  const group = groupOf(user, peer);
  return {
    ...native,
    group,
    send: (id, _, content, clientId) =>
      `{"type":"chat.send","id":${id},"data":{"conversation":"${group}","kind":"text","content":"${content}","clientId":"${clientId}"}}`,
  };
};

/** With what kama's clients say beside the content. */
const withMeta: ChatWire = {
  ...native,
  send: (id, to, content, clientId) =>
    `{"type":"chat.send","id":${id},"data":{"to":"${to}","kind":"text","content":"${content}","meta":{"session_id":"${clientId}","url":"","send_name":"${clientId}","send_avatar":"/a.png","file_size":"0B","file_type":"","file_name":"","av_data":""},"clientId":"${clientId}"}}`,
};

/** As clients of the SDK: on a named device, and they mark what was delivered. */
const marking = (wire: ChatWire, conversation: string): ChatWire => ({
  ...wire,
  path: `${wire.path}?device=bench`,
  mark: (seq) =>
    `{"type":"chat.delivered","data":{"conversation":"${conversation}","seq":${seq}},"id":"mark"}`,
});

const directOf = (user: string, peer: string): string => `dm:${[user, peer].sort().join(':')}`;

const nativeMarking = (user: string, peer: string): ChatWire => marking(native, directOf(user, peer));

const nativeMeta = (user: string, peer: string): ChatWire => marking(withMeta, directOf(user, peer));

const nativeGroupMarking = (user: string, peer: string): ChatWire =>
  marking(nativeGroup(user, peer), groupOf(user, peer));

const groupOf = (user: string, peer: string): string => `G-${[user, peer].sort().join('-')}`;

const melody = (_: string, peer: string): ChatWire => ({
  path: '/api/ws/connect',
  delivery: Buffer.from(`{"type":"chat","from":"${peer}"`),
  send: (_id, to, content) => `{"type":"chat","to":"${to}","content":"${content}"}`,
});

const skyeim = (user: string): ChatWire => ({
  path: '/ws/skyeim',
  ready: Buffer.from('{"type":"connected"'),
  ack: Buffer.from(`{"type":"ack","data":{"msgId":"${user}-`),
  ackTail: Buffer.from('","status":"sent"'),
  delivery: Buffer.from('{"type":"chat"'),
  send: (_, to, content, clientId) =>
    `{"type":"chat","data":{"toUserId":"${to}","content":"${content}","contentType":1,"msgId":"${clientId}"}}`,
});

/** All fields, as its clients send them. What is in `session_id` comes back, and first. */
const kama = (user: string, peer: string): ChatWire => ({
  path: '/wss',
  ack: Buffer.from(`{"session_id":"${user}-`),
  isEcho: true,
  refusal: Buffer.from('{"code":'),
  delivery: Buffer.from(`{"session_id":"${peer}-`),
  send: (_, to, content, clientId) =>
    `{"session_id":"${clientId}","type":0,"content":"${content}","url":"","send_id":"${user}","send_name":"${user}","send_avatar":"/a.png","receive_id":"${to}","file_size":"0B","file_type":"","file_name":"","av_data":""}`,
});

const gozero = (user: string, peer: string): ChatWire => {
  const group = groupOf(user, peer);
  return {
    path: '/ws/gozero',
    group,
    ready: Buffer.from('{"type":"auth_success"'),
    ack: Buffer.from(`{"type":"ack","message_id":"${user}-`),
    delivery: Buffer.from(`{"type":"new_message","message_id":"${peer}-`),
    send: (_, _to, content, clientId) =>
      `{"type":"send_message","message_id":"${clientId}","timestamp":0,"data":{"group_id":"${group}","msg_type":1,"content":"${content}"}}`,
  };
};

/** The same for everybody. */
export const CHAT_WIRES = { native, nest, typing, extensionTyping, nestTyping };
/** For a user who writes to a peer. */
const WIRES_OF_PAIRS = {
  nativeMarking,
  nativeMeta,
  nativeGroup,
  nativeGroupMarking,
  melody,
  skyeim,
  kama,
  gozero,
};
export type ChatWireName = keyof typeof CHAT_WIRES | keyof typeof WIRES_OF_PAIRS;

export function chatWire(name: ChatWireName, user: string, peer: string): ChatWire {
  return name in WIRES_OF_PAIRS
    ? WIRES_OF_PAIRS[name as keyof typeof WIRES_OF_PAIRS](user, peer)
    : CHAT_WIRES[name as keyof typeof CHAT_WIRES];
}

export function begins(data: Buffer, start: number, end: number, prefix: Buffer): boolean {
  return (
    end - start >= prefix.length && data.compare(prefix, 0, prefix.length, start, start + prefix.length) === 0
  );
}
