import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { NotificationAudience } from '@rookery/protocol';
import { ConversationSettingsService } from '../chat/index.js';
import { AppConfig } from '../config/index.js';
import { JournalService, isFor, parseConversationId, type Entry } from '../journal/index.js';
import { OutboxLimit } from './outbox-limit.js';
import { PushNodeRepository } from './push-node.repository.js';
import {
  PushOutboxRepository,
  type NewRow,
  type DevicePlace,
  type Recipient,
} from './push-outbox.repository.js';

/** An entry that devices may have to be told. */
interface Candidate {
  conversation: string;
  seq: number;
  sender: string;
  time: number;
  /** Users who want to be told although they muted the conversation. */
  mentions: readonly string[] | 'all';
}

/** Types of entries that are told: chat messages, notifications in an inbox, and broadcasts, to all or an audience. */
const TOLD = new Set(['message', 'notification', 'notification_limited']);

/** Entries that wait to be looked at; what is beyond is read from the journal again. */
export const FEED_LIMIT = 100_000;

const MEMBERS_PAGE = 1000;
const FIRST_DEVICE: DevicePlace = { user: '', tokenId: '' };
const ROWS_PER_WRITE = 200;
const CONVERSATIONS_PAGE = 500;
const ENTRIES_PAGE = 200;

/** Milliseconds by which an entry may be older than the moment it is known: a commit takes time, and clocks differ. */
const SLACK = 60_000;

/** How long to wait before trying again what the store refused. */
const RETRY_DELAY = 1000;

/**
 * Decides whom to tell. Every entry that this node commits is looked at once, `PUSH_DELAY` later: for members whose
 * delivered cursor has not reached it by then, a row is written to the outbox for each of their devices. What was not
 * looked at when the process died is found again by its time ({@link recover}); rows are unique, so looking twice tells
 * nothing twice.
 */
@Injectable()
export class PushFeed {
  private readonly logger = new Logger('Push');
  private waiting: Candidate[] = [];
  /** Entries from this time on were not kept in memory. */
  private missedFrom?: number;
  private timer?: NodeJS.Timeout;
  private running?: Promise<void>;
  private stopped = false;

  constructor(
    private readonly config: AppConfig,
    private readonly journal: JournalService,
    private readonly outbox: PushOutboxRepository,
    private readonly nodes: PushNodeRepository,
    private readonly settings: ConversationSettingsService,
    private readonly limit: OutboxLimit,
  ) {}

  /** Called after each round that wrote something. */
  onAdded: () => void = () => undefined;

  get size(): number {
    return this.waiting.length;
  }

  /** Listens to the commits of this node. Without it nothing is done and nothing costs anything. */
  start(): void {
    this.journal.onCommitted(({ entry }) => {
      if (TOLD.has(entry.type)) this.take(entry);
    });
  }

  /** What was stored before this moment, in milliseconds since the epoch, was looked at. */
  position(now: number): number {
    return Math.min(this.waiting[0]?.time ?? now, this.missedFrom ?? now, now) - SLACK;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Looks again at everything stored from a time on, whichever node stored it. */
  async recover(from: number): Promise<void> {
    for (let after = ''; ;) {
      const ids = await this.nodes.movedSince(from, after, CONVERSATIONS_PAGE);
      for (const id of ids) await this.recoverConversation(id, from);
      const last = ids.at(-1);
      if (ids.length < CONVERSATIONS_PAGE || last === undefined || this.stopped) return;
      after = last;
    }
  }

  private async recoverConversation(conversation: string, from: number): Promise<void> {
    for (let before: number | undefined; ;) {
      const entries = await this.journal.read(conversation, { before, limit: ENTRIES_PAGE });
      const recent = entries.filter(({ time }) => time >= from);
      const told = recent.filter(({ type }) => TOLD.has(type));
      const due = told.filter(({ time }) => time + this.config.push.delay <= Date.now());
      for (const entry of told) if (!due.includes(entry)) this.take(entry);
      await this.lookAt(conversation, due.map(candidateOf));
      if (recent.length < ENTRIES_PAGE) return;
      before = recent[0]?.seq;
    }
  }

  private take(entry: Entry): void {
    if (this.waiting.length >= FEED_LIMIT) this.missedFrom ??= entry.time;
    else this.waiting.push(candidateOf(entry));
    this.schedule();
  }

  private schedule(pause?: number): void {
    if (this.timer || this.running || this.stopped) return;
    const first = this.waiting[0]?.time ?? this.missedFrom;
    if (first === undefined) return;
    const wait = pause ?? Math.max(0, first + this.config.push.delay - Date.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      let failed = false;
      this.running = this.round()
        .catch((error: unknown) => {
          failed = true;
          this.logger.warn({ err: error }, 'What is to be pushed could not be looked up; trying again');
        })
        .finally(() => {
          this.running = undefined;
          this.schedule(failed ? RETRY_DELAY : undefined);
        });
    }, wait);
  }

