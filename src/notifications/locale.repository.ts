import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { WriteDoor, translateDatabaseError } from '../database/index.js';

/** Languages that users asked for. */
@Injectable()
export class LocaleRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly door: WriteDoor,
  ) {}

  async of(user: string): Promise<string | undefined> {
    try {
      const sql = 'SELECT locale FROM notification_locales WHERE user_id = ?';
      const [row]: { locale: string }[] = await this.dataSource.query(sql, [user]);
      return row?.locale;
    } catch (error) {
      throw translateDatabaseError(error);
    }
  }

  async set(user: string, locale: string | null): Promise<void> {
    await this.door.transaction((manager) =>
      locale === null
        ? manager.query('DELETE FROM notification_locales WHERE user_id = ?', [user])
        : manager.query('REPLACE INTO notification_locales (user_id, locale) VALUES (?, ?)', [user, locale]),
    );
  }
}
