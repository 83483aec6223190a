import { Injectable, type OnModuleInit } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { ErrorCode, type NotificationChange } from '@rookery/protocol';
import { ConversationService, type Marker } from '../../chat/index.js';
import { AppError, EventBus } from '../../common/index.js';
import { EventPresenters } from '../../hub/index.js';
import {
  BROADCAST_CONVERSATION,
  JournalService,
  entryId,
  inboxConversation,
  type Entry,
} from '../../journal/index.js';
import { erasures } from '../erasure.js';
import { isErased } from '../notification-message.js';
import { placeOf } from '../notification-place.js';
import { InboxChanged } from '../notification.events.js';
import type { NotificationNames } from '../notification.schema.js';
import { CHUNK } from './inbox-page.js';
import { InboxReader, type InboxReading } from './inbox-reader.js';
import type { InboxSource, InboxView } from './inbox-view.js';
import { InboxRepository, type InboxRow } from './inbox.repository.js';

/** Type of the entries in an inbox that tell what was done with single notifications. */
export const CHANGE_ENTRY = 'notification_change';

/** Who does it, and perhaps on which device. */
export type InboxOwner = InboxReading & Marker;

type State = 'read' | 'deleted';
type ChangeBody = { state: State; ids: string[] };

interface Change {
  source: InboxSource;
  row: InboxRow;
}

/** What users do with the notifications of their lists. */
@Injectable()
export class InboxService implements OnModuleInit {
  constructor(
    private readonly reader: InboxReader,
    private readonly journal: JournalService,
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
    const { sources } = await this.reader.open(owner);
    for (const source of sources) await this.moveRead(owner, source, source.head);
    return null;
  }

  private async change(
    owner: InboxOwner,
    names: NotificationNames,
    state: State,
  ): Promise<{ changed: number }> {
    const view = await this.reader.open(owner);
    const changes: Change[] = [];
    for (const [conversation, seqs] of placesOf(owner.userId, names)) {
      const source = view.sources.find((each) => each.conversation === conversation);
      if (!source) throw new AppError(ErrorCode.NotFound);
      const rows = await this.named(view, source, [...seqs]);
      changes.push(...rows.filter((row) => isChange(row, source, state)).map((row) => ({ source, row })));
    }
    if (changes.length === 0) return { changed: 0 };
    await this.tell(owner, changes, state);
    this.bus.publish(new InboxChanged(owner.userId));
    for (const source of new Set(changes.map((each) => each.source))) await this.compact(owner, view, source);
    return { changed: changes.length };
  }

  /** AppError `not_found` if one of them is not for the reader. */
  private async named(view: InboxView, source: InboxSource, seqs: number[]): Promise<InboxRow[]> {
    const rows = await this.rows.at(view.user, source.conversation, seqs);
    const his = rows.filter(({ seq, body }) => seq > source.joined && (isErased(body) || view.admits(body)));
    if (his.length < seqs.length) throw new AppError(ErrorCode.NotFound);
    return his;
  }

  private async tell(owner: InboxOwner, changes: readonly Change[], state: State): Promise<void> {
    const { userId } = owner;
    const inbox = inboxConversation(userId);
    const places = changes.map(({ source: { conversation }, row: { seq } }) => ({ conversation, seq }));
    const body: ChangeBody = { state, ids: places.map(entryId) };
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
  private async compact(owner: InboxOwner, view: InboxView, source: InboxSource): Promise<void> {
    const { conversation, joined, read } = source;
    const facts = await this.journal.conversation(conversation);
    const found = await this.rows.find({
      user: owner.userId,
      conversation,
      after: Math.max(joined, read),
      before: Number.MAX_SAFE_INTEGER,
      read,
      which: 'unread',
      order: 'oldest',
      limit: CHUNK,
    });
    const first = found.find((row) => view.shows(row));
    const reached = found.length < CHUNK ? (facts?.head ?? 0) : (found.at(-1)?.seq ?? 0);
    await this.moveRead(owner, source, first ? first.seq - 1 : reached);
  }

  private async moveRead(owner: InboxOwner, { conversation, read }: InboxSource, seq: number): Promise<void> {
    if (seq <= read) return;
    await this.conversations.read(owner, conversation, seq).toPromise();
    await this.rows.forget(owner.userId, conversation, seq, conversation !== BROADCAST_CONVERSATION);
  }
}

/** Places by conversation; AppError `not_found` for what is no notification of this user. */
function placesOf(user: string, { ids, seqs }: NotificationNames): Map<string, Set<number>> {
  const inbox = inboxConversation(user);
  if (seqs) return new Map([[inbox, new Set(seqs)]]);
  const places = new Map<string, Set<number>>();
  for (const { conversation, seq } of (ids ?? []).map(placeOf)) {
    if (conversation !== inbox && conversation !== BROADCAST_CONVERSATION)
      throw new AppError(ErrorCode.NotFound);
    places.set(conversation, (places.get(conversation) ?? new Set()).add(seq));
  }
  return places;
}

function isChange({ seq, mark, body }: InboxRow, { read }: InboxSource, state: State): boolean {
  if (mark === 'deleted' || isErased(body)) return false;
  return state === 'deleted' || (mark === null && seq > read);
}

function toChange(entry: Entry): NotificationChange {
  const { state, ids } = entry.body as ChangeBody;
  const { conversation, seq, time } = entry;
  return { conversation, seq, id: entryId(entry), time, state, ids };
}
