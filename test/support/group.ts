import { MysqlDatabase, openDatabase, SqliteDatabase } from '../../src/database/index.js';
import { MysqlJournalStore, SqliteJournalStore, type AppendRequest } from '../../src/journal/index.js';
import type { TestServer } from './server.js';

/** Stores entries behind a server's back, as another process would: a big group is made in one go. */
export async function storeEntries(
  { databaseUrl }: Pick<TestServer, 'databaseUrl'>,
  requests: readonly AppendRequest[],
): Promise<void> {
  const [type, path] = databaseUrl.split(/:(.*)/s) as [string, string];
  const shared = { migrate: false, allowLossy: false };
  const database = await openDatabase(
    type === 'sqlite'
      ? { type: 'sqlite', path, ...shared }
      : { type: 'mysql', url: databaseUrl, poolSize: 2, timeout: 20_000, ...shared },
  );
  try {
    const store =
      database instanceof SqliteDatabase
        ? new SqliteJournalStore(database)
        : new MysqlJournalStore(database as MysqlDatabase);
    const outcomes = await store.commit(requests.map((request) => ({ op: 'append', request })));
    const failed = outcomes.find((outcome) => outcome instanceof Error);
    if (failed) throw failed;
  } finally {
    await database.close();
  }
}

/** The first entry of a group: its author makes it, with all these members. */
export function groupOf(conversation: string, members: readonly string[]): AppendRequest {
  return {
    conversation,
    type: 'made',
    sender: members[0] ?? '',
    clientId: 'made',
    body: {},
    create: { kind: 'group', members },
  };
}

/** A message in a group. */
export const inGroup = (
  conversation: string,
  sender: string,
  clientId: string,
  body: object = {},
): AppendRequest => ({
  conversation,
  type: 'message',
  sender,
  clientId,
  body: { kind: 'text', content: clientId, ...body },
});
