import type { EntryAddress } from './batch-facts.js';
import { BROADCAST_CONVERSATION, parseConversationId } from './conversation-id.js';
import { JournalStore, READERS_LIMIT } from './journal-store.js';
import {
  NAMELESS_DEVICE,
  type Arrival,
  type Backlog,
  type ConversationFacts,
  type Entry,
  type EntryPlace,
  type EntryWindow,
  type Membership,
  type Page,
  type Reader,
  type ReadRange,
  type Relation,
  type Visibility,
} from './journal.types.js';
import { mayExist } from './operation-checks.js';
import {
  decodeCursor,
  decodeMovingCursor,
  encodeMovingCursor,
  END_OF_TIME,
  pageOf,
  type MovingPlace,
  type PagePlace,
} from './page-cursor.js';
import { ENTRY_COLUMNS, entryFromRow, type EntryRow, MEMBER_COLUMNS, withJson, withStays } from './rows.js';
import { isForMember, parsedStays, stretches } from './stays.js';

const ENTRIES = `SELECT ${ENTRY_COLUMNS} FROM entries e WHERE e.conversation_id = ?`;

/** `?` is the user. */
const NOT_HIDDEN = `NOT EXISTS (SELECT 1 FROM hidden_entries h
    WHERE h.user_id = ? AND h.conversation_id = e.conversation_id AND h.seq = e.seq)`;

/** Those of the present stay, which an index is walked by: nearly everybody has no other. */
const ENTRIES_FOR = entriesFor('e.seq > m.joined_seq AND (m.left_seq IS NULL OR e.seq <= m.left_seq)');

const ANY_ENTRIES_FOR = entriesFor(isForMember('e.seq'));

const STAYS = `SELECT m.joined_seq AS joined, m.earlier_stays AS stays
  FROM members m WHERE m.user_id = ? AND m.conversation_id = ? AND m.earlier_stays IS NOT NULL`;

const VISIBILITY = `SELECT m.joined_seq AS joined, m.left_seq AS \`left\`, m.earlier_stays AS stays, h.seq AS hidden
  FROM members m LEFT JOIN hidden_entries h
    ON h.user_id = m.user_id AND h.conversation_id = m.conversation_id AND h.seq > ? AND h.seq <= ?
  WHERE m.user_id = ? AND m.conversation_id = ?`;

/** The last entry that is for a member. */
const HEAD = 'COALESCE(m.left_seq, c.head_seq)';

const MEMBERSHIPS = `SELECT c.id AS conversation, c.kind AS kind, c.moved_at AS time, c.state AS state,
    ${MEMBER_COLUMNS}, ${HEAD} AS head
  FROM members m JOIN conversations c ON c.id = m.conversation_id
  WHERE m.user_id = ? AND (m.left_seq IS NULL OR m.left_seq > m.joined_seq)`;

const RELATION = `SELECT ${MEMBER_COLUMNS} FROM members m WHERE m.user_id = ? AND m.conversation_id = ?`;

const CONVERSATION = 'SELECT kind, head_seq AS head, moved_at AS time, state FROM conversations WHERE id = ?';

const IN_GROUP = "m.left_seq IS NULL AND INSTR(m.conversation_id, ':') = 0";

/** By the ids alone, so that no other conversation of the user is looked up. */
const GROUPS = `SELECT m.conversation_id AS id FROM members m WHERE m.user_id = ? AND ${IN_GROUP}`;

/** With every connect, and so without what a database takes long for: what is behind is made out of the rows. */
const ARRIVAL = `SELECT m.conversation_id AS conversation, ${IN_GROUP} AS inGroup, m.read_seq AS \`read\`,
    m.joined_seq AS joined, d.delivered_seq AS delivered, ${HEAD} AS head, c.moved_at AS time, m.earlier_stays AS stays
  FROM members m JOIN conversations c ON c.id = m.conversation_id
  LEFT JOIN device_cursors d
    ON d.user_id = m.user_id AND d.device_id = ? AND d.conversation_id = m.conversation_id
  WHERE m.user_id = ? AND ((${IN_GROUP})
    OR (${HEAD} > m.read_seq AND ${HEAD} > COALESCE(d.delivered_seq, 0)))
  LIMIT ?`;

/** Rows of one arrival; who has more is asked for in parts. */
const ARRIVAL_LIMIT = 500;

