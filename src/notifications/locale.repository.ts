import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { readRows, WriteDoor } from '../database/index.js';

/** Languages that users asked for. */
@Injectable()
export class LocaleRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly door: WriteDoor,
  ) {}

  /** By user; who named none is absent. */
  async of(users: readonly string[]): Promise<Map<string, string>> {
    const sql = `SELECT user_id AS user, locale FROM notification_locales WHERE user_id IN (${users.map(() => '?').join()})`;
    const rows = await readRows<{ user: string; locale: string }>(this.dataSource, sql, users);
    return new Map(rows.map(({ user, locale }) => [user, locale]));
  }

  async set(user: string, locale: string | null): Promise<void> {
    await this.door.transaction((manager) =>
      locale === null
        ? manager.query('DELETE FROM notification_locales WHERE user_id = ?', [user])
        : manager.query('REPLACE INTO notification_locales (user_id, locale) VALUES (?, ?)', [user, locale]),
    );
  }
}
