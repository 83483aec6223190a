import type { MysqlSession } from '../database/index.js';

/** One statement of a round trip, with its values. */
export type Statement = readonly [sql: string, ...values: unknown[]];

/** Sends several statements in one round trip; a result for each. Stops at the first that fails. */
export async function sendTogether(
  session: MysqlSession,
  statements: readonly Statement[],
): Promise<unknown[]> {
  if (statements.length === 0) return [];
  const sql = statements.map(([text]) => text).join(';\n');
  const values = statements.flatMap(([, ...rest]) => rest);
  const results = await session.query<unknown[]>(sql, values);
  return statements.length === 1 ? [results] : results;
}

/** `(a = ? AND b = ?) OR (…)`, which both MySQL and MariaDB turn into index look-ups, unlike a list of tuples. */
export function anyOf(columns: readonly string[], rows: readonly (readonly unknown[])[]): Statement {
  const one = `(${columns.map((column) => `${column} = ?`).join(' AND ')})`;
  return [rows.map(() => one).join(' OR '), ...rows.flat()];
}
