import { Injectable, type OnModuleInit } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { ErrorCode, type Commands, type InboxItem, type NotificationChange } from '@rookery/protocol';
import { ConversationService, type Marker } from '../chat/index.js';
import { AppError, EventBus } from '../common/index.js';
import { EventPresenters, HubService, type EntryReader } from '../hub/index.js';
import {
  BROADCAST_CONVERSATION,
  JournalService,
  entryId,
  inboxConversation,
  type Entry,
  type Membership,
} from '../journal/index.js';
import { filterFor } from './audience.js';
import { erasures } from './erasure.js';
import { FIRST_PAGE, decodeInboxCursor, encodeInboxCursor, type InboxCursor } from './inbox-cursor.js';
import { InboxRepository, type InboxRow } from './inbox.repository.js';
import { isErased, isShown, toNotificationMessage, type NotificationBody } from './notification-message.js';
import { InboxChanged } from './notification.events.js';
import type { NotificationList, NotificationNames } from './notification.schema.js';

/** Type of the entries in an inbox that tell what was done with single notifications. */
export const CHANGE_ENTRY = 'notification_change';

/** Who asks: a user, and the roles of the token he came with. */
export interface InboxOwner extends Marker {
  roles?: readonly string[];
}

type State = 'read' | 'deleted';
type ChangeBody = { state: State; ids: string[] };

/** One of the two conversations that a list is made of, as its reader has it. */
interface Source {
  conversation: string;
  joined: number;
  read: number;
  head: number;
}

const CHUNK = 200;
/** Rows looked through for one answer at most: a page may be shorter for it, and goes on where it ended. */
const MAX_CHUNKS = 10;
const MAX_COUNTED = 1000;

/** A user's list of notifications: his inbox and what of the broadcast channel is for him, on all his devices the same. */
@Injectable()
export class InboxService implements OnModuleInit {
  constructor(
    private readonly journal: JournalService,
    private readonly hub: HubService,
    private readonly conversations: ConversationService,
    private readonly presenters: EventPresenters,
    private readonly rows: InboxRepository,
    private readonly bus: EventBus,
  ) {}

  onModuleInit(): void {
    this.presenters.register(CHANGE_ENTRY, (entry) => ({
      type: 'notification.changed',
      data: toChange(entry),
    }));
  }

  /** Unread ones first, then the newest first. */
  async list(
    owner: InboxOwner,
    { cursor, limit, unread }: NotificationList,
  ): Promise<Commands['notification.list']['reply']> {
    const view = await this.open(owner);
    let at: InboxCursor | undefined = cursor === undefined ? FIRST_PAGE : decodeInboxCursor(cursor);
    const notifications: InboxItem[] = [];
    for (let chunk = 0; at && notifications.length < limit && chunk < MAX_CHUNKS; chunk++)
      at = await this.fill(view, at, limit, unread, notifications);
    return { notifications, next: at ? encodeInboxCursor(at) : null };
  }

  async unread(owner: InboxOwner): Promise<Commands['notification.unread']['reply']> {
    const view = await this.open(owner);
    let count = 0;
    for (const source of view.sources) {
      for (let before = Number.MAX_SAFE_INTEGER; before > 0 && count <= MAX_COUNTED;) {
        const found = await this.find(view, source, 'unread', before, CHUNK);
        count += found.filter((row) => view.shows(row)).length;
        before = found.length < CHUNK ? 0 : (found.at(-1)?.seq ?? 0);
      }
    }
    return { count: Math.min(count, MAX_COUNTED), more: count > MAX_COUNTED };
  }

  /** Told to all devices of the user by an entry in his inbox; the connection that did it gets the answer instead. */
  read(owner: InboxOwner, names: NotificationNames): Promise<{ changed: number }> {
    return this.change(owner, names, 'read');
  }

  /** Likewise. What is deleted in an inbox is erased; of the channel it is only taken out of this user's list. */
  delete(owner: InboxOwner, names: NotificationNames): Promise<{ changed: number }> {
    return this.change(owner, names, 'deleted');
  }

  /** Moves the read cursors of both conversations to their ends; the other devices get the receipts. */
  async readAll(owner: InboxOwner): Promise<null> {
    const { sources } = await this.open(owner);
    for (const source of sources) await this.moveRead(owner, source, source.head);
    return null;
  }

