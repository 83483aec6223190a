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

/**
 * A list of rows to join with, its columns `c0`, `c1`…; STRAIGHT_JOIN walks it in its order and looks each row up.
 * A long `(a = ? AND b = ?) OR …` falls off a cliff in MariaDB's optimiser: 1.7 ms for 128 rows, 157 ms for 256.
 */
export function wantedRows(rows: readonly (readonly unknown[])[], alias = 'wanted'): Statement {
  const names = rows[0]?.map((_, column) => `? AS c${column}`).join();
  const others = rows.slice(1).map((row) => `SELECT ${row.map(() => '?').join()}`);
  return [`(${[`SELECT ${names}`, ...others].join(' UNION ALL ')}) ${alias}`, ...rows.flat()];
}
