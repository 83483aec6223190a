import type { MysqlSession } from '../database/index.js';
import {
  type BatchFacts,
  type BatchNeeds,
  type ConversationState,
  entryKey,
  type MemberAddress,
  memberKey,
  type MemberState,
  type NewConversation,
  positionKey,
} from './batch-facts.js';
import { broadcastWindowStart, LAST_ENTRY_BEFORE } from './broadcast-window.js';
import { BROADCAST_CONVERSATION } from './conversation-id.js';
import { sendTogether, type Statement, wantedRows } from './mysql-statements.js';
import type { Answer } from './journal.types.js';
import { ENTRY_COLUMNS, entryFromRow, type EntryRow, MEMBER_COLUMNS } from './rows.js';

type ConversationRow = ConversationState & { id: string };
type MemberRow = MemberAddress & MemberState;

const HEADS = 'SELECT id, kind, head_seq AS head, state FROM conversations WHERE id IN (?)';
/** Always in this order, so that two batches meet rather than embrace. */
const LOCKED_HEADS = `${HEADS} ORDER BY id FOR UPDATE`;

/** Opens the transaction, locks the heads, makes the absent conversations, and looks up the rest: 2 or 3 round trips. */
export async function findFacts(session: MysqlSession, needs: BatchNeeds, now: number): Promise<BatchFacts> {
  const conversations = await lockConversations(session, needs, now);
  const lookUps = lookUpsOf(needs, now);
  const opening: Statement[] = needs.appended.length === 0 ? [['START TRANSACTION']] : [];
  const names = Object.keys(lookUps) as (keyof typeof lookUps)[];
  const questions = needs.questions.map(({ select }) => select);
  const results = await sendTogether(session, [...opening, ...Object.values(lookUps), ...questions]);
  const answers = results.slice(opening.length + names.length) as Answer[];
  const found = <T>(name: keyof typeof lookUps): T[] =>
    name in lookUps ? (results[opening.length + names.indexOf(name)] as T[]) : [];
  addConversations(conversations, found<ConversationRow>('marked'));
  const members = [...found<MemberRow>('members'), ...found<MemberRow>('movable')];
  return {
    conversations,
    entries: new Map(found<EntryRow>('entries').map((row) => [entryKey(row), entryFromRow(row)])),
    targets: new Map(found<EntryRow>('targets').map((row) => [positionKey(row), entryFromRow(row)])),
    members: new Map(members.map((row) => [memberKey(row), row])),
    answers: new Map(needs.questions.map(({ key }, index) => [key, answers[index] ?? []])),
    broadcastStart: found<{ seq: number }>('broadcastStart')[0]?.seq ?? 0,
  };
}

type LookUp = 'entries' | 'targets' | 'members' | 'movable' | 'marked' | 'broadcastStart';

function lookUpsOf(needs: BatchNeeds, now: number): Partial<Record<LookUp, Statement>> {
  return {
    ...(needs.entries.length > 0 && { entries: entriesLookUp(needs) }),
    ...(needs.targets.length > 0 && { targets: targetsLookUp(needs) }),
    ...(needs.members.length > 0 && { members: membersLookUp(needs.members) }),
    ...(needs.movable.length > 0 && {
      movable: membersLookUp(needs.movable, ' FOR UPDATE'),
    }),
    ...(needs.marked.length > 0 && { marked: [HEADS, needs.marked] as const }),
    ...(needs.enrols && {
      broadcastStart: [LAST_ENTRY_BEFORE, BROADCAST_CONVERSATION, broadcastWindowStart(now)] as const,
    }),
  };
}

function entriesLookUp({ entries }: BatchNeeds): Statement {
  const [wanted, ...values] = wantedRows(entries.map((e) => [e.conversation, e.sender, e.clientId]));
  const sql = `SELECT ${ENTRY_COLUMNS} FROM ${wanted} STRAIGHT_JOIN entries e
    ON e.conversation_id = wanted.c0 AND e.sender_id = wanted.c1 AND e.client_id = wanted.c2`;
  return [sql, ...values];
}

function targetsLookUp({ targets }: BatchNeeds): Statement {
  const [wanted, ...values] = wantedRows(targets.map(({ conversation, seq }) => [conversation, seq]));
  const sql = `SELECT ${ENTRY_COLUMNS} FROM ${wanted} STRAIGHT_JOIN entries e
    ON e.conversation_id = wanted.c0 AND e.seq = wanted.c1`;
  return [sql, ...values];
}

function membersLookUp(members: MemberAddress[], suffix = ''): Statement {
  const [wanted, ...values] = wantedRows(members.map(({ user, conversation }) => [user, conversation]));
  const sql = `SELECT m.user_id AS user, m.conversation_id AS conversation,
      ${MEMBER_COLUMNS}
    FROM ${wanted} STRAIGHT_JOIN members m
      ON m.user_id = wanted.c0 AND m.conversation_id = wanted.c1${suffix}`;
  return [sql, ...values];
}

function addConversations(conversations: Map<string, ConversationState>, rows: ConversationRow[]): void {
  for (const { id, kind, head, state } of rows) conversations.set(id, { kind, head, state });
}

async function lockConversations(
  session: MysqlSession,
  { appended, creatable }: BatchNeeds,
  now: number,
): Promise<Map<string, ConversationState>> {
  const conversations = new Map<string, ConversationState>();
  if (appended.length === 0) return conversations;
  const [, rows] = await sendTogether(session, [['START TRANSACTION'], [LOCKED_HEADS, appended]]);
  addConversations(conversations, rows as ConversationRow[]);
  const absent = creatable.filter(({ id }) => !conversations.has(id));
  const lost = await reserve(session, absent, now);
  if (lost.length > 0) addConversations(conversations, await session.query(LOCKED_HEADS, [lost]));
  return conversations;
}

/** Takes the rows of new conversations, which locks them; gives the ids that somebody else made in the meantime. */
async function reserve(session: MysqlSession, absent: NewConversation[], now: number): Promise<string[]> {
  const inserts = absent.map(({ id, kind }): Statement => [RESERVE, id, kind, now, now]);
  const results = (await sendTogether(session, inserts)) as { affectedRows: number }[];
  return absent.filter((_, index) => results[index]?.affectedRows === 0).map(({ id }) => id);
}

const RESERVE =
  'INSERT IGNORE INTO conversations (id, kind, head_seq, moved_at, created_at) VALUES (?, ?, 0, ?, ?)';
