import { describe, expect, it } from 'vitest';
import { decodeListCursor, encodeListCursor } from './list-cursor.js';

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('the cursor of a list', () => {
  it('comes back as it went in', () =>
    expect(decodeListCursor(encodeListCursor([7, 'grüße:#%']), 'number', 'string')).toEqual([7, 'grüße:#%']));

  it.each([
    'x',
    '',
    '%%%',
    encoded({ 0: 1, 1: 'a', length: 2 }),
    encoded([1]),
    encoded([1, 'a', 'b']),
    encoded(['1', 'a']),
    encoded([1.5, 'a']),
    encoded([1, 'a\0']),
    encoded([1, null]),
    encoded(null),
  ])('is refused by name when it is not ours: %s', (cursor) => {
    expect(() => decodeListCursor(cursor, 'number', 'string')).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    );
  });
});
