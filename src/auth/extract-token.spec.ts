import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { extractToken } from './extract-token.js';
import { redactUrl } from './redact-url.js';

function request(url: string, ...given: [string, string][]): IncomingMessage {
  const headersDistinct: Record<string, string[]> = {};
  for (const [name, value] of given) (headersDistinct[name.toLowerCase()] ??= []).push(value);
  const headers = Object.fromEntries(
    Object.entries(headersDistinct).map(([name, values]) => [name, values.join(', ')]),
  );
  return { url, headers, headersDistinct } as unknown as IncomingMessage;
}
const extract = (queryToken: boolean, url: string, ...headers: [string, string][]) =>
  extractToken(request(url, ...headers), { queryToken });

describe('extractToken', () => {
  it.each([
    ['/ws', ['Authorization', 'Bearer aaa.b.c'], 'header'],
    ['/ws', ['Authorization', 'bearer  aaa.b.c'], 'header'],
    ['/ws', ['Sec-WebSocket-Protocol', 'rookery.v1, bearer.aaa.b.c'], 'subprotocol'],
    ['/ws?x=1&token=aaa.b.c', undefined, 'query'],
  ] as const)('finds it in %s %j', (url, header, source) => {
    expect(extract(true, url, ...(header ? [[...header] as [string, string]] : []))).toEqual({
      token: 'aaa.b.c',
      source,
    });
  });

  it('finds nothing where there is none', () => {
    expect(extract(true, '/ws')).toBeUndefined();
    expect(extract(true, '/ws?token=', ['Sec-WebSocket-Protocol', 'rookery.v1'])).toBeUndefined();
  });

  it('accepts the same token twice, prefers the header, and refuses two that differ', () => {
    expect(extract(true, '/ws?token=a', ['Authorization', 'Bearer a'])).toEqual({
      token: 'a',
      source: 'header',
    });
    const refused = { code: 'unauthenticated', message: 'The request brings more than one token' };
    const thrown = (...args: Parameters<typeof extract>) => {
      try {
        return extract(...args);
      } catch (error) {
        return error;
      }
    };
    expect(thrown(true, '/ws?token=b', ['Authorization', 'Bearer a'])).toMatchObject(refused);
    expect(thrown(true, '/ws?token=a&token=b')).toMatchObject(refused);
    expect(thrown(true, '/ws', ['Sec-WebSocket-Protocol', 'bearer.a, bearer.b'])).toMatchObject(refused);
    expect(thrown(true, '/ws', ['Authorization', 'Bearer a'], ['Authorization', 'Bearer b'])).toMatchObject(
      refused,
    );
  });

  it.each(['Basic YTpi', 'Bearer', 'Bearer ', 'Bearer a b', 'a.b.c', 'Bearer a, Bearer b', ''])(
    'refuses the Authorization %j',
    (value) => {
      expect(() => extract(true, '/ws', ['Authorization', value])).toThrow(
        'Authorization must be: Bearer <token>',
      );
    },
  );

  it('refuses an empty sub-protocol token', () => {
    expect(() => extract(true, '/ws', ['Sec-WebSocket-Protocol', 'bearer.'])).toThrow('Token is empty');
  });

  it('where the query is closed, says so, unless the token also came a better way', () => {
    expect(() => extract(false, '/ws?token=a')).toThrow('query string is not accepted');
    expect(extract(false, '/ws?token=b', ['Authorization', 'Bearer a'])).toEqual({
      token: 'a',
      source: 'header',
    });
  });
});

describe('redactUrl', () => {
  it.each([
    ['/ws?token=secret', '/ws?token=[redacted]'],
    ['/ws?a=1&TOKEN=secret&b=2', '/ws?a=1&TOKEN=[redacted]&b=2'],
    ['/ws?%74oken=secret', '/ws?%74oken=[redacted]'],
    ['/ws?%54%4F%4b%45%4E=secret', '/ws?%54%4F%4b%45%4E=[redacted]'],
    ['/ws?to%6Ben%zz=1&%zz&token=secret', '/ws?to%6Ben%zz=1&%zz&token=[redacted]'],
    ['/ws?token=sec=ret', '/ws?token=[redacted]'],
    ['/ws?access_token=secret#token=secret', '/ws?access_token=[redacted]#token=[redacted]'],
    ['/ws?a=1?token=secret', '/ws?a=1?token=[redacted]'],
    ['wss://h/ws?x=1;token=secret', 'wss://h/ws?x=1;token=[redacted]'],
    ['/ws?tokens=3&a=token', '/ws?tokens=3&a=token'],
    ['/ws', '/ws'],
    ['', ''],
  ])('%s becomes %s', (url, redacted) => {
    expect(redactUrl(url)).toBe(redacted);
  });
});
