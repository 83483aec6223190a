import { describe, expect, it } from 'vitest';
import { announcement, bootFailure, helpFor } from './boot-messages.js';
import { ConfigError } from './config/index.js';

const http = { host: '0.0.0.0', port: 3000, chatPage: true };
const config = { logLevel: 'info' as const, http };
const failure = (message: string, more: object = {}): Error => Object.assign(new Error(message), more);

describe(bootFailure.name, () => {
  it('names the port that is taken, in one line', () => {
    const error = failure('listen EADDRINUSE: address already in use 0.0.0.0:3000', { syscall: 'listen' });
    expect(bootFailure(error, config)).toBe(
      'Rookery did not start: it cannot listen on PORT 3000 of HOST 0.0.0.0: listen EADDRINUSE: address already in use 0.0.0.0:3000',
    );
  });

  it('names a HOST that is none, and not for the host of a database', () => {
    const error = failure('getaddrinfo ENOTFOUND nowhere', { syscall: 'getaddrinfo', hostname: 'nowhere' });
    expect(bootFailure(error, { ...config, http: { ...http, host: 'nowhere' } })).toContain('HOST nowhere');
    expect(bootFailure(error, config)).toBe('Rookery did not start: getaddrinfo ENOTFOUND nowhere');
  });

  it('says something of errors without a text, and keeps to one line', () => {
    expect(bootFailure(failure('', { code: 'ECONNREFUSED' }), config)).toContain('ECONNREFUSED');
    expect(bootFailure(failure('one\n  two'), config)).toBe('Rookery did not start: one two');
    expect(bootFailure('text')).toBe('Rookery did not start: text');
  });

  it.each(['debug', 'trace'] as const)('has the stack at %s', (logLevel) =>
    expect(bootFailure(failure('x'), { ...config, logLevel })).toContain('\n    at '),
  );

  it('leaves the text of a wrong configuration as it is', () => {
    const error = new ConfigError([{ variable: 'PORT', reason: 'must be right' }]);
    expect(bootFailure(error)).toBe(error.message);
  });
});

describe(helpFor.name, () => {
  it('helps who asks, and nobody else', () => {
    expect(helpFor([])).toBeUndefined();
    expect(helpFor(['--help'])).toContain('\n  PORT=3000\n');
    expect(helpFor(['-h'])).toBe(helpFor(['--help']));
  });
});

describe(announcement.name, () => {
  it('warns of the sign-in when the chat page is open to the network, in one line', () => {
    const lines = announcement('http://0.0.0.0:3000', http).split('\n');
    expect(lines.filter((line) => line.includes('WARNING'))).toHaveLength(1);
    expect(lines[0]).toBe('Rookery is ready at http://localhost:3000');
  });

  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('does not on %s', (host) =>
    expect(announcement('http://x', { ...http, host })).not.toContain('WARNING'),
  );

  it('does not without the page', () =>
    expect(announcement('http://x', { ...http, chatPage: false })).not.toMatch(/WARNING|chat/));
});
