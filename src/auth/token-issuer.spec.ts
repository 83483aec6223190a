import { describe, expect, it } from 'vitest';
import { FAMILIES } from '../../test/support/signed-tokens.js';
import type { AppConfig, JwtKeySource } from '../config/index.js';
import { createTokenVerifier } from './create-token-verifier.js';
import { TokenIssuer } from './token-issuer.js';

const configWith = (key: JwtKeySource, more: Partial<AppConfig['jwt']> = {}): AppConfig =>
  ({ jwt: { key, userClaims: ['sub'], leeway: 5, requireExpiry: true, ...more } }) as AppConfig;
const secret = FAMILIES['HS256']!.key;

describe('TokenIssuer', () => {
  it.each([
    ['the defaults', {}],
    [
      'an issuer, an audience and other user claims',
      { issuer: 'https://id', audience: 'chat', userClaims: ['userId', 'sub'] },
    ],
  ])('makes tokens that this server accepts, with %s', async (_what, more) => {
    const config = configWith(secret, more);
    const token = await new TokenIssuer(config).issue({
      userId: 'alice',
      roles: ['admin'],
      name: 'Alice',
      ttl: 60,
    });
    const principal = await createTokenVerifier(config).verify(token);
    expect(principal).toMatchObject({ userId: 'alice', roles: ['admin'], name: 'Alice' });
    expect(principal.expiresAt! - Date.now()).toBeGreaterThan(55_000);
    expect(principal.expiresAt! - Date.now()).toBeLessThanOrEqual(60_000);
  });

  it.each([FAMILIES['RS256']!.key, { kind: 'jwks', url: 'https://id/jwks' } as const])(
    'refuses without a secret',
    async (key) => {
      const issuer = new TokenIssuer(configWith(key));
      expect(issuer.canIssue).toBe(false);
      await expect(issuer.issue({ userId: 'alice', ttl: 60 })).rejects.toThrow('holds no secret');
    },
  );

  it('refuses what is no user id', async () => {
    await expect(new TokenIssuer(configWith(secret)).issue({ userId: ' ', ttl: 60 })).rejects.toMatchObject({
      code: 'invalid',
    });
  });
});