/** Who has read: the user to leave out. `w` has the sequence number. */
const HAS_READ = `m.read_seq >= w.seq AND m.left_seq IS NULL AND m.user_id <> ? AND ${isForMember('w.seq')}`;

const READERS_COUNT = `SELECT COUNT(*) AS relations, SUM(CASE WHEN ${HAS_READ} THEN 1 ELSE 0 END) AS count
  FROM (SELECT ? AS seq) w CROSS JOIN
    (SELECT user_id, read_seq, joined_seq, left_seq, earlier_stays FROM members WHERE conversation_id = ? LIMIT ?) m`;

const READERS = `SELECT m.user_id AS user, m.read_seq AS \`read\` FROM (SELECT ? AS seq) w CROSS JOIN members m
  WHERE m.conversation_id = ? AND m.user_id > ? AND ${HAS_READ} ORDER BY m.user_id LIMIT ?`;

const NO_PAGE = { items: [], next: null };

/** Rows per page at most, whatever is asked for. */
const MAX_LIMIT = 1000;

const bounded = (limit: number): number => Math.max(0, Math.min(Math.trunc(limit), MAX_LIMIT));

/** Reading, in the SQL that both databases understand. */
export abstract class SqlJournalStore extends JournalStore {
  /** The database's name for the largest of several values. */
  protected abstract readonly greatest: 'MAX' | 'GREATEST';

  /** A list of rows to join with, its columns `c0`, `c1`…, ending in the JOIN that walks it first. */
  protected abstract wanted(
    rows: readonly (readonly unknown[])[],
  ): readonly [sql: string, ...values: unknown[]];

  /** Committed rows only. Rejects with AppError. */
  protected abstract select<T>(sql: string, values: readonly unknown[]): Promise<T[]>;

  override async read(conversation: string, range: ReadRange, user?: string): Promise<Entry[]> {
    if (!mayExist(conversation, user ?? '')) return [];
    const { after, before = END_OF_TIME } = range;
    const limit = bounded(range.limit);
    const sql = user === undefined ? ENTRIES : ENTRIES_FOR;
    const of = user === undefined ? [conversation] : [user, conversation];
    if (after !== undefined) {
      const found = await this.entries(`${sql} AND e.seq > ? ORDER BY e.seq LIMIT ?`, [...of, after, limit]);
      const isWhole = user === undefined || found[0]?.seq === after + 1;
      return isWhole ? found : this.withEarlier(user, conversation, { after, limit }, found);
    }
    const newest = `${sql} AND e.seq < ? ORDER BY e.seq DESC LIMIT ?`;
    const found = (await this.entries(newest, [...of, before, limit])).reverse();
    const isWhole = user === undefined || found.length === limit || found[0]?.seq === 1;
    return isWhole ? found : this.withEarlier(user, conversation, { before, limit }, found);
  }

  override async visibility(
    user: string,
    conversation: string,
    { after, upTo }: { after: number; upTo: number },
  ): Promise<Visibility | undefined> {
    if (!mayExist(user, conversation)) return undefined;
    type Row = Omit<Visibility, 'hidden'> & { hidden: number | null; stays: string | null };
    const rows = await this.select<Row>(VISIBILITY, [after, upTo, user, conversation]);
    if (!rows[0]) return undefined;
    const { joined, left, stays } = rows[0];
    const hidden = new Set(rows.flatMap((row) => row.hidden ?? []));
    if (stays === null) return { joined, left, hidden };
    const parts = stretches({ joined, earlier: parsedStays(stays) }, { after, upTo });
    for (let seq = after + 1; seq <= upTo; seq++)
      if (!parts.some((part) => seq > part.after && seq <= part.upTo)) hidden.add(seq);
    return { joined: 0, left, hidden };
  }

  override async readAt(conversation: string, seqs: readonly number[], user?: string): Promise<Entry[]> {
    if (seqs.length === 0 || !mayExist(conversation, user ?? '')) return [];
    const sql = user === undefined ? ENTRIES : ANY_ENTRIES_FOR;
    const of = user === undefined ? [conversation] : [user, conversation];
    const wanted = seqs.slice(0, MAX_LIMIT);
    const list = wanted.map(() => '?').join();
    return this.entries(`${sql} AND e.seq IN (${list}) ORDER BY e.seq`, [...of, ...wanted]);
  }