  private async change(
    owner: InboxOwner,
    names: NotificationNames,
    state: State,
  ): Promise<{ changed: number }> {
    const view = await this.open(owner);
    const named = placesOf(owner.userId, names);
    const changed: { source: Source; row: InboxRow }[] = [];
    for (const [conversation, seqs] of named) {
      const source = view.sources.find((each) => each.conversation === conversation);
      const rows = source ? await this.rows.at(owner.userId, conversation, [...seqs]) : [];
      const his = rows.filter(
        (row) => source && row.seq > source.joined && (isErased(row.body) || view.admits(row.body)),
      );
      if (!source || his.length < seqs.size) throw new AppError(ErrorCode.NotFound);
      for (const row of his) if (changes(row, source, state)) changed.push({ source, row });
    }
    if (changed.length === 0) return { changed: 0 };
    await this.tell(owner, changed, state);
    this.bus.publish(new InboxChanged(owner.userId));
    for (const source of new Set(changed.map((each) => each.source))) await this.compact(owner, view, source);
    return { changed: changed.length };
  }

  private async tell(
    owner: InboxOwner,
    changed: { source: Source; row: InboxRow }[],
    state: State,
  ): Promise<void> {
    const { userId } = owner;
    const inbox = inboxConversation(userId);
    const body: ChangeBody = {
      state,
      ids: changed.map(({ source: { conversation }, row: { seq } }) => entryId({ conversation, seq })),
    };
    const places = changed.map(({ source, row }) => ({ conversation: source.conversation, seq: row.seq }));
    const erased = places.filter(({ conversation }) => state === 'deleted' && conversation === inbox);
    const targets = erased.map(({ seq }) => seq);
    await this.journal.append(
      {
        conversation: inbox,
        create: { kind: 'inbox', members: [userId] },
        type: CHANGE_ENTRY,
        sender: userId,
        device: owner.device,
        clientId: uuid(),
        body,
        ...(targets.length > 0 && { targets, check: (scene) => ({ bodies: erasures(scene, targets) }) }),
        rows: () => places.flatMap((place) => this.rows.markStatements(userId, place, state)),
      },
      owner.id,
    );
  }

  /** Marks below the first unread one say what the read cursor can say: so that there are few of them. */
  private async compact(owner: InboxOwner, view: View, source: Source): Promise<void> {
    const { conversation } = source;
    const facts = await this.journal.conversation(conversation);
    const range = {
      user: owner.userId,
      conversation,
      which: 'unread',
      order: 'oldest',
      limit: CHUNK,
    } as const;
    const found = await this.rows.find({
      ...range,
      after: Math.max(source.joined, source.read),
      before: Number.MAX_SAFE_INTEGER,
      read: source.read,
    });
    const first = found.find((row) => view.shows(row));
    const reached = found.length < CHUNK ? (facts?.head ?? 0) : (found.at(-1)?.seq ?? 0);
    await this.moveRead(owner, source, first ? first.seq - 1 : reached);
  }

  private async moveRead(owner: InboxOwner, { conversation, read }: Source, seq: number): Promise<void> {
    if (seq <= read) return;
    await this.conversations.read(owner, conversation, seq).toPromise();
    await this.rows.forget(owner.userId, conversation, seq, conversation !== BROADCAST_CONVERSATION);
  }

  /** One chunk of each source, merged by time; gives where to go on, undefined at the end. */
  private async fill(
    view: View,
    at: InboxCursor,
    limit: number,
    unreadOnly: boolean,
    items: InboxItem[],
  ): Promise<InboxCursor | undefined> {
    const places = new Map([
      [view.inbox, at.inbox],
      [BROADCAST_CONVERSATION, at.channel],
    ]);
    const found = await Promise.all(
      view.sources.map(async (source) => ({
        source,
        rows: await this.find(view, source, at.half, places.get(source.conversation) ?? 0, CHUNK),
      })),
    );
    const merged = mergedByTime(found);
    for (const { source, row } of merged) {
      if (items.length === limit)
        return {
          half: at.half,
          inbox: places.get(view.inbox) ?? 0,
          channel: places.get(BROADCAST_CONVERSATION) ?? 0,
        };
      places.set(source.conversation, row.seq);
      if (view.shows(row)) items.push(itemOf(source.conversation, row, at.half === 'read', view.locale));
    }
    if (found.some(({ rows }) => rows.length === CHUNK))
      return {
        half: at.half,
        inbox: places.get(view.inbox) ?? 0,
        channel: places.get(BROADCAST_CONVERSATION) ?? 0,
      };
    return at.half === 'unread' && !unreadOnly ? { ...FIRST_PAGE, half: 'read' } : undefined;
  }

