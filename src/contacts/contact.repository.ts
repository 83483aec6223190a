import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Contact, ContactStatus, ContactView } from '@rookery/protocol';
import { readRows } from '../database/index.js';
import type { Page } from '../journal/index.js';

interface Row {
  user: string;
  status: ContactStatus;
  blocked: number;
  remark: string | null;
  message: string | null;
  time: number | string;
}

const LIST = `SELECT other_id AS user, status, blocked, remark, message, changed_at AS time
  FROM contacts WHERE owner_id = ? AND other_id > ?`;

const VIEWS: Record<ContactView, string> = {
  contacts: "status = 'contact'",
  incoming: "status = 'incoming'",
  outgoing: "status = 'outgoing'",
  blocked: 'blocked = 1',
};

/** Ids per statement. */
const CHUNK = 500;

/** Reads `contacts`; what writes it goes through the journal. */
@Injectable()
export class ContactRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** In the order of user ids; a block does not take anybody out of the view he is in. */
  async list(
    owner: string,
    { view, cursor = '', limit }: { view: ContactView; cursor?: string; limit: number },
  ): Promise<Page<Contact>> {
    const sql = `${LIST} AND ${VIEWS[view]} ORDER BY other_id LIMIT ?`;
    const rows = await this.select<Row>(sql, [owner, cursor, limit + 1]);
    const items = rows.slice(0, limit).map(toContact);
    return { items, next: rows.length > limit ? (items.at(-1)?.user ?? null) : null };
  }

  async count(owner: string, view: ContactView): Promise<number> {
    const sql = `SELECT COUNT(*) AS count FROM contacts WHERE owner_id = ? AND ${VIEWS[view]}`;
    const [row] = await this.select<{ count: number | string }>(sql, [owner]);
    return Number(row?.count ?? 0);
  }

  /** Contacts between whom and the owner there is no block. */
  async contactsOf(owner: string): Promise<string[]> {
    const sql = `SELECT other_id AS user FROM contacts
      WHERE owner_id = ? AND status = 'contact' AND suspended = 0 ORDER BY other_id`;
    return (await this.select<{ user: string }>(sql, [owner])).map(({ user }) => user);
  }

  /** The same by owner; who has none is absent. One statement: as many owners as are asked for. */
  async contactsOfEach(owners: readonly string[]): Promise<Map<string, string[]>> {
    const sql = `SELECT owner_id AS owner, other_id AS user FROM contacts
      WHERE owner_id IN (${owners.map(() => '?').join()}) AND status = 'contact' AND suspended = 0
      ORDER BY owner_id, other_id`;
    const found = new Map<string, string[]>();
    if (owners.length === 0) return found;
    for (const { owner, user } of await this.select<{ owner: string; user: string }>(sql, owners)) {
      const contacts = found.get(owner);
      if (contacts) contacts.push(user);
      else found.set(owner, [user]);
    }
    return found;
  }

  async areContacts(a: string, b: string): Promise<boolean> {
    const sql = `SELECT 1 AS found FROM contacts
      WHERE owner_id = ? AND other_id = ? AND status = 'contact' AND suspended = 0`;
    return (await this.select(sql, [a, b])).length > 0;
  }

  async blockedBy(owner: string): Promise<string[]> {
    const sql = 'SELECT other_id AS user FROM contacts WHERE owner_id = ? AND blocked = 1';
    return (await this.select<{ user: string }>(sql, [owner])).map(({ user }) => user);
  }

  /** Of `owners`, those who have blocked `other`. */
  async blockersOf(other: string, owners: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (let first = 0; first < owners.length; first += CHUNK) {
      const chunk = owners.slice(first, first + CHUNK);
      const sql = `SELECT owner_id AS user FROM contacts
        WHERE other_id = ? AND blocked = 1 AND owner_id IN (${chunk.map(() => '?').join()})`;
      const rows = await this.select<{ user: string }>(sql, [other, ...chunk]);
      found.push(...rows.map(({ user }) => user));
    }
    return found;
  }

  private select<T>(sql: string, values: readonly unknown[]): Promise<T[]> {
    return readRows<T>(this.dataSource, sql, values);
  }
}

function toContact({ user, status, blocked, remark, message, time }: Row): Contact {
  return {
    user,
    status,
    blocked: Number(blocked) === 1,
    ...(remark !== null && { remark }),
    ...(message !== null && { message }),
    time: Number(time),
  };
}