  override async entryOf(address: EntryAddress): Promise<Entry | undefined> {
    const { conversation, sender, clientId } = address;
    if (!mayExist(conversation, sender, clientId)) return undefined;
    const sql = `${ENTRIES} AND e.sender_id = ? AND e.client_id = ?`;
    return (await this.entries(sql, [conversation, sender, clientId]))[0];
  }

  override async conversation(id: string): Promise<ConversationFacts | undefined> {
    if (!mayExist(id)) return undefined;
    const [row] = await this.select<ConversationFacts>(CONVERSATION, [id]);
    return row && withJson(row, 'state');
  }

  override async relation(user: string, conversation: string): Promise<Relation | undefined> {
    if (!mayExist(user, conversation)) return undefined;
    const [row] = await this.select<Relation & { stays: string | null }>(RELATION, [user, conversation]);
    return row && withStays(withJson(row, 'attributes'));
  }

  override async groupsOf(user: string): Promise<string[]> {
    if (!mayExist(user)) return [];
    return (await this.select<{ id: string }>(GROUPS, [user])).map(({ id }) => id);
  }

  override async membership(user: string, conversation: string): Promise<Membership | undefined> {
    if (!mayExist(user, conversation)) return undefined;
    const [row] = await this.select<MembershipRow>(`${MEMBERSHIPS} AND m.conversation_id = ?`, [
      user,
      conversation,
    ]);
    return row && membershipOf(row);
  }

  override async memberships(
    user: string,
    page: { cursor?: string; limit: number },
  ): Promise<Page<Membership>> {
    const limit = bounded(page.limit);
    const place = page.cursor === undefined ? undefined : decodeMovingCursor(page.cursor);
    if (!mayExist(user)) return NO_PAGE;
    const { items, next } = await this.membershipRows(user, place, limit);
    return { items: items.map(membershipOf), next };
  }

  /** What moves meanwhile jumps over the place that was reached: it comes after the last, until a page holds all of it. */
  private async membershipRows(
    user: string,
    place: MovingPlace | undefined,
    limit: number,
  ): Promise<Page<MembershipRow>> {
    if (place?.since === null) return this.movedSince(user, place, limit);
    const { time, id } = place ?? { time: END_OF_TIME, id: '' };
    const sql = `${MEMBERSHIPS} AND ${HEAD} > m.joined_seq
      AND (c.moved_at < ? OR (c.moved_at = ? AND c.id < ?))
      ORDER BY c.moved_at DESC, c.id DESC LIMIT ?`;
    const rows = await this.select<MembershipRow>(sql, [user, time, time, id, limit + 1]);
    const since = place?.since ?? rows[0]?.time ?? 0;
    const page = pageOf(rows, limit, (reached) => encodeMovingCursor({ ...reached, since }));
    if (!place || page.next !== null) return page;
    const rest = await this.movedSince(user, { time: since + 1, id: '' }, limit - rows.length);
    return { items: [...rows, ...rest.items], next: rest.next };
  }

  private async movedSince(user: string, place: PagePlace, limit: number): Promise<Page<MembershipRow>> {
    const sql = `${MEMBERSHIPS} AND ${HEAD} > m.joined_seq
      AND (c.moved_at > ? OR (c.moved_at = ? AND c.id > ?))
      ORDER BY c.moved_at, c.id LIMIT ?`;
    const rows = await this.select<MembershipRow>(sql, [user, place.time, place.time, place.id, limit + 1]);
    const items = rows.slice(0, limit);
    const { time, conversation: id } = items.at(-1) ?? { ...place, conversation: place.id };
    return { items, next: rows.length > limit ? encodeMovingCursor({ time, id, since: null }) : null };
  }

  override async peerCursors(
    user: string,
    conversations: readonly string[],
  ): Promise<Map<string, { delivered: number; read: number }>> {
    const direct = conversations.filter((id) => parseConversationId(id)?.kind === 'direct');
    if (direct.length === 0 || !mayExist(user)) return new Map();
    const sql = `SELECT conversation_id AS conversation, delivered_seq AS delivered, read_seq AS \`read\`
      FROM members WHERE conversation_id IN (${direct.map(() => '?').join()}) AND user_id <> ?`;
    type Row = { conversation: string; delivered: number; read: number };
    const rows = await this.select<Row>(sql, [...direct, user]);
    return new Map(rows.map(({ conversation, delivered, read }) => [conversation, { delivered, read }]));
  }

