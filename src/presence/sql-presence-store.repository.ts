import type { DeviceState } from '@rookery/protocol';
import type { DataSource } from 'typeorm';
import { type WriteDoor, readRows } from '../database/index.js';
import type { Lease, Owner } from './lease.js';
import { PresenceStore, type HeldLease, type LeaseChanges } from './presence-store.js';
import { dialectOf, marks, type SqlDialect } from './sql-dialect.repository.js';

interface LeaseRow {
  user: string;
  node: string;
  incarnation: number | string;
  state: DeviceState | null;
  platforms: string;
  changed: number | string;
}

/** The last lease that was read, in the order of changes, users and nodes. */
interface Cursor {
  /** Whether this round is the first: of what ended nobody has heard then. */
  full: boolean;
  /** When its first page was read, by the clock of the database. */
  began?: number;
  changed: number;
  user: string;
  node: string;
}

const FIRST: Cursor = { full: true, changed: -1, user: '', node: '' };

/** Leases per statement. */
const ROWS = 200;
/** Milliseconds that a transaction may take from its clock to its commit without a change being overlooked. */
const OVERLAP = 5_000;
/** Milliseconds after which nobody asks for what ended any more. */
const REMEMBERED = 60_000;

const COLUMNS = `l.user_id AS \`user\`, l.node_id AS node, l.incarnation AS incarnation, l.state AS state,
  l.platforms AS platforms, l.changed_at AS changed`;
const LEASE_COLUMNS = ['user_id', 'node_id', 'incarnation', 'state', 'platforms', 'changed_at'];
/** A late word of an earlier incarnation counts for nothing by itself: its owner does not live. */
const LIVE =
  'presence_nodes n WHERE n.node_id = l.node_id AND n.incarnation = l.incarnation AND n.expires_at >';

/** In the database: for any number of nodes that share it. */
export class SqlPresenceStore extends PresenceStore {
  override readonly shared: boolean = true;
  private readonly sql: SqlDialect;

  constructor(
    private readonly reader: DataSource,
    private readonly door: WriteDoor,
  ) {
    super();
    this.sql = dialectOf(reader);
  }

  override renew({ node, incarnation }: Owner, ttl: number): Promise<boolean> {
    const { now, incoming, greatest } = this.sql;
    const newer = `${incoming('incarnation')} >= presence_nodes.incarnation`;
    // In this order: MySQL sees in one assignment what those before it have done.
    const upsert = this.sql.upsert('presence_nodes', 'node_id', ['node_id', 'incarnation', 'expires_at'], 1, [
      `expires_at = CASE WHEN ${newer} THEN ${incoming('expires_at')} ELSE presence_nodes.expires_at END`,
      `incarnation = ${greatest('presence_nodes.incarnation', incoming('incarnation'))}`,
    ]);
    const sql = upsert.replace('(?,?,?)', `(?,?,${now} + ?)`);
    return this.door.transaction(async (manager) => {
      await manager.query(sql, [node, incarnation, ttl]);
      const [row] = await manager.query('SELECT incarnation FROM presence_nodes WHERE node_id = ?', [node]);
      return Number(row.incarnation) === incarnation;
    });
  }

  override async hold({ node, incarnation }: Owner, leases: readonly Lease[]): Promise<void> {
    // Of one order, so that nodes do not wait for one another in a circle.
    const sorted = [...leases].sort((a, b) => (a.user < b.user ? -1 : 1));
    for (let start = 0; start < sorted.length; start += ROWS) {
      const rows = sorted.slice(start, start + ROWS);
      const set = LEASE_COLUMNS.slice(2).map((column) => `${column} = ${this.sql.incoming(column)}`);
      const sql = this.sql.upsert('presence_leases', 'user_id, node_id', LEASE_COLUMNS, rows.length, set);
      const values = rows.flatMap(({ user, devices }) => [
        user,
        node,
        incarnation,
        devices?.state ?? null,
        JSON.stringify(devices?.platforms ?? []),
      ]);
      await this.door.transaction((manager) => manager.query(sql, values));
    }
  }

