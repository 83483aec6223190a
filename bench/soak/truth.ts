import Libsql from 'libsql';
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
  constructor(private readonly path: string) {}

  members(): Member[] {
    return this.query((database) => database.prepare(MEMBERS).all([]) as Member[]);
  }

  /** All entries, and where their numbers are not 1, 2, 3 and so on. */
  entries(): { truth: Truth; faults: string[] } {
    const stored = new Map<string, StoredEntry[]>();
    const clientIds = new Set<string>();
    const faults: string[] = [];
    this.query((database) => {
      for (const row of database.prepare(ENTRIES).iterate([]) as Iterable<EntryRow>) {
        const { conversation, seq, sender, clientId, body } = row;
        let entries = stored.get(conversation);
        if (!entries) stored.set(conversation, (entries = []));
        clientIds.add(clientId);
        const digest = digestOf((JSON.parse(body) as { content: unknown }).content);
        if (entries.push({ sender, clientId, digest }) !== seq)
          faults.push(`${conversation} has ${seq} in the place of ${entries.length}`);
      }
    });
    return { truth: { entries: stored, clientIds }, faults };
  }

  private query<T>(read: (database: InstanceType<typeof Libsql>) => T): T {
    const database = new Libsql(this.path, { readonly: true });
    try {
      return read(database);
    } finally {
      database.close();
    }
  }
}
