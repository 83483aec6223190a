import { describe, expect, it } from 'vitest';
import { ChatSend, Media } from './chat.schema.js';

describe('the address of media', () => {
  it.each(['/files/1', 'https://cdn.example/a?b=c#d', 'http://cdn.example/'])('may be %s', (url) =>
    expect(Media.safeParse({ url }).success).toBe(true),
  );

  it.each([
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https://good.example\\@evil.example',
    '/a\\b',
    '/\t/evil.example',
    'javascript:alert(1)',
    'files/1',
    '',
  ])('may not be %j', (url) => expect(Media.safeParse({ url }).success).toBe(false));
});

describe('meta', () => {
  const takes = (meta: unknown) => ChatSend.safeParse({ to: 'b', kind: 'text', content: 'x', meta }).success;
  /** `{"a":…}` of so many bytes in all, from a value that takes `bytes` for each of its parts. */
  const sized = (part: string, bytes: number, size: number) => {
    const room = size - '{"a":""}'.length;
    return { a: part.repeat(Math.floor(room / bytes)) + 'x'.repeat(room % bytes) };
  };

  it.each([
    ['x', 1],
    ['é', 2],
    ['€', 3],
    ['😀', 4],
    ['\n', 2],
    ['\u0001', 6],
  ])('of %j may have 4,096 bytes of JSON', (part, bytes) => {
    expect(takes(sized(part, bytes, 4096))).toBe(true);
    expect(takes(sized(part, bytes, 4097))).toBe(false);
  });

  it('is measured whatever is in it', () => {
    const filler = 'x'.repeat(4000);
    expect(takes({ filler, n: [1, 2, 3] })).toBe(true);
    expect(takes({ n: { filler: `${filler}${'x'.repeat(100)}` } })).toBe(false);
    const numbers = Object.fromEntries(
      Array.from({ length: 32 }, (_, n) => [`n${n}`, -1.234567890123456e-300]),
    );
    expect(takes(numbers)).toBe(true);
    expect(takes({ ...numbers, more: 1 })).toBe(false);
  });

  it.each([[[]], [null], ['x'], [{ '': 1 }], [{ ['x'.repeat(65)]: 1 }]])('is not %j', (meta) =>
    expect(takes(meta)).toBe(false),
  );
});
