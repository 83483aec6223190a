import { describe, expect, it } from 'vitest';
import { isInexact, parseExactly, stringifyExactly } from './exact-json.js';

describe(parseExactly.name, () => {
  it('keeps the digits of whole numbers beyond 2^53, and nothing else is another value', () => {
    const json = String.raw`{"a":9007199254740993,"b":[-12345678901234567890],"c":1.5e300,"d":0.12345678901234567890,"e":"9007199254740993 \" 9007199254740993","f":9007199254740991}`;
    const { a, b, ...others } = parseExactly(json) as Record<string, unknown>;
    expect({ a, b }).toEqual({ a: 9007199254740993n, b: [-12345678901234567890n] });
    const plain = JSON.parse(json) as Record<string, unknown>;
    expect(others).toEqual({ c: plain.c, d: plain.d, e: plain.e, f: plain.f });
  });
});

describe(stringifyExactly.name, () => {
  it('writes them as the numbers they were', () => {
    expect(stringifyExactly({ id: 9007199254740993n, text: 'id 9007199254740993' })).toBe(
      '{"id":9007199254740993,"text":"id 9007199254740993"}',
    );
  });
});

describe(isInexact.name, () => {
  it('is so beyond 2^53, for whole numbers', () => {
    expect([2 ** 53 - 1, 2 ** 53, -(2 ** 60), 1.5, '9007199254740993'].map(isInexact)).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
  });
});
