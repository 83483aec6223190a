import { describe, expect, it } from 'vitest';
import { type Claims, type ClaimRules, principalFromClaims } from './principal-from-claims.js';

const NOW = 1_800_000_000_000;
const seconds = NOW / 1000;
const rules: ClaimRules = { userClaims: ['sub'], leeway: 5, requireExpiry: false };
const judge = (claims: Claims, more: Partial<ClaimRules> = {}) =>
  principalFromClaims(claims, { ...rules, ...more }, NOW);

describe('user id', () => {
  it('is the first of the configured claims that is present', () => {
    const userClaims = ['sub', 'userId', 'user_id'];
    expect(judge({ user_id: 'c', userId: 'b' }, { userClaims }).userId).toBe('b');
    expect(judge({ sub: null, user_id: 'c' }, { userClaims }).userId).toBe('c');
  });

  it('is the decimal string of a whole number', () => {
    expect(judge({ sub: 42 }).userId).toBe('42');
    expect(judge({ sub: Number.MAX_SAFE_INTEGER }).userId).toBe('9007199254740991');
  });

  it('is refused as a number that has already lost digits', () => {
    expect(() => judge({ sub: 2 ** 53 })).toThrow('too large for a number');
  });

  it.each([
    [''],
    [' a'],
    ['a\u0000'],
    ['a\u202e'],
    ['\ud800'],
    ['x'.repeat(121)],
    [1.5],
    [-1],
    [true],
    [['a']],
    [{ id: 'a' }],
  ])('is refused as %j, and the next claim does not step in', (sub) => {
    expect(() => judge({ sub, userId: 'b' }, { userClaims: ['sub', 'userId'] })).toThrow('not acceptable');
  });

  it('must be there', () => {
    expect(() => judge({})).toThrow('names no user');
    expect(() => judge({}, { userClaims: ['constructor'] })).toThrow('names no user');
  });
});

describe('roles, name and avatar', () => {
  it('come from role and roles', () => {
    expect(judge({ sub: 'a', role: 'admin' }).roles).toEqual(['admin']);
    expect(judge({ sub: 'a', role: 'x', roles: ['y', 'admin', 'x'] }).roles).toEqual(['x', 'y', 'admin']);
    expect(judge({ sub: 'a' }).roles).toEqual([]);
  });

  it('count only what is a role in so many words', () => {
    expect(
      judge({ sub: 'a', role: { admin: true }, roles: [1, null, '', ['admin'], 'x'.repeat(129)] }).roles,
    ).toEqual([]);
    expect(judge({ sub: 'a', roles: Array.from({ length: 99 }, (_, i) => `r${i}`) }).roles).toHaveLength(64);
  });

  it('are bounded', () => {
    expect(judge({ sub: 'a', name: `\u0007${'😀'.repeat(200)}` }).name).toBe('😀'.repeat(128));
    expect(judge({ sub: 'a', name: 7, avatar: {} })).toMatchObject({ name: undefined, avatar: undefined });
    expect(judge({ sub: 'a', avatar: `https://x/${'y'.repeat(2048)}` }).avatar).toBeUndefined();
    expect(judge({ sub: 'a', name: 'Alice', avatar: 'https://x/y' })).toMatchObject({
      name: 'Alice',
      avatar: 'https://x/y',
    });
  });
});

describe('times', () => {
  it('hold at the very edge of the leeway', () => {
    expect(judge({ sub: 'a', exp: seconds - 4.9 }).expiresAt).toBe((seconds - 4.9) * 1000);
    expect(() => judge({ sub: 'a', exp: seconds - 5 })).toThrow('expired');
    expect(judge({ sub: 'a', nbf: seconds + 5, iat: seconds + 5 }).expiresAt).toBeUndefined();
    expect(() => judge({ sub: 'a', nbf: seconds + 5.1 })).toThrow('not valid yet');
    expect(() => judge({ sub: 'a', iat: seconds + 5.1 })).toThrow('in the future');
  });

  it.each([['exp'], ['nbf'], ['iat']])('%s must be a time', (name) => {
    for (const value of ['9999999999', null, {}, -1, 1e300, true, [1]]) {
      expect(() => judge({ sub: 'a', [name]: value })).toThrow(`${name} is not a time`);
    }
  });

  it('must end where that is required', () => {
    expect(() => judge({ sub: 'a' }, { requireExpiry: true })).toThrow('no expiry');
  });
});

describe('issuer, audience and purpose', () => {
  const strict = { issuer: 'https://id', audience: 'chat' };

  it('must be those configured', () => {
    expect(judge({ sub: 'a', iss: 'https://id', aud: 'chat' }, strict).userId).toBe('a');
    expect(judge({ sub: 'a', iss: 'https://id', aud: ['other', 'chat'] }, strict).userId).toBe('a');
  });

  it.each([[undefined], ['https://id/'], ['HTTPS://ID'], [['https://id']], [{}]])(
    'refuses the issuer %j',
    (iss) => {
      expect(() => judge({ sub: 'a', iss, aud: 'chat' }, strict)).toThrow('wrong issuer');
    },
  );

  it.each([[undefined], ['chat2'], ['chat other'], [['other']], [[]], [{ chat: true }], [true]])(
    'refuses the audience %j',
    (aud) => {
      expect(() => judge({ sub: 'a', iss: 'https://id', aud }, strict)).toThrow('wrong audience');
    },
  );

  it.each([
    ['typ', 'Refresh'],
    ['typ', 'Offline'],
    ['type', 'refresh'],
    ['token_type', 'refresh'],
    ['token_use', 'refresh'],
    ['typ', 'Logout'],
  ])('refuses a token whose %s says %s', (name, value) => {
    expect(() => judge({ sub: 'a', [name]: value })).toThrow('not an access token');
    expect(judge({ sub: 'a', [name]: 'Bearer' }).userId).toBe('a');
  });
});
