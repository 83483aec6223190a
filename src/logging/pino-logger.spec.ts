import { QueryFailedError } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { withoutData } from './pino-logger.js';

describe(withoutData.name, () => {
  it('keeps where an error came from and nothing that it carries', () => {
    const driver = Object.assign(new Error('Lock wait timeout'), { code: 'ER_LOCK', sql: "INSERT 'a body'" });
    const error = new QueryFailedError('INSERT INTO entries VALUES (?)', ['a body'], driver);
    const logged = withoutData(error);
    expect(logged).toMatchObject({ type: 'QueryFailedError', message: expect.stringContaining('Lock wait') });
    expect(logged).toHaveProperty('stack');
    expect(JSON.stringify(logged)).not.toMatch(/a body|INSERT/);
  });

  it('keeps the code of a system error, and leaves alone what is none', () => {
    expect(withoutData(Object.assign(new Error('x'), { code: 'ECONNRESET' }))).toMatchObject({
      code: 'ECONNRESET',
    });
    expect(withoutData('text')).toBe('text');
  });
});