  override async backlog(
    user: string,
    device: string | undefined,
    page: { cursor?: string; limit: number },
  ): Promise<Page<Backlog>> {
    const limit = bounded(page.limit);
    const { time, id } = page.cursor === undefined ? { time: -1, id: '' } : decodeCursor(page.cursor);
    if (!mayExist(user, device ?? NAMELESS_DEVICE)) return NO_PAGE;
    const values = [device ?? NAMELESS_DEVICE, user, time, time, id, limit + 1];
    const { items, next } = pageOf(await this.select<BacklogRow>(this.backlogSql(), values), limit);
    return { items: items.map(backlogOf), next };
  }

  override async arrival(user: string, device = NAMELESS_DEVICE, limit: number): Promise<Arrival> {
    if (!mayExist(user, device)) return { groups: [], backlog: NO_PAGE };
    const rows = await this.select<ArrivalRow>(ARRIVAL, [device, user, ARRIVAL_LIMIT + 1]);
    const behind = rows.map(behindOf).filter(({ after, head }) => head > after);
    if (rows.length > ARRIVAL_LIMIT || behind.length > bounded(limit))
      return { groups: await this.groupsOf(user), backlog: await this.backlog(user, device, { limit }) };
    const groups = rows.filter(({ inGroup }) => inGroup).map(({ conversation }) => conversation);
    return { groups, backlog: { items: behind.sort(unmovedFirst).map(backlogOf), next: null } };
  }

  override async counts(
    user: string,
    types: readonly string[],
    windows: readonly EntryWindow[],
  ): Promise<Map<string, number>> {
    if (windows.length === 0 || types.length === 0 || !mayExist(user)) return new Map();
    const [wanted, ...values] = this.wanted(
      windows.map(({ conversation, after, upTo }) => [conversation, after, upTo]),
    );
    const sql = `SELECT w.c0 AS conversation, COUNT(*) AS count FROM ${wanted} entries e
        ON e.conversation_id = w.c0 AND e.seq > w.c1 AND e.seq <= w.c2
      WHERE e.sender_id <> ? AND e.type IN (${types.map(() => '?').join()}) AND ${NOT_HIDDEN}
      GROUP BY w.c0`;
    type Row = { conversation: string; count: number };
    const rows = await this.select<Row>(sql, [...values, user, ...types, user]);
    return new Map(rows.map(({ conversation, count }) => [conversation, Number(count)]));
  }

  override async at(user: string, places: readonly EntryPlace[]): Promise<Entry[]> {
    if (places.length === 0 || !mayExist(user)) return [];
    const [wanted, ...values] = this.wanted(places.map(({ conversation, seq }) => [conversation, seq]));
    const sql = `SELECT ${ENTRY_COLUMNS} FROM ${wanted} entries e ON e.conversation_id = w.c0 AND e.seq = w.c1
      JOIN members m ON m.user_id = ? AND m.conversation_id = e.conversation_id AND ${isForMember('e.seq')}
      WHERE ${NOT_HIDDEN}`;
    return this.entries(sql, [...values, user, user]);
  }

  override async readers(
    { conversation, seq }: EntryPlace,
    except: string,
    { after, limit }: { after: string; limit: number },
  ): Promise<{ count: number; readers: Reader[] } | undefined> {
    if (!mayExist(conversation, except)) return { count: 0, readers: [] };
    type Counts = { relations: number; count: number | null };
    const [counts] = await this.select<Counts>(READERS_COUNT, [except, seq, conversation, READERS_LIMIT + 1]);
    if (!counts || Number(counts.relations) > READERS_LIMIT) return undefined;
    const readers = await this.select<Reader>(READERS, [seq, conversation, after, except, bounded(limit)]);
    return { count: Number(counts.count), readers };
  }

  override async isEnrolled(user: string): Promise<boolean> {
    return (await this.membership(user, BROADCAST_CONVERSATION)) !== undefined;
  }

  private async entries(sql: string, values: unknown[]): Promise<Entry[]> {
    return (await this.select<EntryRow>(sql, values)).map(entryFromRow);
  }