  private find(
    view: View,
    source: Source,
    which: 'unread' | 'read',
    before: number,
    limit: number,
  ): Promise<InboxRow[]> {
    const { conversation, joined, read } = source;
    const after = which === 'unread' ? Math.max(joined, read) : joined;
    return this.rows.find({
      user: view.user,
      conversation,
      after,
      before,
      read,
      which,
      order: 'newest',
      limit,
    });
  }

  private async open({ userId, roles }: InboxOwner): Promise<View> {
    await this.journal.enrol(userId);
    const inbox = inboxConversation(userId);
    const [own, channel, reader, locale] = await Promise.all([
      this.journal.membership(userId, inbox),
      this.journal.membership(userId, BROADCAST_CONVERSATION),
      this.hub.readerOf(userId, roles),
      this.presenters.localeOf(userId),
    ]);
    return new View(userId, inbox, [own, channel].filter(isPresent), reader, locale);
  }
}

/** What a reader sees at one moment. */
class View {
  readonly sources: readonly Source[];
  private readonly now = Date.now();

  constructor(
    readonly user: string,
    readonly inbox: string,
    memberships: readonly Membership[],
    private readonly reader: EntryReader,
    /** Undefined: he named none. */
    readonly locale?: string,
  ) {
    this.sources = memberships;
  }

  admits({ audience }: NotificationBody): boolean {
    return filterFor(audience)?.(this.reader) ?? true;
  }

  shows({ body }: InboxRow): boolean {
    return isShown(body, this.now) && this.admits(body);
  }
}

const isPresent = <T>(value: T | undefined): value is T => value !== undefined;

/** Places by conversation; AppError `not_found` for what is no notification of this user. */
function placesOf(user: string, { ids, seqs }: NotificationNames): Map<string, Set<number>> {
  const inbox = inboxConversation(user);
  if (seqs) return new Map([[inbox, new Set(seqs)]]);
  const places = new Map<string, Set<number>>();
  for (const id of ids ?? []) {
    const [, conversation = '', seq] = /^(.*)#(\d{1,15})$/s.exec(id) ?? [];
    if (conversation !== inbox && conversation !== BROADCAST_CONVERSATION)
      throw new AppError(ErrorCode.NotFound);
    places.set(conversation, (places.get(conversation) ?? new Set()).add(Number(seq)));
  }
  return places;
}

function changes({ seq, mark, body }: InboxRow, { read }: Source, state: State): boolean {
  if (mark === 'deleted' || isErased(body)) return false;
  return state === 'deleted' || (mark === null && seq > read);
}

interface Found {
  source: Source;
  rows: InboxRow[];
}

/**
 * The newest first. When one of the lists was cut, what is older than its last may have to wait for the rest of it: only
 * what comes before that is given.
 */
function mergedByTime(found: readonly Found[]): { source: Source; row: InboxRow }[] {
  const floor = Math.max(
    ...found.map(({ rows }) => (rows.length === CHUNK ? (rows.at(-1)?.time ?? 0) : Number.MIN_SAFE_INTEGER)),
    Number.MIN_SAFE_INTEGER,
  );
  return found
    .flatMap(({ source, rows }) => rows.map((row) => ({ source, row })))
    .filter(({ row }) => row.time >= floor)
    .sort((a, b) => b.row.time - a.row.time || (a.source === b.source ? b.row.seq - a.row.seq : 0));
}

function itemOf(conversation: string, row: InboxRow, read: boolean, locale?: string): InboxItem {
  const entry = { conversation, seq: row.seq, time: row.time, body: row.body } as Entry;
  return { ...toNotificationMessage(entry, locale), read };
}

function toChange(entry: Entry): NotificationChange {
  const { state, ids } = entry.body as ChangeBody;
  const { conversation, seq, time } = entry;
  return { conversation, seq, id: entryId(entry), time, state, ids };
}
