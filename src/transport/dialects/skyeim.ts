import {
  type ChatMessage,
  type ChatReceipt,
  type ErrorData,
  type Frame,
  type Presence,
  type Stored,
} from '@rookery/protocol';
import { invalidField } from '../../common/index.js';
import type { Encoder, HubEvent } from '../../hub/index.js';
import { directConversation, parseConversationId } from '../../journal/index.js';
import { clientIdOf, givenId, type GivenId } from './client-id.js';
import { draftOf, mergedMeta, numberedOf } from './content-form.js';
import { fromWireId, toWireId } from './decimal-id.js';
import { assertToken, type Dialect } from './dialect.js';
import { RecentIds } from './recent-ids.js';
import { SentMessages } from './sent-messages.js';
import {
  describe,
  jsonFrame,
  NOTHING,
  ownCommand,
  Translation,
  unknownType,
  type JsonObject,
  type NativeCommand,
} from './translation.js';

const KEY = 'contentType';
/** What the fields of native commands are called here. */
const NAMES = { to: 'toUserId', clientId: 'msgId', seq: 'msgIds' };
const MAX_READ_IDS = 1000;
/** Messages that are looked through for one whose id is not remembered. */
const LOOK_BACK = 200;
/** Conversations of which it is known at the beginning how far the other one has come. */
const KNOWN_PEERS = 50;
/** Friends of whom it is remembered whether they are there. */
const MAX_FRIENDS = 10_000;

interface Request {
  /** `own`: of this translation's own making, and nobody else's business. */
  kind: 'chat' | 'ping' | 'own' | 'other';
  msgId?: GivenId;
}

const OWN: Request = { kind: 'own' };

const frame = (type: string, data: unknown): Buffer => jsonFrame({ type, data });

/** The sender's own id of a message, as it stands on the wire. */
function msgIdOf({ clientId = '', meta }: ChatMessage): GivenId {
  return givenId(meta?.msgId) ?? toWireId(clientId);
}

class SkyeimEncoder implements Encoder {
  readonly name = 'skyeim';

  encode({ type, data }: Frame): Buffer {
    return type === 'chat.message' ? chat(data as ChatMessage) : NOTHING;
  }
}

function chat(message: ChatMessage): Buffer {
  const { from, to, time } = message;
  const form = to === undefined ? undefined : numberedOf(message, KEY);
  if (!form || to === undefined) return NOTHING;
  return frame('chat', {
    msgId: msgIdOf(message),
    fromUserId: toWireId(from),
    toUserId: toWireId(to),
    content: form.content,
    contentType: form.number,
    createdAt: time,
  });
}

/** `{type, data}`, camelCase: direct chats, receipts, and which friends are there. */
class SkyeimTranslation extends Translation<Request> {
  protected readonly encoder = ENCODER;
  /** Of others, to be named in `read`. */
  private readonly received = new RecentIds();
  private readonly sent = new SentMessages();
  private readonly there = new Set<string>();
  /** Undefined once `connected` was said: until then friends wait. */
  private early?: Map<string, Presence> = new Map();

  override get idCount(): number {
    return Math.max(this.received.size, this.sent.size);
  }

  carries(conversation: string): boolean {
    return parseConversationId(conversation)?.kind === 'direct';
  }

  protected contextOf({ type, data }: JsonObject): Request {
    const msgId = givenId((data as JsonObject | null | undefined)?.msgId);
    return { kind: type === 'chat' || type === 'ping' ? type : 'other', msgId };
  }

  protected commandOf({ type, data: given }: JsonObject, request: Request): NativeCommand {
    if (type === 'ping') return { type };
    if (type !== 'chat' && type !== 'read') throw unknownType();
    if (typeof given !== 'object' || given === null) throw invalidField('data', 'An object');
    const data = given as JsonObject;
    return type === 'chat' ? this.send(data, request) : this.read(data);
  }

  protected answer({ kind, msgId }: Request, data: unknown): Buffer {
    if (kind === 'ping') return PONG;
    if (kind !== 'chat') return kind === 'own' && Buffer.isBuffer(data) ? data : NOTHING;
    const { conversation, seq, time } = data as Stored;
    this.sent.add(conversation, seq, msgId as GivenId);
    return frame('ack', { msgId, status: 'sent', timestamp: time });
  }

  protected refusal(error: ErrorData, request: Request | undefined): Buffer {
    if (request?.kind === 'own') return NOTHING;
    return frame('error', { msgId: request?.msgId ?? null, message: describe(error, NAMES) });
  }

  protected override told(type: string): Buffer {
    if (type !== 'chat.synced') return NOTHING;
    const { userId } = this;
    const connected = frame('connected', {
      userId: toWireId(userId),
      onlineCount: this.host.onlineCount,
    });
    const early = [...(this.early?.values() ?? [])];
    this.early = undefined;
    this.submit(
      ownCommand('peers', () => this.learnPeers()),
      OWN,
    );
    return Buffer.concat([connected, ...early.map((friend) => this.friend(friend))]);
  }

  protected override translate(event: HubEvent): Buffer {
    if (event.type === 'chat.receipt') return this.receipt(event.data as ChatReceipt);
    if (event.type === 'presence.snapshot' || event.type === 'presence.changed')
      return this.friends((event.data as { users: Presence[] }).users);
    const bytes = super.translate(event);
    if (bytes.length > 0) this.remember(event.data as ChatMessage);
    return bytes;
  }

  private get userId(): string {
    return this.host.connection?.userId ?? '';
  }

