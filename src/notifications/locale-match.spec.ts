import { expect, it } from 'vitest';
import { closestLocale } from './locale-match.js';

it.each([
  ['zh-hant-tw', 'zh-hant'],
  ['zh-hans', 'zh'],
  ['zh', 'zh'],
  ['en-a-bcd', 'en'],
  ['de', undefined],
  ['constructor', undefined],
  ['z', undefined],
])('the closest to %s is %s', (wanted, expected) => {
  expect(closestLocale({ zh: 1, 'zh-hant': 2, en: 3 }, wanted)).toBe(expected);
});
