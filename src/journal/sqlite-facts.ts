import type { StatementCache } from '../database/index.js';
import {
  type BatchFacts,
  type BatchNeeds,
  type ConversationState,
  entryKey,
  type EntryAddress,
  type EntryPosition,
  type MemberAddress,
  memberKey,
  type MemberState,
  positionKey,
} from './batch-facts.js';
import { broadcastWindowStart, LAST_ENTRY_BEFORE } from './broadcast-window.js';
import { BROADCAST_CONVERSATION } from './conversation-id.js';
import type { Answer, Entry, RowStatement } from './journal.types.js';
import { ENTRY_COLUMNS, entryFromRow, type EntryRow, MEMBER_COLUMNS } from './rows.js';

/** One statement for a list of any length: CROSS JOIN makes SQLite walk the list and look each one up. */
const CONVERSATIONS = `SELECT c.id AS id, c.kind AS kind, c.head_seq AS head, c.state AS state
  FROM json_each(?) wanted CROSS JOIN conversations c ON c.id = wanted.value`;

const ENTRIES = `SELECT ${ENTRY_COLUMNS} FROM json_each(?) wanted CROSS JOIN entries e
  ON e.conversation_id = wanted.value ->> 0 AND e.sender_id = wanted.value ->> 1 AND e.client_id = wanted.value ->> 2`;

const TARGETS = `SELECT ${ENTRY_COLUMNS} FROM json_each(?) wanted CROSS JOIN entries e
  ON e.conversation_id = wanted.value ->> 0 AND e.seq = wanted.value ->> 1`;

const MEMBERS = `SELECT m.user_id AS user, m.conversation_id AS conversation, ${MEMBER_COLUMNS}
  FROM json_each(?) wanted CROSS JOIN members m
  ON m.user_id = wanted.value ->> 0 AND m.conversation_id = wanted.value ->> 1`;

export function findFacts(statements: StatementCache, needs: BatchNeeds, now: number): BatchFacts {
  return {
    conversations: findConversations(statements, [...needs.appended, ...needs.marked]),
    entries: findEntries(statements, needs.entries),
    targets: findTargets(statements, needs.targets),
    members: findMembers(statements, [...needs.members, ...needs.movable]),
    answers: new Map(needs.questions.map(({ key, select }) => [key, ask(statements, select)])),
    broadcastStart: needs.enrols ? findBroadcastStart(statements, now) : 0,
  };
}

function ask(statements: StatementCache, [sql, ...values]: RowStatement): Answer {
  return statements.get(sql).all(values) as Answer;
}

function lookUp<T>(statements: StatementCache, sql: string, wanted: readonly unknown[]): T[] {
  return wanted.length === 0 ? [] : (statements.get(sql).all(JSON.stringify(wanted)) as T[]);
}

function findConversations(statements: StatementCache, ids: string[]): Map<string, ConversationState> {
  const rows = lookUp<ConversationState & { id: string }>(statements, CONVERSATIONS, ids);
  return new Map(rows.map(({ id, kind, head, state }) => [id, { kind, head, state }]));
}

function findEntries(statements: StatementCache, addresses: EntryAddress[]): Map<string, Entry> {
  const wanted = addresses.map(({ conversation, sender, clientId }) => [conversation, sender, clientId]);
  return new Map(
    lookUp<EntryRow>(statements, ENTRIES, wanted).map((row) => [entryKey(row), entryFromRow(row)]),
  );
}

function findTargets(statements: StatementCache, positions: EntryPosition[]): Map<string, Entry> {
  const wanted = positions.map(({ conversation, seq }) => [conversation, seq]);
  return new Map(
    lookUp<EntryRow>(statements, TARGETS, wanted).map((row) => [positionKey(row), entryFromRow(row)]),
  );
}

function findMembers(statements: StatementCache, addresses: MemberAddress[]): Map<string, MemberState> {
  const wanted = addresses.map(({ user, conversation }) => [user, conversation]);
  const rows = lookUp<MemberAddress & MemberState>(statements, MEMBERS, wanted);
  return new Map(rows.map((row) => [memberKey(row), row]));
}

function findBroadcastStart(statements: StatementCache, now: number): number {
  const rows = statements.get(LAST_ENTRY_BEFORE).all(BROADCAST_CONVERSATION, broadcastWindowStart(now));
  return (rows as { seq: number }[])[0]?.seq ?? 0;
}
