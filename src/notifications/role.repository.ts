import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { UserRoleEntity, WriteDoor, readRows } from '../database/index.js';

/** Roles as the tokens of users had them when they were last connected. */
@Injectable()
export class RoleRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly door: WriteDoor,
  ) {}

  /** By user; who has none is absent. */
  async of(users: readonly string[]): Promise<Map<string, string[]>> {
    const sql = `SELECT user_id AS user, role FROM user_roles WHERE user_id IN (${users.map(() => '?').join()})`;
    const rows = await readRows<{ user: string; role: string }>(this.dataSource, sql, users);
    const roles = new Map<string, string[]>();
    for (const { user, role } of rows) roles.set(user, [...(roles.get(user) ?? []), role]);
    return roles;
  }

  async change(user: string, gone: readonly string[], added: readonly string[]): Promise<void> {
    await this.door.transaction(async (manager) => {
      if (gone.length > 0)
        await manager.query(
          `DELETE FROM user_roles WHERE user_id = ? AND role IN (${gone.map(() => '?').join()})`,
          [user, ...gone],
        );
      if (added.length === 0) return;
      const rows = added.map((role) => ({ userId: user, role }));
      const insert = manager.createQueryBuilder().insert().into(UserRoleEntity).values(rows);
      await insert.orIgnore().updateEntity(false).execute();
    });
  }
}
