import type { PresenceChoice, PresenceCircle } from '@rookery/protocol';
import type { DataSource } from 'typeorm';
import { type WriteDoor, readRows } from '../database/index.js';
import { current, DEFAULT_SETTINGS, type Settings } from './standing.js';
import { dialectOf, marks, type SqlDialect } from './sql-dialect.repository.js';

interface SettingRow {
  user: string;
  choice: PresenceChoice | null;
  text: string | null;
  until: number | string | null;
  onlineTo: PresenceCircle | null;
  lastSeenTo: PresenceCircle | null;
}

const COLUMNS = `user_id AS \`user\`, choice AS choice, status_text AS text, status_until AS \`until\`,
  online_to AS onlineTo, last_seen_to AS lastSeenTo`;
const SETTING_COLUMNS = [
  'user_id',
  'choice',
  'status_text',
  'status_until',
  'online_to',
  'last_seen_to',
  'changed_at',
];
/** Values per question. */
const BATCH = 500;
/** Milliseconds, as in the store of leases. */
const OVERLAP = 5_000;

/** What is kept of users who are not there: how they want to look, and when they were last seen. */
export class PresenceRecords {
  private readonly sql: SqlDialect;

  constructor(
    private readonly reader: DataSource,
    private readonly door: WriteDoor,
    /** Called for every statement. */
    private readonly onStatement: (kind: 'read' | 'write') => void = () => undefined,
  ) {
    this.sql = dialectOf(reader);
  }

  /** Of those who are not named the defaults hold. */
  async settingsOf(users: readonly string[]): Promise<Map<string, Settings>> {
    const found = new Map<string, Settings>();
    for (let start = 0; start < users.length; start += BATCH) {
      const batch = users.slice(start, start + BATCH);
      const sql = `SELECT ${COLUMNS} FROM presence_settings WHERE user_id IN (${marks(batch)})`;
      for (const row of await this.select<SettingRow>(sql, batch)) found.set(row.user, settingsOf(row));
    }
    return found;
  }

  /** Settings that were changed since; a change may be given more than once. */
  async changedSince(since: number | undefined): Promise<{ settings: Map<string, Settings>; next: number }> {
    const [{ clock } = { clock: 0 }] = await this.select<{ clock: number | string }>(
      `SELECT ${this.sql.now} AS clock`,
      [],
    );
    const next = Number(clock) - OVERLAP;
    if (since === undefined) return { settings: new Map(), next };
    const rows = await this.select<SettingRow>(
      `SELECT ${COLUMNS} FROM presence_settings WHERE changed_at > ?`,
      [since],
    );
    return { settings: new Map(rows.map((row) => [row.user, settingsOf(row)])), next };
  }

  /** Changes what `change` makes of the settings as they are, and gives what they are then. */
  async change(user: string, change: (settings: Settings) => Settings): Promise<Settings> {
    const set = SETTING_COLUMNS.slice(1).map((column) => `${column} = ${this.sql.incoming(column)}`);
    const sql = this.sql.upsert('presence_settings', 'user_id', SETTING_COLUMNS, 1, set);
    this.onStatement('write');
    return this.door.transaction(async (manager) => {
      const read = `SELECT ${COLUMNS} FROM presence_settings WHERE user_id = ? ${this.sql.forUpdate}`;
      const [row] = (await manager.query(read, [user])) as SettingRow[];
      const settings = change(row ? settingsOf(row) : DEFAULT_SETTINGS);
      await manager.query(sql, [user, ...valuesOf(settings)]);
      return settings;
    });
  }

  /** Milliseconds since the epoch; who was never there is not named. */
  async lastSeenOf(users: readonly string[]): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (let start = 0; start < users.length; start += BATCH) {
      const batch = users.slice(start, start + BATCH);
      const sql = `SELECT user_id AS \`user\`, seen_at AS seen FROM presence_seen WHERE user_id IN (${marks(batch)})`;
      for (const { user, seen } of await this.select<{ user: string; seen: number | string }>(sql, batch))
        found.set(user, Number(seen));
    }
    return found;
  }

  /** Later times replace earlier ones, never the other way; one statement, at most 500 users. */
  async seen(times: readonly (readonly [user: string, at: number])[]): Promise<void> {
    if (times.length === 0) return;
    const later = this.sql.greatest('presence_seen.seen_at', this.sql.incoming('seen_at'));
    const sql = this.sql.upsert('presence_seen', 'user_id', ['user_id', 'seen_at'], times.length, [
      `seen_at = ${later}`,
    ]);
    const sorted = [...times].sort(([a], [b]) => (a < b ? -1 : 1));
    this.onStatement('write');
    await this.door.transaction((manager) => manager.query(sql, sorted.flat()));
  }

  /** Users who are members of a group now, in the order of their ids. */
  async membersOf(group: string, limit: number): Promise<string[]> {
    const rows = await this.select<{ user: string }>(
      'SELECT user_id AS `user` FROM members WHERE conversation_id = ? AND left_seq IS NULL ORDER BY user_id LIMIT ?',
      [group, limit],
    );
    return rows.map(({ user }) => user);
  }

  /** How many of a group's members are there, on whatever node, and let it be seen. */
  async onlineMembersOf(group: string): Promise<number> {
    const [row] = await this.select<{ online: number | string }>(
      `SELECT COUNT(DISTINCT m.user_id) AS online FROM members m
       JOIN presence_leases l ON l.user_id = m.user_id AND l.state IS NOT NULL
       JOIN presence_nodes n ON n.node_id = l.node_id AND n.incarnation = l.incarnation
         AND n.expires_at > ${this.sql.now}
       LEFT JOIN presence_settings s ON s.user_id = m.user_id
       WHERE m.conversation_id = ? AND m.left_seq IS NULL
         AND COALESCE(s.choice, '') <> 'invisible' AND COALESCE(s.online_to, '') <> 'nobody'`,
      [group],
    );
    return Number(row?.online ?? 0);
  }

  private select<T>(sql: string, values: readonly unknown[]): Promise<T[]> {
    this.onStatement('read');
    return readRows<T>(this.reader, sql, values);
  }
}

function settingsOf({ choice, text, until, onlineTo, lastSeenTo }: SettingRow): Settings {
  const settings: Settings = {
    choice: choice ?? 'online',
    ...(text !== null && { status: { text, ...(until !== null && { expiresAt: Number(until) }) } }),
    online: onlineTo ?? 'everybody',
    lastSeen: lastSeenTo ?? 'everybody',
  };
  return current(settings, Date.now());
}

function valuesOf({ choice, status, online, lastSeen }: Settings): unknown[] {
  return [
    choice === 'online' ? null : choice,
    status?.text ?? null,
    status?.expiresAt ?? null,
    online === 'everybody' ? null : online,
    lastSeen === 'everybody' ? null : lastSeen,
  ];
}
