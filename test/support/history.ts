import Libsql from 'libsql';
import type { Commands, HistoryEntry } from '@rookery/protocol';
import type { StoredMessage } from './checker.js';
import { onServer } from './mariadb.js';
import { tokenFor } from './raw-client.js';
import type { TestServer } from './server.js';
import { Wire } from './wire.js';

const ALL = `SELECT conversation_id AS conversation, seq, sender_id AS sender, client_id AS clientId, body
  FROM entries WHERE type = 'message' ORDER BY conversation_id, seq`;

type Row = Omit<StoredMessage, 'content'> & { body: string };
type History = Commands['chat.history']['reply'];
type Sync = Commands['chat.sync']['reply'];

/** Every message in the database, past the server. */
export async function databaseHistory(databaseUrl: string): Promise<StoredMessage[]> {
  const rows = databaseUrl.startsWith('sqlite:')
    ? sqliteRows(databaseUrl.slice('sqlite:'.length))
    : ((await onServer(databaseUrl, ALL))[0] as Row[]);
  return rows.map(({ body, ...row }) => ({ ...row, content: JSON.parse(body).content as string }));
}

function sqliteRows(path: string): Row[] {
  const database = new Libsql(path, { readonly: true });
  try {
    return database
      .prepare(ALL)
      .all([])
      .map((row) => ({ ...(row as Row) }));
  } finally {
    database.close();
  }
}

/** What one user reads of his conversations, page by page: over the socket or over REST. */
interface Reading {
  sync(cursor: string | null): Promise<Sync>;
  history(conversation: string, after: number): Promise<History>;
}

export async function socketHistory(server: TestServer, user: string): Promise<StoredMessage[]> {
  const wire = await Wire.connect(server, user, { query: { sync: 'self' } });
  try {
    return await readAll({
      sync: (cursor) => wire.call('chat.sync', { limit: 100, ...(cursor && { cursor }) }),
      history: (conversation, after) => wire.call('chat.history', { conversation, after, limit: 200 }),
    });
  } finally {
    await wire.close();
  }
}

export async function restHistory(server: TestServer, user: string): Promise<StoredMessage[]> {
  const get = async <T>(path: string): Promise<T> => {
    const headers = { Authorization: `Bearer ${tokenFor(user)}` };
    const response = await fetch(`${server.url}/api/v1/${path}`, { headers });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  return readAll({
    sync: (cursor) => get(`conversations?limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`),
    history: (conversation, after) =>
      get(`conversations/${encodeURIComponent(conversation)}/messages?limit=200&after=${after}`),
  });
}

async function readAll(reading: Reading): Promise<StoredMessage[]> {
  const found: StoredMessage[] = [];
  let cursor: string | null = null;
  do {
    const page: Sync = await reading.sync(cursor);
    for (const { conversation, kind } of page.conversations)
      if (kind === 'direct') found.push(...(await readConversation(reading, conversation)));
    cursor = page.next;
  } while (cursor);
  return found;
}

async function readConversation(reading: Reading, conversation: string): Promise<StoredMessage[]> {
  const found: StoredMessage[] = [];
  for (let more = true; more;) {
    const page = await reading.history(conversation, found.at(-1)?.seq ?? 0);
    found.push(...page.messages.map(toStored));
    more = page.more;
  }
  return found;
}

function toStored(message: HistoryEntry): StoredMessage {
  if (message.event !== 'chat.message') throw new Error(`Not a chat message: ${message.event}`);
  const { conversation, seq, from, clientId = '', content } = message;
  return { conversation, seq, sender: from, clientId, content: content as string };
}
