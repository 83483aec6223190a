import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { WriteDoor, readRows } from '../../database/index.js';

/** What a notification says in one language, with gaps to fill. */
export interface NotificationTemplate {
  name: string;
  /** BCP 47 in lower case, or `default`. */
  locale: string;
  /** JSON whose strings are Liquid templates. */
  content: unknown;
  /** Milliseconds since the epoch. */
  updatedAt: number;
}

const COLUMNS = 'name, locale, content, updated_at AS updatedAt';

/** Texts of notifications, by name and language. */
@Injectable()
export class TemplateRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly door: WriteDoor,
  ) {}

  /** In all languages. */
  named(name: string): Promise<NotificationTemplate[]> {
    return this.select(`SELECT ${COLUMNS} FROM notification_templates WHERE name = ? ORDER BY locale`, [
      name,
    ]);
  }

  /** In the order of name and locale, above `after`. */
  page(after: readonly [name: string, locale: string], limit: number): Promise<NotificationTemplate[]> {
    const [name, locale] = after;
    const sql = `SELECT ${COLUMNS} FROM notification_templates WHERE name > ? OR (name = ? AND locale > ?)
      ORDER BY name, locale LIMIT ?`;
    return this.select(sql, [name, name, locale, limit]);
  }

  /** False: it would be new, and there are as many as there may be, in all or in languages of this one. */
  async save(
    template: NotificationTemplate,
    limits: { templates: number; locales: number },
  ): Promise<boolean> {
    const { name, locale, content, updatedAt } = template;
    return this.door.transaction(async (manager) => {
      const [found]: { mine: unknown; languages: unknown; all: unknown }[] = await manager.query(
        `SELECT COUNT(*) AS \`all\`, SUM(CASE WHEN name = ? THEN 1 ELSE 0 END) AS languages,
          SUM(CASE WHEN name = ? AND locale = ? THEN 1 ELSE 0 END) AS mine FROM notification_templates`,
        [name, name, locale],
      );
      const full = Number(found?.all) >= limits.templates || Number(found?.languages) >= limits.locales;
      if (full && Number(found?.mine) === 0) return false;
      await manager.query(
        'REPLACE INTO notification_templates (name, locale, content, updated_at) VALUES (?, ?, ?, ?)',
        [name, locale, JSON.stringify(content), updatedAt],
      );
      return true;
    });
  }

  /** In one language, or in all; gives how many there were. */
  async remove(name: string, locale?: string): Promise<number> {
    const [where, values] =
      locale === undefined ? ['name = ?', [name]] : ['name = ? AND locale = ?', [name, locale]];
    return this.door.transaction(async (manager) => {
      const sql = `SELECT locale FROM notification_templates WHERE ${String(where)}`;
      const rows: unknown[] = await manager.query(sql, values as string[]);
      await manager.query(`DELETE FROM notification_templates WHERE ${String(where)}`, values as string[]);
      return rows.length;
    });
  }

  private async select(sql: string, values: unknown[]): Promise<NotificationTemplate[]> {
    type Row = { name: string; locale: string; content: string; updatedAt: number | string };
    const rows = await readRows<Row>(this.dataSource, sql, values);
    return rows.map((row) => ({
      ...row,
      content: JSON.parse(row.content) as unknown,
      updatedAt: Number(row.updatedAt),
    }));
  }
}
