import { describe, expect, it } from 'vitest';
import { isUserId } from './user-id.js';

describe(isUserId.name, () => {
  it.each(['a', 'Jürgen Ø', '李雷', 'a:b%c', '42', '😀', 'x'.repeat(120)])('takes %j', (id) =>
    expect(isUserId(id)).toBe(true),
  );

  it.each([
    ['nothing', ''],
    ['a space at an end', 'a '],
    ['a control character', 'a\u0007'],
    ['a direction mark', 'a\u202e'],
    ['half a character', '\ud800'],
    ['a no-break space', 'a\u00a0b'],
    ['a zero-width joiner', 'a\u200d'],
    ['a combining grapheme joiner', 'a\u034f'],
    ['a Hangul filler', '\u3164'],
    ['a half-width Hangul filler', '\uffa0'],
    ['a variation selector', 'a\ufe0f'],
    ['a Khmer inherent vowel', 'a\u17b4'],
    ['a tag character', 'a\u{e0061}'],
    ['a blank of Braille', '\u2800'],
    ['too much', 'x'.repeat(121)],
    ['too much when escaped', ':'.repeat(41)],
  ])('refuses %s', (_what, id) => expect(isUserId(id)).toBe(false));
});
