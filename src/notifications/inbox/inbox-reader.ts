import { Injectable } from '@nestjs/common';
import type { Commands, InboxItem } from '@rookery/protocol';
import { EventPresenters, HubService } from '../../hub/index.js';
import {
  BROADCAST_CONVERSATION,
  JournalService,
  inboxConversation,
  type Entry,
} from '../../journal/index.js';
import { toNotificationMessage } from '../notification-message.js';
import type { NotificationList } from '../notification.schema.js';
import { FIRST_PAGE, decodeInboxCursor, encodeInboxCursor, type InboxCursor } from './inbox-cursor.js';
import { CHUNK, isWhole, mergedByTime, placeIn, type Chunk } from './inbox-page.js';
import { InboxView, type InboxSource } from './inbox-view.js';
import { InboxRepository, type InboxRow } from './inbox.repository.js';

/** Chunks that are looked through for one answer at most: a page may be shorter for it, and goes on where it ended. */
const MAX_CHUNKS = 10;
/** Unread notifications are counted no further. */
const MAX_COUNTED = 1000;

/** Who asks: a user, and the roles of the token he came with; absent: of the tokens he is connected with. */
export interface InboxReading {
  userId: string;
  roles?: readonly string[];
}

/** A user's list of notifications: his inbox and what of the broadcast channel is for him, on all his devices the same. */
@Injectable()
export class InboxReader {
  constructor(
    private readonly journal: JournalService,
    private readonly hub: HubService,
    private readonly presenters: EventPresenters,
    private readonly rows: InboxRepository,
  ) {}

  /** Unread ones first, then the newest first. */
  async list(
    reading: InboxReading,
    { cursor, limit, unread }: NotificationList,
  ): Promise<Commands['notification.list']['reply']> {
    const view = await this.open(reading);
    const notifications: InboxItem[] = [];
    let at = cursor === undefined ? FIRST_PAGE : decodeInboxCursor(cursor);
    for (let chunk = 0; notifications.length < limit && chunk < MAX_CHUNKS; chunk++) {
      const next = await this.fill(view, at, limit, notifications);
      if (next) at = next;
      else if (at.half === 'unread' && !unread) at = { ...FIRST_PAGE, half: 'read' };
      else return { notifications, next: null };
    }
    return { notifications, next: encodeInboxCursor(at) };
  }

  async unread(reading: InboxReading): Promise<Commands['notification.unread']['reply']> {
    const view = await this.open(reading);
    let count = 0;
    for (const source of view.sources) {
      for (let before = Number.MAX_SAFE_INTEGER; before > 0 && count <= MAX_COUNTED;) {
        const chunk = await this.chunk(view, source, 'unread', before);
        count += chunk.rows.filter((row) => view.shows(row)).length;
        before = isWhole(chunk) ? (chunk.rows.at(-1)?.seq ?? 0) : 0;
      }
    }
    return { count: Math.min(count, MAX_COUNTED), more: count > MAX_COUNTED };
  }

  /** What the list is made from, as it is now. */
  async open({ userId, roles }: InboxReading): Promise<InboxView> {
    await this.journal.enrol(userId);
    const [own, channel, reader, locale] = await Promise.all([
      this.journal.membership(userId, inboxConversation(userId)),
      this.journal.membership(userId, BROADCAST_CONVERSATION),
      this.hub.readerOf(userId, roles),
      this.presenters.localeOf(userId),
    ]);
    const sources = [own, channel].filter((each) => each !== undefined);
    return new InboxView(userId, sources, reader, locale);
  }

  /** Adds what is shown of one chunk of each source; gives where to go on, undefined at the end of this half. */
  private async fill(
    view: InboxView,
    at: InboxCursor,
    limit: number,
    items: InboxItem[],
  ): Promise<InboxCursor | undefined> {
    const chunks = await Promise.all(
      view.sources.map((source) => this.chunk(view, source, at.half, at[placeIn(source)])),
    );
    const reached = { ...at };
    for (const { source, row } of mergedByTime(chunks)) {
      if (items.length === limit) return reached;
      reached[placeIn(source)] = row.seq;
      if (view.shows(row)) items.push(itemOf(source, row, at.half, view.locale));
    }
    return chunks.some(isWhole) ? reached : undefined;
  }

  private async chunk(
    { user }: InboxView,
    source: InboxSource,
    which: InboxCursor['half'],
    before: number,
  ): Promise<Chunk> {
    const { conversation, joined, read } = source;
    const after = which === 'unread' ? Math.max(joined, read) : joined;
    const range = { user, conversation, after, before, read, which, order: 'newest', limit: CHUNK } as const;
    return { source, rows: await this.rows.find(range) };
  }
}

function itemOf(
  { conversation }: InboxSource,
  { seq, time, body }: InboxRow,
  half: InboxCursor['half'],
  locale?: string,
): InboxItem {
  const entry = { conversation, seq, time, body } as Entry;
  return { ...toNotificationMessage(entry, locale), read: half === 'read' };
}
