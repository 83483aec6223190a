import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PushOutboxRepository, type DevicePlace } from '../../src/push/push-outbox.repository.js';
import { mysqlJournal, sqliteJournal, type OpenJournal } from '../support/journal-harness.js';
import { mariaDbUrl } from '../support/mariadb.js';

const server = mariaDbUrl();
const MEMBERS = 40;
const DEVICES = [0, 1, 0, 3, 17];

describe.each([
  { name: 'SQLite', make: sqliteJournal as (() => Promise<OpenJournal>) | undefined },
  { name: 'MariaDB', make: server === undefined ? undefined : () => mysqlJournal(server) },
])('whom a push is for, on $name', ({ make }) => {
  describe.skipIf(!make)('the outbox', () => {
    let journal: OpenJournal;
    beforeEach(async () => {
      journal = await make!();
    });
    afterEach(() => journal.dispose());

    it.each([1, 2, 5, 100])('finds every device of every member once, %i at a time', async (limit) => {
      const wanted: string[] = [];
      for (let n = 0; n < MEMBERS; n++) {
        const user = `u${String(n).padStart(3, '0')}`;
        const isIn = n % 7 !== 3;
        if (isIn)
          await journal.execute(
            `INSERT INTO members (user_id, conversation_id, joined_seq, delivered_seq, read_seq, joined_at)
              VALUES (?, 'team', 0, 0, 0, 0)`,
            [user],
          );
        for (let device = 0; device < (DEVICES[n % DEVICES.length] ?? 0); device++) {
          // Tokens are digests: their order is not that of their users.
          const id = `${(n * 31 + device * 17) % 97}-${user}-${device}`;
          if (isIn) wanted.push(`${user} ${id}`);
          await journal.execute(
            "INSERT INTO push_tokens (id, user_id, provider, token, created_at) VALUES (?, ?, 'x', '{}', 0)",
            [id, user],
          );
        }
      }
      const outbox = new PushOutboxRepository(journal.database.dataSource, journal.database.door);
      const found: string[] = [];
      for (let after: DevicePlace | undefined = { user: '', tokenId: '' }; after;) {
        const page: Awaited<ReturnType<typeof outbox.recipients>> = await outbox.recipients(
          'team',
          after,
          limit,
        );
        found.push(...page.recipients.map(({ user, tokenId }) => `${user} ${tokenId}`));
        after = page.next;
      }
      expect(found.toSorted()).toEqual(wanted.toSorted());
    });
  });
});
