import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  ErrorCode,
  type ChatReceipt,
  type Commands,
  type ConversationState,
  type HistoryEntry,
  type ReactionSummary,
} from '@rookery/protocol';
import { AppError, EventBus, type Deferred } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { EventPresenters, HubService, type Connection, type EntryReader } from '../hub/index.js';
import {
  JournalService,
  type Entry,
  type MarkResult,
  type Membership,
  type ReadRange,
} from '../journal/index.js';
import { ReactionService } from './actions/reaction.service.js';
import { peerIn } from './chat-message.js';
import { CursorMoved } from './chat.events.js';
import { resolveTarget, type ConversationTarget } from './conversation-access.js';
import { ConversationSettingsService } from './conversation-settings.service.js';
import { withinBytes } from './page-bytes.js';
import { UnreadService, type Unread } from './unread.service.js';

type History = Commands['chat.history']['reply'];
type Sync = Commands['chat.sync']['reply'];

/** Who moves a cursor: a user, on a device, through a connection. Only the user is certain. */
export type Marker = Pick<Connection, 'userId'> & Partial<Pick<Connection, 'device' | 'id'>>;

/** What a member reads of his conversations, and how far he has come. */
@Injectable()
export class ConversationService implements OnModuleInit {
  constructor(
    private readonly journal: JournalService,
    private readonly presenters: EventPresenters,
    private readonly hub: HubService,
    private readonly bus: EventBus,
    private readonly config: AppConfig,
    private readonly unread: UnreadService,
    private readonly settings: ConversationSettingsService,
    private readonly reactions: ReactionService,
  ) {}

  onModuleInit(): void {
    this.hub.markWith((connection, conversation, seq) => this.delivered(connection, conversation, seq));
  }

  /** Everything up to `seq` is on the device. Settles after the commit; senders are told then. */
  delivered(marker: Marker, conversation: string, seq: number): Deferred<null> {
    return this.mark(marker, conversation, { delivered: seq });
  }

  /** Everything up to `seq` was seen. Settles after the commit; senders and the user's other devices are told then. */
  read(marker: Marker, conversation: string, seq: number): Deferred<null> {
    return this.mark(marker, conversation, { read: seq });
  }

  /** `roles` are those of the caller's token; absent: of the tokens the user is connected with. */
  async history(
    user: string,
    target: ConversationTarget,
    range: ReadRange,
    roles?: readonly string[],
  ): Promise<History> {
    const { conversation, parties } = resolveTarget(user, target);
    await this.prepare(user);
    const membership = await this.journal.membership(user, conversation);
    if (!membership && !parties) throw new AppError(ErrorCode.NotFound);
    if (!membership) return { conversation, head: 0, messages: [], more: false };
    const { entries, more } = await this.visible(user, membership, range);
    const reader = membership.kind === 'broadcast' ? await this.hub.readerOf(user, roles) : undefined;
    const locale = hasLanguages(membership) ? await this.presenters.localeOf(user) : undefined;
    const reactions = await this.reactions.of(user, conversation, entries);
    return {
      conversation,
      head: membership.head,
      messages: entries.flatMap((entry) =>
        this.present(entry, { reader, locale }, reactions?.get(entry.seq)),
      ),
      more,
    };
  }

  /** The caller's conversations, the last moved first; where to start reading each is the caller's own cursor. */
  async sync(user: string, page: { cursor?: string; limit: number }): Promise<Sync> {
    await this.prepare(user);
    const { items, next } = await this.journal.memberships(user, page);
    const direct = items.filter(({ kind }) => kind === 'direct').map(({ conversation }) => conversation);
    const peers = direct.length > 0 ? await this.journal.peerCursors(user, direct) : new Map<string, never>();
    const ids = items.map(({ conversation }) => conversation);
    const [unread, settings] = await Promise.all([
      this.unread.of(user, items),
      this.settings.shown(user, ids),
    ]);
    const conversations = items.map((item) => ({
      ...toState(user, item, peers.get(item.conversation)),
      ...unread(item),
      ...settings.get(item.conversation),
    }));
    return { conversations, next };
  }

  /** What is committed after the answer must reach the user live: it has to be known what is his before it is read. */
  private async prepare(user: string): Promise<void> {
    await this.journal.enrol(user);
    await this.hub.attend(user);
  }

  /** One entry more than asked for is read, to know whether there are more. */
  private async visible(
    user: string,
    { conversation, joined, earlier }: Membership,
    range: ReadRange,
  ): Promise<{ entries: Entry[]; more: boolean }> {
    const { before, after, limit } = range;
    const wanted =
      after === undefined
        ? { before, limit: limit + 1 }
        : { after: earlier ? after : Math.max(after, joined), limit: limit + 1 };
    const found = await this.journal.read(conversation, wanted, user);
    const page = after === undefined ? found.slice(-limit) : found.slice(0, limit);
    const bytes = this.config.ws.sendBuffer / 2;
    const entries = withinBytes(page, bytes, after === undefined ? 'newest' : 'oldest');
    return { entries, more: found.length > entries.length };
  }

  private present(
    entry: Entry,
    { reader, locale }: { reader?: EntryReader; locale?: string },
    reactions?: ReactionSummary[],
  ): HistoryEntry[] {
    if (reader && this.presenters.filterOf(entry)?.(reader) === false) return [];
    const event = this.presenters.describe(entry, locale);
    if (!event) return [];
    return [
      { event: event.type, ...(event.data as object), ...(reactions && { reactions }) } as HistoryEntry,
    ];
  }

  private mark(
    marker: Marker,
    conversation: string,
    cursors: { delivered?: number; read?: number },
  ): Deferred<null> {
    resolveTarget(marker.userId, { conversation });
    return this.journal
      .submitMark({ conversation, user: marker.userId, device: marker.device, ...cursors })
      .map((result) => this.tell(marker, conversation, result));
  }

  private tell(marker: Marker, conversation: string, result: MarkResult): null {
    if (result.deliveredMoved)
      this.receipt(marker, { conversation, user: marker.userId, kind: 'delivered', seq: result.delivered });
    if (result.readMoved)
      this.receipt(marker, { conversation, user: marker.userId, kind: 'read', seq: result.read });
    return null;
  }

  private receipt(marker: Marker, receipt: ChatReceipt): void {
    const peer = peerIn(receipt.conversation, marker.userId);
    const audience = peer === undefined ? [marker.userId] : [peer, marker.userId];
    this.hub.sendToUsers(audience, 'chat.receipt', receipt, { except: marker.id });
    this.bus.publish(new CursorMoved(receipt));
  }
}

function toState(
  user: string,
  membership: Membership,
  peerCursors?: { delivered: number; read: number },
): Omit<ConversationState, keyof Unread> {
  const { conversation, kind, head, delivered, read, time } = membership;
  const peer = peerIn(conversation, user);
  return {
    conversation,
    kind,
    ...(peer !== undefined && { peer }),
    ...(kind === 'group' && groupPart(membership)),
    head,
    delivered,
    read,
    ...(peerCursors && { peerDelivered: peerCursors.delivered, peerRead: peerCursors.read }),
    time,
  };
}

/** What the groups' room keeps in the journal, as far as a list of conversations shows it. */
function groupPart({ left, role, state, attributes }: Membership): Partial<ConversationState> {
  const name = (left === null ? state : attributes)?.name;
  return {
    ...(typeof name === 'string' && { name }),
    ...(left === null ? { role: (role ?? 'member') as ConversationState['role'] } : { left: true as const }),
  };
}

/** Whether entries there may look different in another language. */
const hasLanguages = ({ kind }: Membership): boolean => kind === 'inbox' || kind === 'broadcast';
