import { Injectable } from '@nestjs/common';
import type { Commands, HistoryEntry } from '@rookery/protocol';
import { decodeListCursor, encodeListCursor } from '../common/index.js';
import { EventPresenters } from '../hub/index.js';
import { JournalService, entryId } from '../journal/index.js';
import { MentionRepository, type MentionPlace } from './mention.repository.js';

const NEWEST: MentionPlace = { time: Number.MAX_SAFE_INTEGER, conversation: '', seq: 0 };

/** Messages in which a user was mentioned, wherever they are. */
@Injectable()
export class MentionService {
  constructor(
    private readonly journal: JournalService,
    private readonly presenters: EventPresenters,
    private readonly mentions: MentionRepository,
  ) {}

  /** The newest first. What has gone since is left out, so a page may be short; follow `next`. */
  async list(
    user: string,
    { cursor, limit }: { cursor?: string; limit: number },
  ): Promise<Commands['chat.mentions']['reply']> {
    const found = await this.mentions.list(user, placeOf(cursor), limit + 1);
    const page = found.slice(0, limit);
    const entries = await this.journal.at(user, page);
    const byId = new Map(entries.map((entry) => [entryId(entry), entry]));
    const messages = page.flatMap((place): HistoryEntry[] => {
      const entry = byId.get(entryId(place));
      const event = entry && this.presenters.describe(entry);
      return event ? [{ event: event.type, ...(event.data as object) } as HistoryEntry] : [];
    });
    return { messages, next: found.length > limit ? cursorOf(page.at(-1) ?? NEWEST) : null };
  }
}

function placeOf(cursor: string | undefined): MentionPlace {
  if (cursor === undefined) return NEWEST;
  const [time, conversation, seq] = decodeListCursor(cursor, 'number', 'string', 'number');
  return { time, conversation, seq };
}

const cursorOf = ({ time, conversation, seq }: MentionPlace): string =>
  encodeListCursor([time, conversation, seq]);
