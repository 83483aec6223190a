import { describe, expect, it } from 'vitest';
import { Media } from './chat.schema.js';

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
