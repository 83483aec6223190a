import type { DataSource } from 'typeorm';
import { storeError } from './database-errors.js';

/** Own SQL for reading, which both databases understand. Rejects with AppError, `unavailable` where it is not there. */
export async function readRows<Row>(
  dataSource: DataSource,
  sql: string,
  values: readonly unknown[],
): Promise<Row[]> {
  try {
    return await dataSource.query<Row[]>(sql, values as unknown[]);
  } catch (error) {
    throw storeError(error);
  }
}
