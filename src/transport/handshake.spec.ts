import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { assertOrigin, describeClient, pathOf } from './handshake.js';

const from = (origin?: string, host = 'chat.example.com'): IncomingMessage =>
  ({ headers: { host, ...(origin !== undefined && { origin }) } }) as never;
const refused = (run: () => void): boolean => {
  try {
    run();
    return false;
  } catch {
    return true;
  }
};

describe(assertOrigin.name, () => {
  const list = ['https://app.example.com'];

  it.each([
    ['the listed one', 'https://app.example.com', false],
    ['no browser', undefined, false],
    ['null', 'null', true],
    ['another scheme', 'http://app.example.com', true],
    ['a suffix trick', 'https://app.example.com.evil.test', true],
    ['a prefix trick', 'https://evil-app.example.com', true],
    ['another case', 'https://APP.example.com', true],
    ['another port', 'https://app.example.com:8443', true],
    ['an empty header', '', true],
  ])('with a list: %s', (_, origin, expected) => {
    expect(refused(() => assertOrigin(from(origin), list, true))).toBe(expected);
  });

  it.each([
    ['the same host', 'https://chat.example.com', true, false],
    ['another host', 'https://evil.test', true, true],
    ['another host outside production', 'https://evil.test', false, false],
  ])('without a list: %s', (_, origin, production, expected) => {
    expect(refused(() => assertOrigin(from(origin), [], production))).toBe(expected);
  });
});

describe(pathOf.name, () => {
  it.each([
    ['/ws', '/ws'],
    ['/ws?token=x', '/ws'],
    ['/ws/', '/ws'],
    ['//', '/'],
    ['/', '/'],
    [undefined, '/'],
    ['http://[', 'http://['],
  ])('of %s is %s, and nothing makes it throw', (url, path) => expect(pathOf(url)).toBe(path));
});

describe(describeClient.name, () => {
  it('takes what is well formed', () => {
    expect(describeClient('/ws?device=phone-1&platform=ios&sync=self&user_id=x')).toEqual({
      device: 'phone-1',
      platform: 'ios',
      sync: 'self',
    });
  });

  it.each(['device=%20', 'device=', `device=${'x'.repeat(65)}`, 'platform=a/b', 'sync=later'])(
    'refuses %s',
    (query) => {
      expect(refused(() => describeClient(`/ws?${query}`))).toBe(true);
    },
  );
});
