import Libsql from 'libsql';
import { createConnection } from 'mysql2/promise';
import { digestOf } from './client-log.js';
import type { StoredEntry, Truth } from './log-checker.js';

export interface Member {
  user: string;
  conversation: string;
  /** Entries up to this one are not for him. */
  joined: number;
  head: number;
}

interface EntryRow {
  conversation: string;
  seq: number;
  sender: string;
  clientId: string;
  body: string;
}

const MEMBERS = `SELECT m.user_id AS user, m.conversation_id AS conversation, m.joined_seq AS joined,
    c.head_seq AS head
  FROM members m JOIN conversations c ON c.id = m.conversation_id WHERE m.left_seq IS NULL`;

const ENTRIES = `SELECT conversation_id AS conversation, seq, sender_id AS sender, client_id AS clientId, body
  FROM entries ORDER BY conversation_id, seq`;

/** What is stored, read past the server. */
export class StoredTruth {
  constructor(private readonly databaseUrl: string) {}

  members(): Promise<Member[]> {
    return this.query<Member>(MEMBERS);
  }

  /** All entries, and where their numbers are not 1, 2, 3 and so on. */
  async entries(): Promise<{ truth: Truth; faults: string[] }> {
    const stored = new Map<string, StoredEntry[]>();
    const clientIds = new Set<string>();
    const faults: string[] = [];
    for (const { conversation, seq, sender, clientId, body } of await this.query<EntryRow>(ENTRIES)) {
      let entries = stored.get(conversation);
      if (!entries) stored.set(conversation, (entries = []));
      clientIds.add(clientId);
      const digest = digestOf((JSON.parse(body) as { content: unknown }).content);
      if (entries.push({ sender, clientId, digest }) !== seq)
        faults.push(`${conversation} has ${seq} in the place of ${entries.length}`);
    }
    return { truth: { entries: stored, clientIds }, faults };
  }

  private query<Row>(sql: string): Promise<Row[]> {
    const [, path] = /^sqlite:(.*)$/.exec(this.databaseUrl) ?? [];
    return path === undefined ? rowsOfMysql(this.databaseUrl, sql) : rowsOfSqlite(path, sql);
  }
}

async function rowsOfSqlite<Row>(path: string, sql: string): Promise<Row[]> {
  const database = new Libsql(path, { readonly: true });
  try {
    return database.prepare(sql).all([]) as Row[];
  } finally {
    database.close();
  }
}

async function rowsOfMysql<Row>(url: string, sql: string): Promise<Row[]> {
  const connection = await createConnection(url);
  try {
    const [rows] = await connection.query(sql);
    return rows as Row[];
  } finally {
    await connection.end();
  }
}
