import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { WriteDoor, readRows } from '../database/index.js';
import { isForMember, type RowStatement } from '../journal/index.js';
import { LEAST_PENDING, type Attachment } from './attachment.js';

const COLUMNS =
  'a.id AS id, a.owner_id AS owner, a.name AS name, a.mime AS mime, a.size AS size, a.sha256 AS sha256, a.created_at AS time';

const REFERRED = 'EXISTS (SELECT 1 FROM attachment_references r WHERE r.attachment_id = a.id)';

/** In a conversation of which the user sees the message that refers to it. */
const VISIBLE = `EXISTS (SELECT 1 FROM attachment_references r
  JOIN members m ON m.conversation_id = r.conversation_id AND m.user_id = ? AND ${isForMember('r.seq')}
  WHERE r.attachment_id = a.id)`;

/** What is known of attachments, and which messages refer to them. */
@Injectable()
export class AttachmentRepository {
  constructor(
    private readonly source: DataSource,
    private readonly door: WriteDoor,
  ) {}

  async add({ id, owner, name, mime, size, sha256, time }: Attachment): Promise<void> {
    await this.door.transaction((manager) =>
      manager.query(
        'INSERT INTO attachments (id, owner_id, name, mime, size, sha256, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
        [id, owner, name, mime, size, sha256, time],
      ),
    );
  }

  /** If the user may see it: it is his own, or a message that is for him refers to it. */
  async findFor(user: string, id: string): Promise<Attachment | undefined> {
    const sql = `SELECT ${COLUMNS} FROM attachments a WHERE a.id = ? AND (a.owner_id = ? OR ${VISIBLE})`;
    return this.first(sql, [id, user, user]);
  }

  async isReferredTo(id: string): Promise<boolean> {
    return (
      (await this.first(`SELECT ${COLUMNS} FROM attachments a WHERE a.id = ? AND ${REFERRED}`, [id])) !==
      undefined
    );
  }

  /** What a user's attachments count that no message refers to, each by its `pendingSize`. */
  async pendingBytes(owner: string): Promise<number> {
    const sql = `SELECT COALESCE(SUM(CASE WHEN a.size < ? THEN ? ELSE a.size END), 0) AS bytes
      FROM attachments a WHERE a.owner_id = ? AND NOT ${REFERRED}`;
    const values = [LEAST_PENDING, LEAST_PENDING, owner];
    const [row] = await readRows<{ bytes: number | string }>(this.source, sql, values);
    return Number(row?.bytes ?? 0);
  }

  /** Attachments that nothing has referred to since they were made, before a time; the oldest first. */
  async orphans(before: number, limit: number): Promise<string[]> {
    const sql = `SELECT a.id AS id FROM attachments a WHERE a.created_at < ? AND NOT ${REFERRED}
      ORDER BY a.created_at LIMIT ?`;
    return (await readRows<{ id: string }>(this.source, sql, [before, limit])).map(({ id }) => id);
  }

  async remove(id: string): Promise<void> {
    await this.door.transaction((manager) => manager.query('DELETE FROM attachments WHERE id = ?', [id]));
  }

  private async first(sql: string, values: unknown[]): Promise<Attachment | undefined> {
    const [row] = await readRows<Attachment>(this.source, sql, values);
    return row && { ...row, size: Number(row.size), time: Number(row.time) };
  }
}

/** The reference of a message, written together with it. */
export function referenceRow(id: string, conversation: string, seq: number): RowStatement {
  return [
    'REPLACE INTO attachment_references (attachment_id, conversation_id, seq) VALUES (?, ?, ?)',
    id,
    conversation,
    seq,
  ];
}

/** A message that is gone refers to nothing. */
export function releaseRow(conversation: string, seq: number): RowStatement {
  return ['DELETE FROM attachment_references WHERE conversation_id = ? AND seq = ?', conversation, seq];
}
