import 'reflect-metadata';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ErrorCode } from '@rookery/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../common/app-error.js';
import { AuthFailureLimiter } from './auth-failure-limiter.js';
import { currentUser } from './current-user.decorator.js';
import { AuthGuard } from './http-auth.guard.js';
import type { Principal } from './principal.js';
import { Revocations } from './revocations.js';
import { Roles, RolesGuard } from './roles.guard.js';
import { TokenVerifier } from './token-verifier.js';
import { unauthenticated } from './unauthenticated.js';

const alice: Principal = { userId: 'alice', roles: ['user'] };
const admin: Principal = { userId: 'root', roles: ['admin'] };

class KnownTokens extends TokenVerifier {
  calls = 0;
  async verify(token: string): Promise<Principal> {
    this.calls++;
    if (token === 'good') return alice;
    throw token === 'down'
      ? new AppError(ErrorCode.Unavailable)
      : unauthenticated('Token signature is wrong');
  }
}

class Handlers {
  @Roles('admin') adminOnly() {}
  @Roles(['admin', 'operator']) either() {}
  open() {}
}

type Holder = {
  principal?: Principal;
  ip?: string;
  headersDistinct?: Record<string, string[]>;
  url?: string;
};
const context = (type: 'http' | 'ws', holder: Holder, handler: () => void = Handlers.prototype.open) =>
  ({
    getType: () => type,
    getHandler: () => handler,
    getClass: () => Handlers,
    switchToHttp: () => ({ getRequest: () => holder }),
    switchToWs: () => ({ getClient: () => holder }),
  }) as unknown as ExecutionContext;
const http = (token?: string, ip = '203.0.113.7'): Holder => ({
  ip,
  url: '/api?token=good',
  headersDistinct: token === undefined ? {} : { authorization: [`Bearer ${token}`] },
});

describe('AuthGuard', () => {
  let verifier: KnownTokens;
  let limiter: AuthFailureLimiter;
  let guard: AuthGuard;
  beforeEach(() => {
    verifier = new KnownTokens();
    limiter = new AuthFailureLimiter();
    guard = new AuthGuard(verifier, limiter, new Revocations());
  });

  it('puts the caller on the request', async () => {
    const request = http('good');
    await expect(guard.canActivate(context('http', request))).resolves.toBe(true);
    expect(request.principal).toBe(alice);
  });

  it('refuses a request without a token, even with one in its query', async () => {
    await expect(guard.canActivate(context('http', http()))).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    expect(verifier.calls).toBe(0);
  });

  it('refuses a wrong token and a wrong scheme', async () => {
    await expect(guard.canActivate(context('http', http('bad')))).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    const basic = { ...http(), headersDistinct: { authorization: ['Basic x'] } };
    await expect(guard.canActivate(context('http', basic))).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });

  it('makes an address wait after 1,000 failures, and nobody else', async () => {
    for (let i = 0; i < 1000; i++) await guard.canActivate(context('http', http('bad'))).catch(() => {});
    const refused = guard.canActivate(context('http', http('good')));
    await expect(refused).rejects.toMatchObject({ code: 'rate_limited', retryAfter: expect.any(Number) });
    expect(verifier.calls).toBe(1000);
    await expect(guard.canActivate(context('http', http('good', '203.0.113.8')))).resolves.toBe(true);
  });

  it('does not count what is not the caller’s fault', async () => {
    for (let i = 0; i < 1000; i++) await guard.canActivate(context('http', http('down'))).catch(() => {});
    await expect(guard.canActivate(context('http', http('good')))).resolves.toBe(true);
  });

  it('on a socket, asks only whether the transport has verified the caller', async () => {
    await expect(guard.canActivate(context('ws', { principal: alice }))).resolves.toBe(true);
    await expect(guard.canActivate(context('ws', {}))).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

function isBlocked(limiter: AuthFailureLimiter, ip: string): boolean {
  try {
    limiter.assertAllowed(ip);
    return false;
  } catch {
    return true;
  }
}

describe('AuthFailureLimiter', () => {
  it.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::9', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::ffff:192.0.2.1', '192.0.2.1', true],
    ['fe80::1%eth0', 'fe80::2', true],
    ['::1', '::2', true],
    ['192.0.2.1', '192.0.2.2', false],
  ])('counts %s and %s together: %s', (one, other, together) => {
    const limiter = new AuthFailureLimiter();
    for (let i = 0; i < 999; i++) limiter.recordFailure(one);
    expect(isBlocked(limiter, one)).toBe(false);
    limiter.recordFailure(one);
    expect(isBlocked(limiter, one)).toBe(true);
    expect(isBlocked(limiter, other)).toBe(together);
  });
});

describe('RolesGuard', () => {
  const guard = new RolesGuard(new Reflector());
  const { adminOnly, either, open } = Handlers.prototype;

  it.each(['http', 'ws'] as const)('asks for the role on %s', (type) => {
    expect(guard.canActivate(context(type, { principal: admin }, adminOnly))).toBe(true);
    expect(guard.canActivate(context(type, { principal: admin }, either))).toBe(true);
    expect(() => guard.canActivate(context(type, { principal: alice }, adminOnly))).toThrow('Not allowed');
    expect(() => guard.canActivate(context(type, { principal: alice }, either))).toThrow('Not allowed');
    expect(() => guard.canActivate(context(type, {}, adminOnly))).toThrow('A valid token is required');
  });

  it('lets everybody to a handler without roles', () => {
    expect(guard.canActivate(context('http', {}, open))).toBe(true);
  });
});

describe('@CurrentUser', () => {
  it.each(['http', 'ws'] as const)('gives the caller on %s', (type) => {
    expect(currentUser(undefined, context(type, { principal: alice }))).toBe(alice);
    expect(() => currentUser(undefined, context(type, {}))).toThrow('A valid token is required');
  });
});
