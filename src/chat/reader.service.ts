import { Injectable } from '@nestjs/common';
import { ErrorCode, type Commands } from '@rookery/protocol';
import { AppError, decodeListCursor, encodeListCursor } from '../common/index.js';
import { JournalService, READERS_LIMIT } from '../journal/index.js';
import { resolveTarget } from './conversation-access.js';
import type { ChatReaders } from './chat.schema.js';

/** Who has read an entry: asked for, never pushed, so that reading costs the same in a group of any size. */
@Injectable()
export class ReaderService {
  constructor(private readonly journal: JournalService) {}

  /** For members, about an entry that is for them. AppError `refused` in a group that is too big for it. */
  async list(
    user: string,
    { conversation: id, seq, cursor, limit }: ChatReaders,
  ): Promise<Commands['chat.readers']['reply']> {
    const { conversation } = resolveTarget(user, { conversation: id });
    const membership = await this.journal.membership(user, conversation);
    if (membership?.left !== null || !KINDS.includes(membership.kind)) throw new AppError(ErrorCode.NotFound);
    const [entry] = await this.journal.readAt(conversation, [seq], user);
    if (!entry) throw new AppError(ErrorCode.NotFound);
    const [after] = cursor === undefined ? [''] : decodeListCursor(cursor, 'string');
    const page = { after, limit: limit + 1 };
    const found = await this.journal.readers({ conversation, seq }, entry.sender, page);
    if (!found) throw new AppError(ErrorCode.Refused, { message: TOO_BIG });
    const readers = found.readers.slice(0, limit);
    const last = readers.at(-1);
    const more = found.readers.length > limit && last;
    return { count: found.count, readers, next: more ? encodeListCursor([last.user]) : null };
  }
}

/** Nobody may ask who else reads the broadcasts. */
const KINDS: readonly string[] = ['direct', 'group'];

const TOO_BIG = `Who has read is told in groups of up to ${READERS_LIMIT} members`;
