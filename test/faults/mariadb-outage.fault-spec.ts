import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AppendResult, JournalService } from '../../src/journal/index.js';
import { direct } from '../contracts/journal.contract.js';
import { mysqlDatabase } from '../support/databases.js';
import { type OpenJournal, openJournal } from '../support/journal-harness.js';
import { onServer } from '../support/mariadb.js';
import { PrivateMariaDb } from '../support/private-mariadb.js';

/** Milliseconds for a connect, an acquire or a query. */
const TIMEOUT = 1000;
const ID = 'dm:alice:bob';

describe.skipIf(!PrivateMariaDb.possible && !process.env.CI)('an outage of MariaDB', () => {
  let server: PrivateMariaDb;
  let journal: OpenJournal;
  let service: JournalService;

  beforeAll(async () => {
    server = await PrivateMariaDb.start();
  });
  afterAll(() => server?.dispose());
  beforeEach(async () => {
    journal = await openJournal(await mysqlDatabase(server.url, TIMEOUT));
    service = new JournalService(journal.store);
  });
  afterEach(() => journal.dispose());

  const send = (clientId: string) => service.append(direct('alice', 'bob', clientId));
  const unavailable = { name: 'AppError', code: 'unavailable' };

  /** Sends until it is acknowledged: what a client does. */
  async function insist(clientId: string): Promise<number> {
    for (;;) {
      const result = await send(clientId).catch((error: unknown) => error);
      if (!(result instanceof Error)) return (result as AppendResult).entry.seq;
      expect(result).toMatchObject(unavailable);
    }
  }

  async function expectGapless(count: number): Promise<void> {
    const entries = await journal.store.read(ID, { after: 0, limit: 1000 });
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
    expect(new Set(entries.map(({ clientId }) => clientId)).size).toBe(count);
  }

  it('by a crash is survived: nothing acknowledged is lost, and the next use reconnects', async () => {
    const acknowledged: number[] = [];
    let crashed = false;
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let i = 0; i < 30; i++) {
        acknowledged.push(await insist(`${writer}-${i}`));
        if (acknowledged.length < 60 || crashed) continue;
        crashed = true;
        await server.kill();
        await expect(journal.store.membership('alice', ID)).rejects.toMatchObject(unavailable);
        await expect(journal.database.ping()).rejects.toMatchObject(unavailable);
        await server.restart();
      }
    });
    await Promise.all(writers);
    expect(crashed).toBe(true);
    expect(new Set(acknowledged).size).toBe(240);
    await expectGapless(240);
    await journal.database.ping();
  });

  it('by an orderly restart is survived through TypeORM too', async () => {
    await send('a');
    await server.stop();
    await expect(
      journal.database.door.transaction((manager) => manager.query('SELECT 1')),
    ).rejects.toMatchObject(unavailable);
    await server.restart();
    expect(
      await journal.database.door.transaction((manager) => manager.query('SELECT 1 AS one')),
    ).toMatchObject([{ one: expect.anything() }]);
    expect((await send('b')).entry.seq).toBe(2);
  });

  it('by a server that hangs ends in time, and what was unknown is settled by a retry', async () => {
    await send('a');
    server.freeze();
    await expect(send('b')).rejects.toMatchObject(unavailable);
    await expect(journal.database.ping()).rejects.toMatchObject(unavailable);
    server.thaw();
    expect(await insist('b')).toBe(2);
    await expectGapless(2);
  });

  it('by a server that turned read-only is unavailable, and over as soon as it is writable', async () => {
    await onServer(
      server.url,
      "CREATE USER plain@'127.0.0.1'",
      "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP ON *.* TO plain@'127.0.0.1'",
    );
    const test = await mysqlDatabase(server.url, TIMEOUT);
    if (test.config.type !== 'mysql') return;
    const url = new URL(test.config.url);
    url.username = 'plain';
    const plain = await openJournal({ ...test, config: { ...test.config, url: url.href } });
    const operation = { op: 'append', request: direct('alice', 'bob', 'x') } as const;
    await onServer(server.url, 'SET GLOBAL read_only = 1');
    await expect(plain.store.commit([operation])).rejects.toMatchObject(unavailable);
    await onServer(server.url, 'SET GLOBAL read_only = 0');
    expect(await plain.store.commit([operation])).toMatchObject([{ duplicate: false }]);
    await plain.dispose();
  });

  it('in the shape of a lossy setting is refused at boot', async () => {
    const test = await mysqlDatabase(server.url);
    await onServer(server.url, 'SET GLOBAL innodb_flush_log_at_trx_commit = 2');
    await expect(openJournal(test)).rejects.toThrow(/innodb_flush_log_at_trx_commit is 2/);
    await onServer(server.url, 'SET GLOBAL innodb_flush_log_at_trx_commit = 1');
    await test.dispose();
  });

  it('does not keep the server from stopping', async () => {
    await send('a');
    server.freeze();
    await expect(journal.database.close()).resolves.toBeUndefined();
    server.thaw();
    journal = await openJournal(await mysqlDatabase(server.url, TIMEOUT));
  });
});
