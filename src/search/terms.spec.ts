import { describe, expect, it } from 'vitest';
import { matcherOf, termsOf, wantedBy } from './terms.js';

/** As an index would answer: by terms alone. */
function found(text: string, query: string): boolean {
  const terms = termsOf(text);
  const wanted = wantedBy(query);
  return (
    wanted.length > 0 &&
    wanted.every(({ term, prefix }) => terms.some((each) => (prefix ? each.startsWith(term) : each === term)))
  );
}

describe('the terms of a text', () => {
  it.each([
    ['Hello World', 'hello'],
    ['Hello World', 'WORLD hel'],
    ['Crème brûlée', 'creme brulee'],
    ['creme', 'Crème'],
    ['Straße 12', 'straß'],
    ['Привет, мир', 'приве'],
    ['a b c', 'b'],
    ['the and of', 'the'],
    ['version v1.2.3-beta', 'v1.2'],
    ['ｆｕｌｌ　ｗｉｄｔｈ', 'full width'],
    ['你好世界', '你'],
    ['你好世界', '你好'],
    ['你好世界', '好世'],
    ['你好世界', '你好世界'],
    ['我的iPhone手机坏了', 'iphone手机'],
    ['がっこう', 'がっ'],
    ['안녕하세요', '녕하'],
    ['สวัสดีครับ', 'ครับ'],
    ['great 🎉', '🎉'],
    ['𠮷野家', '𠮷野'],
  ])('of %j find %j', (text, query) => {
    expect(found(text, query)).toBe(true);
    expect(matcherOf(query)(text)).toBe(true);
  });

  it.each([
    ['hello', 'ello'],
    ['hello', 'hello world'],
    ['你好世界', '世好'],
    ['你好', '好你'],
    ['zebra', 'z65'],
    ['a', 'ab'],
  ])('of %j do not find %j', (text, query) => expect(found(text, query)).toBe(false));

  it('may find more than a text has, which is then looked at', () => {
    expect(found('你好 好世', '你好世')).toBe(true);
    expect(matcherOf('你好世')('你好 好世')).toBe(false);
  });

  it.each(['', '   ', '!?.,;', '"*" - + ( ) ~ < >', '\0\u200b'])('there are none in %j', (query) =>
    expect(wantedBy(query)).toEqual([]),
  );

  it('are words that every index takes as they are, whatever the text', () => {
    const hostile = `"; DROP TABLE x; -- +a -b *c* (d) ~e <f> "g" NEAR AND OR NOT title:h ^i @j %_ \0 ${'x'.repeat(500)} é你👩‍👩‍👧`;
    for (const term of [...termsOf(hostile), ...wantedBy(hostile).map(({ term }) => term)])
      expect(term).toMatch(/^[a-z0-9]{3,84}$/);
  });

  it('are bounded', () => {
    const text = Array.from({ length: 60_000 }, (_, n) => String.fromCodePoint(0x4e00 + (n % 20_000))).join(
      '',
    );
    expect(termsOf(Array.from({ length: 9000 }, (_, n) => `w${n}`).join(' ')).length).toBeLessThanOrEqual(
      4000,
    );
    expect(termsOf(text.slice(0, 2000)).length).toBeLessThanOrEqual(4000);
  });
});
