import type { ChatMessage, Commands, ConversationState, HistoryEntry, Position } from '@rookery/protocol';

export const directChat = (a: string, b: string): string => `dm:${[a, b].sort().join(':')}`;
const partiesOf = (conversation: string): string[] => conversation.split(':').slice(1);

/** What the fake server remembers: direct chats in order, and how far each user and device has come. */
export class FakeJournal {
  private readonly entries = new Map<string, ChatMessage[]>();
  /** The device that sent a message, as `owner` of {@link mark}. */
  private readonly origins = new Map<ChatMessage, string>();
  private readonly cursors = new Map<string, number>();

  of(conversation: string): ChatMessage[] {
    const found = this.entries.get(conversation) ?? [];
    this.entries.set(conversation, found);
    return found;
  }

  /** Stores a message, or finds the one that the client id names. */
  append(
    from: string,
    data: Commands['chat.send']['data'],
    device?: string,
  ): { message: ChatMessage; duplicate: boolean } {
    const { to, conversation: named, ...draft } = data;
    const conversation = named ?? directChat(from, to);
    const entries = this.of(conversation);
    const known = entries.find((each) => each.from === from && each.clientId === data.clientId);
    if (known && data.clientId !== undefined) return { message: known, duplicate: true };
    const seq = entries.length + 1;
    const peer = partiesOf(conversation).find((party) => party !== from) ?? from;
    const message = { conversation, seq, id: `${conversation}#${seq}`, time: seq, from, to: peer, ...draft };
    entries.push(message);
    this.origins.set(message, `${from} ${device}`);
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
  backlog(user: string, device: string): ChatMessage[] {
    return this.conversationsOf(user).flatMap((conversation) => {
      const [read, delivered] = [user, `${user} ${device}`].map((owner) => this.cursor(owner, conversation));
      return this.of(conversation).filter(
        (each) =>
          each.seq > Math.max(read ?? 0, delivered ?? 0) && this.origins.get(each) !== `${user} ${device}`,
      );
    });
  }

  history(user: string, data: Commands['chat.history']['data']): Commands['chat.history']['reply'] {
    const { to, conversation = directChat(user, to ?? ''), before = Infinity, after, limit = 50 } = data;
    const all = this.of(conversation);
    const fitting = all.filter(({ seq }) => seq > (after ?? 0) && seq < before);
    const chosen = after === undefined ? fitting.slice(-limit) : fitting.slice(0, limit);
    const messages = chosen.map((each): HistoryEntry => ({ event: 'chat.message', ...each }));
    return { conversation, head: all.length, messages, more: fitting.length > limit };
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
    const head = this.of(conversation).length;
    return { conversation, kind: 'direct', head, delivered: read, read, unread: 0, mentions: 0, time: head };
  }

  private conversationsOf(user: string): string[] {
    return [...this.entries.keys()].filter((id) => partiesOf(id).includes(user));
  }
}
