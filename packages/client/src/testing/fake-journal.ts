import type {
  ChatMessage,
  Commands,
  ConversationState,
  HistoryEntry,
  MessageReaction,
  Position,
} from '@rookery/protocol';

export const directChat = (a: string, b: string): string => `dm:${[a, b].sort().join(':')}`;
const partiesOf = (conversation: string): string[] => conversation.split(':').slice(1);

const isMessage = (entry: HistoryEntry): entry is ChatMessage & { event: 'chat.message' } =>
  entry.event === 'chat.message';

/** What the fake server remembers: conversations in order, and how far each user and device has come. */
export class FakeJournal {
  private readonly entries = new Map<string, HistoryEntry[]>();
  /** The device that an entry is of, as `owner` of {@link mark}. */
  private readonly origins = new Map<HistoryEntry, string>();
  private readonly cursors = new Map<string, number>();

  /** The messages of a conversation. */
  of(conversation: string): ChatMessage[] {
    return this.all(conversation)
      .filter(isMessage)
      .map(({ event: _event, ...message }) => message);
  }

  all(conversation: string): HistoryEntry[] {
    const found = this.entries.get(conversation) ?? [];
    this.entries.set(conversation, found);
    return found;
  }

  /** Stores an entry of any type at its number. */
  put(entry: HistoryEntry): void {
    this.all(entry.conversation)[entry.seq - 1] = entry;
  }

  /** Stores a reaction, or finds the one that the client id names. */
  react(
    from: string,
    data: Commands['chat.react']['data'],
    device?: string,
  ): { entry: MessageReaction; duplicate: boolean } {
    const { to, conversation: named, seq: targetSeq, emoji, active = true, clientId } = data;
    const conversation = named ?? directChat(from, to);
    const entries = this.all(conversation);
    const known = entries.find((each) => each.event === 'chat.reaction' && each.clientId === clientId);
    if (known) return { entry: known as MessageReaction, duplicate: true };
    const seq = entries.length + 1;
    const place = { conversation, seq, id: `${conversation}#${seq}`, time: seq };
    const entry = { ...place, from, targetSeq, emoji, active, clientId };
    const kept = { event: 'chat.reaction' as const, ...entry };
    entries.push(kept);
    this.origins.set(kept, `${from} ${device}`);
    return { entry, duplicate: false };
  }

  /** Stores a message, or finds the one that the client id names. */
  append(
    from: string,
    data: Commands['chat.send']['data'],
    device?: string,
  ): { message: ChatMessage; duplicate: boolean } {
    const { to, conversation: named, ...draft } = data;
    const conversation = named ?? directChat(from, to);
    const entries = this.all(conversation);
    const known = this.of(conversation).find((each) => each.from === from && each.clientId === data.clientId);
    if (known && data.clientId !== undefined) return { message: known, duplicate: true };
    const seq = entries.length + 1;
    const peer = partiesOf(conversation).find((party) => party !== from) ?? from;
    const message = { conversation, seq, id: `${conversation}#${seq}`, time: seq, from, to: peer, ...draft };
    const kept = { event: 'chat.message' as const, ...message };
    entries.push(kept);
    this.origins.set(kept, `${from} ${device}`);
    return { message, duplicate: false };
  }

  /** `owner`: a user, for what was read; a user and a device, for what was delivered. */
  mark(owner: string, { conversation, seq }: Position): void {
    this.cursors.set(`${owner} ${conversation}`, Math.max(seq, this.cursor(owner, conversation)));
  }

  cursor(owner: string, conversation: string): number {
    return this.cursors.get(`${owner} ${conversation}`) ?? 0;
  }

  /** What a device is pushed after its hello: not what it sent itself. */
  backlog(user: string, device: string): HistoryEntry[] {
    return this.conversationsOf(user).flatMap((conversation) => {
      const [read, delivered] = [user, `${user} ${device}`].map((owner) => this.cursor(owner, conversation));
      return this.all(conversation).filter(
        (each) =>
          each.seq > Math.max(read ?? 0, delivered ?? 0) && this.origins.get(each) !== `${user} ${device}`,
      );
    });
  }

  history(user: string, data: Commands['chat.history']['data']): Commands['chat.history']['reply'] {
    const { to, conversation = directChat(user, to ?? ''), before = Infinity, after, limit = 50 } = data;
    const all = this.all(conversation);
    const fitting = all.filter(({ seq }) => seq > (after ?? 0) && seq < before);
    const chosen = after === undefined ? fitting.slice(-limit) : fitting.slice(0, limit);
    return { conversation, head: all.length, messages: chosen, more: fitting.length > limit };
  }

  sync(
    user: string,
    { cursor = '0', limit = 50 }: Commands['chat.sync']['data'],
  ): Commands['chat.sync']['reply'] {
    const all = this.conversationsOf(user);
    const start = Number(cursor);
    const conversations = all.slice(start, start + limit).map((id) => this.stateOf(user, id));
    return { conversations, next: start + limit < all.length ? String(start + limit) : null };
  }

  private stateOf(user: string, conversation: string): ConversationState {
    const read = this.cursor(user, conversation);
    const head = this.all(conversation).length;
    return { conversation, kind: 'direct', head, delivered: read, read, unread: 0, mentions: 0, time: head };
  }

  private conversationsOf(user: string): string[] {
    return [...this.entries.keys()].filter((id) => partiesOf(id).includes(user));
  }
}