  override async release({ node, incarnation }: Owner): Promise<void> {
    const sql = `UPDATE presence_nodes SET expires_at = 0 WHERE node_id = ? AND incarnation = ?`;
    await this.door.transaction((manager) => manager.query(sql, [node, incarnation]));
  }

  override async changes(owner: Owner, since: string | undefined, limit: number): Promise<LeaseChanges> {
    const { live, clock } = await this.live();
    const cursor: Cursor = since === undefined ? FIRST : (JSON.parse(since) as Cursor);
    const { full, began = clock, changed, user, node } = cursor;
    const rows = await this.select<LeaseRow>(
      `SELECT ${COLUMNS} FROM presence_leases l
       WHERE (l.changed_at > ? OR (l.changed_at = ? AND (l.user_id > ? OR (l.user_id = ? AND l.node_id > ?))))
         AND l.node_id <> ? ${full ? 'AND l.state IS NOT NULL' : ''}
       ORDER BY l.changed_at, l.user_id, l.node_id LIMIT ?`,
      [changed, changed, user, user, node, owner.node, limit],
    );
    const last = rows.length === limit ? rows.at(-1) : undefined;
    const next: Cursor = last
      ? { full, began, changed: Number(last.changed), user: last.user, node: last.node }
      : { full: false, changed: began - OVERLAP, user: '', node: '' };
    return {
      leases: rows.map(leaseOf),
      live: live.filter((each) => each.node !== owner.node),
      next: JSON.stringify(next),
      more: last !== undefined,
    };
  }

  override async present(users: readonly string[]): Promise<ReadonlySet<string>> {
    if (users.length === 0) return new Set();
    const rows = await this.select<{ user: string }>(
      `SELECT DISTINCT l.user_id AS \`user\` FROM presence_leases l
       WHERE l.user_id IN (${marks(users)}) AND l.state IS NOT NULL
         AND EXISTS (SELECT 1 FROM ${LIVE} ${this.sql.now})`,
      users,
    );
    return new Set(rows.map(({ user }) => user));
  }

  override async sweep(): Promise<void> {
    const { now } = this.sql;
    await this.door.transaction(async (manager) => {
      await manager.query(`DELETE FROM presence_nodes WHERE expires_at < ${now} - ?`, [REMEMBERED]);
      // The alias of a deleted table is not portable, so the name stands in full.
      await manager.query(
        `DELETE FROM presence_leases WHERE changed_at < ${now} - ? AND (state IS NULL OR NOT EXISTS (
           SELECT 1 FROM presence_nodes n
           WHERE n.node_id = presence_leases.node_id AND n.incarnation = presence_leases.incarnation))`,
        [REMEMBERED],
      );
    });
  }

  /** Read before the leases, with the time: what is committed later is met again by the next question. */
  private async live(): Promise<{ live: Owner[]; clock: number }> {
    type Row = { node: string | null; incarnation: number | string; clock: number | string };
    const rows = await this.select<Row>(
      `SELECT t.clock AS clock, n.node_id AS node, n.incarnation AS incarnation
       FROM (SELECT ${this.sql.now} AS clock) t LEFT JOIN presence_nodes n ON n.expires_at > t.clock`,
      [],
    );
    const live = rows.flatMap(({ node, incarnation }) =>
      node === null ? [] : [{ node, incarnation: Number(incarnation) }],
    );
    return { live, clock: Number(rows[0]?.clock) };
  }

  private select<T>(sql: string, values: readonly unknown[]): Promise<T[]> {
    return readRows<T>(this.reader, sql, values);
  }
}

function leaseOf({ user, node, incarnation, state, platforms }: LeaseRow): HeldLease {
  const owner = { node, incarnation: Number(incarnation) };
  return { user, owner, ...(state && { devices: { state, platforms: JSON.parse(platforms) as string[] } }) };
}