  private remember(message: ChatMessage): void {
    const { conversation, seq, from } = message;
    if (from === this.userId) this.sent.add(conversation, seq, msgIdOf(message));
    else this.received.add(conversation, String(msgIdOf(message)), seq);
  }

  private send(data: JsonObject, request: Request): NativeCommand {
    const { clientId, plain } = clientIdOf(data.msgId, 'msgId');
    const isWire = plain || typeof toWireId(clientId) === 'number';
    request.msgId = isWire ? toWireId(clientId) : request.msgId;
    const { kind, content, meta: form } = draftOf(data.contentType, data.content, KEY);
    const meta = mergedMeta(form, isWire ? undefined : { msgId: data.msgId });
    const to = fromWireId(data.toUserId, 'toUserId');
    return { type: 'chat.send', data: { to, kind, content, meta, clientId } };
  }

  /** Up to the newest of the messages; without any up to the last one there is. */
  private read({ peerId, msgIds = [] }: JsonObject): NativeCommand {
    const peer = fromWireId(peerId, 'peerId');
    if (typeof peer !== 'string' || peer === '') throw invalidField('peerId', 'A user id');
    if (!Array.isArray(msgIds) || msgIds.length > MAX_READ_IDS)
      throw invalidField('msgIds', `A list of at most ${MAX_READ_IDS} ids`);
    const ids = msgIds.map((id) => {
      const given = givenId(id);
      if (given === undefined) throw invalidField('msgIds', 'Strings and numbers');
      return String(given);
    });
    return ownCommand('read', async () => {
      const conversation = directConversation(this.userId, peer);
      const seq = await this.newest(conversation, peer, ids);
      if (seq > 0) await this.host.call('chat.read', { conversation, seq });
      return null;
    });
  }

  private async newest(conversation: string, peer: string, ids: readonly string[]): Promise<number> {
    const known = this.received.find(conversation, ids);
    if (ids.length > 0 && !known.includes(undefined)) return Math.max(...(known as number[]));
    const limit = ids.length > 0 ? LOOK_BACK : 1;
    const { head, messages } = await this.host.call('chat.history', { to: peer, limit });
    if (ids.length === 0) return head;
    const wanted = new Set(ids);
    const found = messages.flatMap((entry) =>
      entry.event === 'chat.message' && entry.from === peer && wanted.has(String(msgIdOf(entry)))
        ? [entry.seq]
        : [],
    );
    const seqs = [...found, ...known.filter((seq) => seq !== undefined)];
    if (seqs.length === 0) throw invalidField('msgIds', 'No such message');
    return Math.max(...seqs);
  }

  private receipt({ conversation, user, kind, seq }: ChatReceipt): Buffer {
    if (user === this.userId) return NOTHING;
    const from = this.sent.unknownBelow(conversation, kind, seq);
    if (from === undefined) return this.receiptOf(conversation, user, kind, seq);
    this.submit(
      ownCommand('receipt', () => this.lookUp(conversation, user, kind, from, seq)),
      OWN,
    );
    return NOTHING;
  }

  private receiptOf(conversation: string, user: string, kind: ChatReceipt['kind'], seq: number): Buffer {
    const ids = this.sent.take(conversation, kind, seq);
    if (ids.length === 0) return NOTHING;
    if (kind === 'read') return frame('read', { peerId: toWireId(user), msgIds: ids });
    const timestamp = Date.now();
    return Buffer.concat(ids.map((msgId) => frame('ack', { msgId, status: 'delivered', timestamp })));
  }

  /** What was sent on earlier connections is told by the ids it had there. */
  private async lookUp(
    conversation: string,
    user: string,
    kind: ChatReceipt['kind'],
    after: number,
    seq: number,
  ): Promise<Buffer> {
    const { messages } = await this.host.call('chat.history', { conversation, after, limit: LOOK_BACK });
    for (const entry of messages)
      if (entry.event === 'chat.message' && entry.from === this.userId && entry.seq <= seq)
        this.sent.add(conversation, entry.seq, msgIdOf(entry));
    return this.receiptOf(conversation, user, kind, seq);
  }

  /** How far the others had come when this connection began: what comes later is news. */
  private async learnPeers(): Promise<void> {
    const { conversations } = await this.host.call('chat.sync', { limit: KNOWN_PEERS });
    for (const { conversation, peerDelivered, peerRead } of conversations)
      if (peerDelivered !== undefined && peerRead !== undefined)
        this.sent.begin(conversation, { delivered: peerDelivered, read: peerRead });
  }

  private friends(users: readonly Presence[]): Buffer {
    if (!this.early) return Buffer.concat(users.map((user) => this.friend(user)));
    for (const user of users) this.early.set(user.user, user);
    return NOTHING;
  }

  /** Only coming and going is told, not how somebody who is there looks. */
  private friend({ user, state, lastSeen }: Presence): Buffer {
    if (user === this.userId) return NOTHING;
    const isThere = state !== 'offline';
    if (isThere === this.there.has(user)) return NOTHING;
    if (!isThere) this.there.delete(user);
    else if (this.there.size < MAX_FRIENDS) this.there.add(user);
    const timestamp = isThere ? Date.now() : (lastSeen ?? Date.now());
    return frame(isThere ? 'online' : 'offline', { userId: toWireId(user), timestamp });
  }
}

const ENCODER = new SkyeimEncoder();
const PONG = jsonFrame({ type: 'pong' });

/** R2: `{type, data}` frames, camelCase. Its users mark what they have read: what they have not is brought again. */
export const skyeim: Dialect = {
  name: 'skyeim',
  assertUser: (_, principal) => assertToken(principal),
  open: (host) => new SkyeimTranslation(host),
};