  private async round(): Promise<void> {
    const until = Date.now() - this.config.push.delay;
    const split = this.waiting.findIndex(({ time }) => time > until);
    const count = split < 0 ? this.waiting.length : split;
    const due = this.waiting.slice(0, count);
    for (const [conversation, entries] of grouped(due)) await this.lookAt(conversation, entries);
    // Looked at again after the next start: perhaps not all of it was seen through.
    if (this.stopped) return;
    this.waiting = this.waiting.slice(count);
    if (count > 0) this.onAdded();
    if (this.waiting.length > 0 || this.missedFrom === undefined) return;
    const from = this.missedFrom - SLACK;
    this.missedFrom = undefined;
    await this.recover(from);
    this.onAdded();
  }

  private async lookAt(conversation: string, entries: readonly Candidate[]): Promise<void> {
    if (entries.length === 0) return;
    if (parseConversationId(conversation)?.kind === 'broadcast') {
      for (const entry of entries) await this.lookAtBroadcast(entry);
      return;
    }
    for (let after: DevicePlace | undefined = FIRST_DEVICE; after !== undefined;) {
      const page: { recipients: Recipient[]; next?: DevicePlace } = await this.outbox.recipients(
        conversation,
        after,
        MEMBERS_PAGE,
      );
      await this.write(conversation, entries, page.recipients);
      after = page.next;
      await nextTurn();
    }
  }

  /** The audience is read from what is stored: it may be long, and there is none where it was withdrawn. */
  private async lookAtBroadcast(entry: Candidate): Promise<void> {
    const { conversation, seq } = entry;
    const [stored] = await this.journal.readAt(conversation, [seq]);
    const body = stored?.body as { audience?: NotificationAudience; erased?: number } | undefined;
    if (!body || body.erased !== undefined) return;
    for (let after: string | undefined = ''; after !== undefined && !this.stopped;) {
      const page: Recipient[] = await this.outbox.broadcastRecipients(
        conversation,
        body.audience ?? 'all',
        after,
        MEMBERS_PAGE,
      );
      await this.write(conversation, [entry], page);
      after = page.length < MEMBERS_PAGE ? undefined : page.at(-1)?.tokenId;
      await nextTurn();
    }
  }

  /** What these devices are owed goes to the outbox. */
  private async write(
    conversation: string,
    entries: readonly Candidate[],
    devices: readonly Recipient[],
  ): Promise<void> {
    const users = [...new Set(devices.map(({ user }) => user))];
    const muted = users.length > 0 ? await this.settings.mutedAmong(conversation, users) : new Set<string>();
    const rows: NewRow[] = [];
    for (const entry of entries)
      for (const device of devices)
        if (owes(device, entry) && (!muted.has(device.user) || mentions(entry, device.user)))
          rows.push(rowOf(entry, device));
    for (let from = 0; from < rows.length; from += ROWS_PER_WRITE) {
      const written = rows.slice(from, from + ROWS_PER_WRITE);
      await this.outbox.add(written);
      await this.limit.added(written.length);
    }
  }
}

function candidateOf({ conversation, seq, sender, time, body }: Entry): Candidate {
  const { mentions: named, mentionAll } = (body ?? {}) as { mentions?: string[]; mentionAll?: boolean };
  return { conversation, seq, sender, time, mentions: mentionAll ? 'all' : (named ?? []) };
}

function owes(recipient: Recipient, { seq, sender }: Candidate): boolean {
  return recipient.user !== sender && seq > recipient.delivered && isFor(seq, recipient);
}

const mentions = ({ mentions: named }: Candidate, user: string): boolean =>
  named === 'all' || named.includes(user);

const rowOf = ({ conversation, seq }: Candidate, { tokenId, user }: Recipient): NewRow => ({
  tokenId,
  user,
  conversation,
  seq,
  kind: 'entry',
});

function grouped(entries: readonly Candidate[]): Map<string, Candidate[]> {
  const groups = new Map<string, Candidate[]>();
  for (const entry of entries) {
    const group = groups.get(entry.conversation);
    if (group) group.push(entry);
    else groups.set(entry.conversation, [entry]);
  }
  return groups;
}
