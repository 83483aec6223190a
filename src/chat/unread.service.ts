import { Injectable } from '@nestjs/common';
import type { Commands } from '@rookery/protocol';
import { EventPresenters } from '../hub/index.js';
import { JournalService, stretches, type EntryWindow, type Membership } from '../journal/index.js';
import { ConversationSettingsService } from './conversation-settings.service.js';
import { MentionRepository } from './mention.repository.js';

/** What is unread in one conversation. */
export interface Unread {
  unread: number;
  mentions: number;
}

/** As far as unread entries are counted: a client shows 999+. */
export const UNREAD_LIMIT = 1000;

/**
 * Entries that are looked at for one answer. What does not fit in is taken for unread as a whole: there are so many
 * that nobody minds his own among them.
 */
const VISITED_LIMIT = 10_000;

/** Conversations that one query counts in. */
const WINDOWS_LIMIT = 200;

/** Conversations with something unread that are looked at for the badge. */
const BADGE_LIMIT = 5000;

const NONE: Unread = { unread: 0, mentions: 0 };

/** Counts what a user has not read. Costs nothing for conversations without any. */
@Injectable()
export class UnreadService {
  constructor(
    private readonly journal: JournalService,
    private readonly presenters: EventPresenters,
    private readonly mentions: MentionRepository,
    private readonly settings: ConversationSettingsService,
  ) {}

  /** Of the given conversations; all but the id is the user's own. Two queries at most. */
  async of(user: string, conversations: readonly Place[]): Promise<(place: Place) => Unread> {
    const windows = conversations.flatMap(windowsOf);
    if (windows.length === 0) return () => NONE;
    const ids = windows.map(({ conversation }) => conversation);
    const [unread, mentions] = await Promise.all([
      this.count(user, windows),
      this.mentions.unread(user, ids),
    ]);
    return ({ conversation }) => ({
      unread: unread.get(conversation) ?? 0,
      mentions: mentions.get(conversation) ?? 0,
    });
  }

  /** In all conversations together that are not muted. */
  async total(user: string): Promise<Commands['chat.unread']['reply']> {
    const [windows, mentions, muted] = await Promise.all([
      this.allWindows(user),
      this.mentions.unread(user),
      this.settings.mutedBy(user),
    ]);
    const loud = windows.filter(({ conversation }) => !muted.has(conversation));
    for (const conversation of muted) mentions.delete(conversation);
    const unread = await this.count(user, loud);
    return { messages: sum(unread), mentions: sum(mentions), conversations: unread.size };
  }

  private async allWindows(user: string): Promise<EntryWindow[]> {
    const windows: EntryWindow[] = [];
    let cursor: string | undefined;
    do {
      const { items, next } = await this.journal.backlog(user, undefined, { cursor, limit: 1000 });
      for (const { conversation, after, head, parts = [{ after, upTo: head }] } of items)
        for (const part of parts) windows.push({ conversation, ...part });
      cursor = next ?? undefined;
    } while (cursor !== undefined && windows.length < BADGE_LIMIT);
    return windows;
  }

  private async count(user: string, windows: readonly EntryWindow[]): Promise<Map<string, number>> {
    const counted: EntryWindow[] = [];
    const counts = new Map<string, number>();
    const add = (conversation: string, count: number) =>
      counts.set(conversation, Math.min((counts.get(conversation) ?? 0) + count, UNREAD_LIMIT));
    let visited = 0;
    for (const window of windows) {
      const size = window.upTo - window.after;
      if (size > UNREAD_LIMIT || visited + size > VISITED_LIMIT) {
        add(window.conversation, size);
        continue;
      }
      visited += size;
      counted.push(window);
    }
    for (let first = 0; first < counted.length; first += WINDOWS_LIMIT) {
      const some = counted.slice(first, first + WINDOWS_LIMIT);
      const found = await this.journal.counts(user, this.presenters.unreadTypes, some);
      for (const [conversation, count] of found) add(conversation, count);
    }
    return counts;
  }
}

type Place = Pick<Membership, 'conversation' | 'joined' | 'earlier' | 'read' | 'head'>;

const windowsOf = ({ conversation, read, head, ...stays }: Place): EntryWindow[] =>
  stretches(stays, { after: read, upTo: head }).map((part) => ({ conversation, ...part }));

const sum = (counts: Map<string, number>): number => [...counts.values()].reduce((all, one) => all + one, 0);