  /** With what lies below the present stay, for who has come back: `found` is the page as it is without. */
  private async withEarlier(
    user: string,
    conversation: string,
    { after, before = END_OF_TIME, limit }: ReadRange,
    found: Entry[],
  ): Promise<Entry[]> {
    const [row] = await this.select<{ joined: number; stays: string }>(STAYS, [user, conversation]);
    if (!row) return found;
    // He may have come or gone in the meantime: what is above the page, and not in it, is not looked at.
    const relation = { joined: found[0] ? row.joined : END_OF_TIME, earlier: parsedStays(row.stays) };
    const parts = stretches(relation, { after: after ?? 0, upTo: (found[0]?.seq ?? before) - 1 });
    const lower = await this.inParts(
      user,
      conversation,
      parts,
      after === undefined ? 'DESC' : 'ASC',
      limit - (after === undefined ? found.length : 0),
    );
    return after === undefined ? [...lower.reverse(), ...found] : [...lower, ...found].slice(0, limit);
  }

  /** At most `limit` entries of ascending parts, from this end. */
  private async inParts(
    user: string,
    conversation: string,
    parts: readonly { after: number; upTo: number }[],
    order: 'ASC' | 'DESC',
    limit: number,
  ): Promise<Entry[]> {
    const sql = `${ENTRIES} AND e.seq > ? AND e.seq <= ? AND ${NOT_HIDDEN} ORDER BY e.seq ${order} LIMIT ?`;
    const found: Entry[] = [];
    for (const { after, upTo } of order === 'ASC' ? parts : parts.toReversed()) {
      if (found.length === limit) break;
      found.push(...(await this.entries(sql, [conversation, after, upTo, user, limit - found.length])));
    }
    return found;
  }

  private backlogSql(): string {
    const after = `CASE WHEN m.earlier_stays IS NULL THEN ${this.greatest}(m.read_seq, m.joined_seq, COALESCE(d.delivered_seq, 0))
      ELSE ${this.greatest}(m.read_seq, COALESCE(d.delivered_seq, 0)) END`;
    return `SELECT c.id AS conversation, ${after} AS \`after\`, ${HEAD} AS head, c.moved_at AS time,
        m.joined_seq AS joined, m.earlier_stays AS stays
      FROM members m JOIN conversations c ON c.id = m.conversation_id
      LEFT JOIN device_cursors d
        ON d.user_id = m.user_id AND d.device_id = ? AND d.conversation_id = m.conversation_id
      WHERE m.user_id = ? AND ${HEAD} > ${after}
        AND (c.moved_at > ? OR (c.moved_at = ? AND c.id > ?))
      ORDER BY c.moved_at, c.id LIMIT ?`;
  }
}

type MembershipRow = Membership & { stays: string | null };
type BacklogRow = Omit<Backlog, 'parts'> & { joined: number; stays: string | null };
/** Of a group, or of what may be behind. */
type ArrivalRow = Omit<BacklogRow, 'after'> & { inGroup: number; read: number; delivered: number | null };

/** As {@link SqlJournalStore.backlog} has it. */
function behindOf({ read, delivered, joined, stays, ...row }: ArrivalRow): BacklogRow {
  const after = Math.max(read, delivered ?? 0, stays === null ? joined : 0);
  return { ...row, joined, stays, after };
}

const unmovedFirst = (a: BacklogRow, b: BacklogRow): number =>
  a.time - b.time || (a.conversation < b.conversation ? -1 : 1);

function membershipOf(row: MembershipRow): Membership {
  return withStays(withJson(row, 'state', 'attributes'));
}

function backlogOf({ conversation, after, head, time, joined, stays }: BacklogRow): Backlog {
  if (stays === null) return { conversation, after, head, time };
  const parts = stretches({ joined, earlier: parsedStays(stays) }, { after, upTo: head });
  return { conversation, after, head, time, parts };
}

/** Of a user in a conversation, where `condition` holds for the place. */
function entriesFor(condition: string): string {
  return `SELECT ${ENTRY_COLUMNS} FROM entries e JOIN members m
    ON m.user_id = ? AND m.conversation_id = e.conversation_id AND ${condition}
    WHERE e.conversation_id = ? AND NOT EXISTS (SELECT 1 FROM hidden_entries h
      WHERE h.user_id = m.user_id AND h.conversation_id = e.conversation_id AND h.seq = e.seq)`;
}
