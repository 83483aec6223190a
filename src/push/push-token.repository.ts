import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { WriteDoor, readRows } from '../database/index.js';

export interface PushToken {
  id: string;
  user: string;
  provider: string;
  token: unknown;
  device: string | null;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

const COLUMNS = 'id, user_id AS user, provider, token, device_id AS device, created_at AS createdAt';

/** Tokens of devices. */
@Injectable()
export class PushTokenRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly door: WriteDoor,
  ) {}

  /** Takes it from whoever had it, in place of what the device had; of more than `limit` the oldest go. */
  async save(token: PushToken, limit: number): Promise<void> {
    const { id, user, provider, device, createdAt } = token;
    await this.door.transaction(async (manager) => {
      const owned: { id: string; device: string | null; provider: string }[] = await manager.query(
        'SELECT id, device_id AS device, provider FROM push_tokens WHERE user_id = ? ORDER BY created_at, id',
        [user],
      );
      const others = owned.filter((each) => each.id !== id);
      const replaced = others.filter(
        (each) => device !== null && each.device === device && each.provider === provider,
      );
      const staying = others.filter((each) => !replaced.includes(each));
      const surplus = staying.slice(0, Math.max(0, staying.length + 1 - limit));
      for (const each of [...replaced, ...surplus]) await forget(manager, each.id);
      const [known]: { user: string }[] = await manager.query(
        'SELECT user_id AS user FROM push_tokens WHERE id = ?',
        [id],
      );
      if (known && known.user !== user) await forget(manager, id);
      await manager.query(
        'REPLACE INTO push_tokens (id, user_id, provider, token, device_id, created_at) VALUES (?, ?, ?, ?, ?, ?)',
        [id, user, provider, JSON.stringify(token.token), device, createdAt],
      );
    });
  }

  /** Gone, with all that waits for it. */
  async remove(id: string): Promise<void> {
    await this.door.transaction((manager) => forget(manager, id));
  }

  ofUser(user: string): Promise<PushToken[]> {
    return this.select(`SELECT ${COLUMNS} FROM push_tokens WHERE user_id = ? ORDER BY created_at, id`, [
      user,
    ]);
  }

  async find(id: string): Promise<PushToken | undefined> {
    return (await this.select(`SELECT ${COLUMNS} FROM push_tokens WHERE id = ?`, [id]))[0];
  }

  private async select(sql: string, values: unknown[]): Promise<PushToken[]> {
    type Row = Omit<PushToken, 'token'> & { token: string };
    const rows = await readRows<Row>(this.dataSource, sql, values);
    return rows.map((row) => ({ ...row, token: JSON.parse(row.token), createdAt: Number(row.createdAt) }));
  }
}

async function forget(manager: EntityManager, id: string): Promise<void> {
  await manager.query('DELETE FROM push_tokens WHERE id = ?', [id]);
  await manager.query('DELETE FROM push_outbox WHERE token_id = ?', [id]);
}
