import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteConnection } from './sqlite-driver.js';

describe('the SQLite connection', () => {
  let connection: SqliteConnection;

  beforeEach(() => {
    connection = new SqliteConnection(':memory:');
  });
  afterEach(() => connection.close());

  const echo = (...values: unknown[]) => connection.prepare('SELECT ? AS value').all(...values);

  it.each([
    [true, 1],
    [false, 0],
    [null, null],
    [undefined, null],
    ['text', 'text'],
    [1.5, 1.5],
    [1_700_000_000_123, 1_700_000_000_123],
  ])('binds %s', (value, stored) => {
    expect(echo(value)).toEqual([{ value: stored }]);
    expect(echo([value])).toEqual([{ value: stored }]);
  });

  it('refuses everything once it is closed, where libsql would end the process', () => {
    const statement = connection.prepare('SELECT 1');
    connection.close();
    connection.close();
    const uses = [
      () => statement.all(),
      () => connection.prepare('SELECT 1'),
      () => connection.exec('SELECT 1'),
      () => connection.pragma('synchronous'),
    ];
    for (const use of uses) expect(use).toThrow('The database is closed');
    expect(connection.inTransaction).toBe(false);
  });

  it.each([[{ a: 1 }], [new Date()], [() => 1], [Symbol('x')], ['cut\0off']])(
    'refuses what native code would die of or bend: %s',
    (value) => {
      expect(() => echo(value)).toThrow(TypeError);
    },
  );

  it('has no iterate', () => {
    expect(connection.prepare('SELECT 1')).not.toHaveProperty('iterate');
  });
});
