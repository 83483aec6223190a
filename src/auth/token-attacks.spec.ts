import { createHmac, generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { compact, FAMILIES, type Family, hmac, SECRET, token } from '../../test/support/signed-tokens.js';
import { createTokenVerifier } from './create-token-verifier.js';
import type { ClaimRules } from './principal-from-claims.js';
import type { TokenVerifier } from './token-verifier.js';

const rules: ClaimRules = { userClaims: ['sub'], leeway: 5, requireExpiry: false };
const verifierOf = (family: Family, more: Partial<ClaimRules> = {}): TokenVerifier =>
  createTokenVerifier({ jwt: { key: family.key, ...rules, ...more } });
const now = (): number => Math.floor(Date.now() / 1000);

const refusal = (verifier: TokenVerifier, given: string): Promise<unknown> =>
  verifier.verify(given).then(
    (principal) => ({ accepted: principal }),
    (error: { code?: string; message?: string }) => ({ code: error.code, message: error.message }),
  );
const refused = (message: unknown = expect.any(String)) => ({ code: 'unauthenticated', message });

afterEach(() => vi.restoreAllMocks());

describe.each(Object.entries(FAMILIES))('%s', (name, family) => {
  const verifier = verifierOf(family);
  const claims = { sub: 'alice', exp: now() + 600 };

  it('accepts an honest token', async () => {
    await expect(verifier.verify(token(family, claims))).resolves.toMatchObject({
      userId: 'alice',
      expiresAt: claims.exp * 1000,
    });
    await expect(verifier.verify(token(family, claims, { typ: undefined }))).resolves.toMatchObject({
      userId: 'alice',
    });
    await expect(verifier.verify(token(family, claims, { typ: 'at+JWT' }))).resolves.toMatchObject({
      userId: 'alice',
    });
  });

  it.each(['none', 'None', 'NONE', ''])('refuses alg %j, signed or not', async (alg) => {
    const unsigned = compact({ alg, typ: 'JWT' }, claims, () => Buffer.alloc(0));
    expect(await refusal(verifier, unsigned)).toEqual(refused('Token algorithm is not accepted'));
    expect(await refusal(verifier, token(family, claims, { alg }))).toEqual(
      refused('Token algorithm is not accepted'),
    );
  });

  it('refuses its own alg without a signature', async () => {
    const stripped = token(family, claims).replace(/[^.]+$/, '');
    expect(await refusal(verifier, stripped)).toEqual(refused('Token has no signature'));
    expect(await refusal(verifier, stripped.slice(0, -1))).toEqual(refused('Token is malformed'));
  });

  it('refuses every other family, really signed', async () => {
    const strangers = Object.values(FAMILIES).filter(
      (other) => other.key !== family.key && other.alg !== name,
    );
    const foreign = strangers.filter((other) => JSON.stringify(other.key) !== JSON.stringify(family.key));
    for (const other of foreign) expect(await refusal(verifier, token(other, claims))).toEqual(refused());
  });

  it('refuses its own signature under another name', async () => {
    for (const alg of Object.keys(FAMILIES).filter((other) => other !== name)) {
      expect(await refusal(verifier, token(family, claims, { alg }))).toEqual(refused());
    }
  });

  it.each([['jku'], ['jwk'], ['x5u'], ['x5c'], ['crit'], ['b64']])(
    'refuses the header %s, without any request',
    async (parameter) => {
      const requests = vi.spyOn(globalThis, 'fetch');
      for (const value of ['https://evil.example/keys', { kty: 'oct', k: 'AAAA' }, ['exp'], null]) {
        const given = token(family, claims, { [parameter]: value });
        expect(await refusal(verifier, given)).toEqual(
          refused(`Token header parameter ${parameter} is not accepted`),
        );
      }
      expect(requests).not.toHaveBeenCalled();
    },
  );

  it.each([
    ['refresh+jwt'],
    ['rt+jwt'],
    ['dpop+jwt'],
    ['logout+jwt'],
    ['id+jwt'],
    ['JWE'],
    [''],
    [7],
    [null],
  ])('refuses the type %j', async (typ) => {
    expect(await refusal(verifier, token(family, claims, { typ }))).toEqual(
      refused('Token is of the wrong type'),
    );
  });

  it('refuses a changed payload, a changed signature and a cut token', async () => {
    const good = token(family, claims);
    const [header, , signature = ''] = good.split('.');
    const admin = Buffer.from(JSON.stringify({ ...claims, role: 'admin' })).toString('base64url');
    const flipped = (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1);
    expect(await refusal(verifier, `${header}.${admin}.${signature}`)).toEqual(
      refused('Token signature is wrong'),
    );
    expect(await refusal(verifier, good.replace(signature, flipped))).toEqual(
      refused('Token signature is wrong'),
    );
    for (const length of [1, 10, good.length >> 1, good.length - 6]) {
      expect(await refusal(verifier, good.slice(0, length))).toEqual(refused());
    }
  });

  it('refuses an expired, an early and a future token, with the leeway and no more', async () => {
    const t = now();
    expect(await refusal(verifier, token(family, { sub: 'a', exp: t - 10 }))).toEqual(
      refused('Token expired'),
    );
    expect(await refusal(verifier, token(family, { sub: 'a', nbf: t + 30 }))).toEqual(
      refused('Token is not valid yet'),
    );
    expect(await refusal(verifier, token(family, { sub: 'a', iat: t + 30 }))).toEqual(
      refused('Token was issued in the future'),
    );
    await expect(
      verifier.verify(token(family, { sub: 'a', exp: t - 2, nbf: t + 2, iat: t + 2 })),
    ).resolves.toMatchObject({ userId: 'a' });
  });
});

describe('key confusion', () => {
  const claims = { sub: 'mallory' };

  it.each(['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'])(
    '%s: the public key is no HMAC secret',
    async (name) => {
      const family = FAMILIES[name]!;
      const key = family.publicKey!;
      const pem = key.export({ type: 'spki', format: 'pem' }).toString();
      const forms = [
        pem,
        pem.trim(),
        pem.replaceAll('\n', ''),
        key.export({ type: 'spki', format: 'der' }),
        JSON.stringify(key.export({ format: 'jwk' })),
      ];
      for (const form of forms) {
        const forged = compact({ alg: 'HS256', typ: 'JWT' }, claims, hmac(form));
        expect(await refusal(verifierOf(family), forged)).toEqual(refused('Token algorithm is not accepted'));
      }
    },
  );

  it('an ECDSA signature of zeros proves nothing', async () => {
    const zeros = compact({ alg: 'ES256' }, claims, () => Buffer.alloc(64));
    expect(await refusal(verifierOf(FAMILIES['ES256']!), zeros)).toEqual(refused('Token signature is wrong'));
  });

  it('a key of the same type but another owner proves nothing', async () => {
    const other = { ...FAMILIES['HS256']!, sign: hmac(`${SECRET}x`) };
    expect(await refusal(verifierOf(FAMILIES['HS256']!), token(other, claims))).toEqual(
      refused('Token signature is wrong'),
    );
  });

  it('an empty secret proves nothing', async () => {
    const empty = compact({ alg: 'HS256' }, claims, (data) => createHmac('sha256', '').update(data).digest());
    expect(await refusal(verifierOf(FAMILIES['HS256']!), empty)).toEqual(refused('Token signature is wrong'));
  });

  it('an RSA-PSS key accepts PS only', async () => {
    const { publicKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const verifier = createTokenVerifier({ jwt: { key: { kind: 'public-key', pem }, ...rules } });
    expect(await refusal(verifier, token(FAMILIES['RS256']!, claims))).toEqual(
      refused('Token algorithm is not accepted'),
    );
  });
});

describe('the shape of a token', () => {
  const family = FAMILIES['HS256']!;
  const verifier = verifierOf(family);

  it.each([
    ['../../../../dev/null'],
    ["x' UNION SELECT 'secret' --"],
    ['\u0000'],
    ['http://169.254.169.254/latest'],
    [7],
    [{ $gt: '' }],
  ])('the key id %j finds nothing and changes nothing', async (kid) => {
    const requests = vi.spyOn(globalThis, 'fetch');
    await expect(verifier.verify(token(family, { sub: 'alice' }, { kid }))).resolves.toMatchObject({
      userId: 'alice',
    });
    const devNull = compact({ alg: 'HS256', kid }, { sub: 'alice' }, hmac(''));
    expect(await refusal(verifier, devNull)).toEqual(refused('Token signature is wrong'));
    expect(requests).not.toHaveBeenCalled();
  });

  it.each([
    ['nothing', ''],
    ['one part', 'abc'],
    ['five parts', 'a.b.c.d.e'],
    ['dots', '..'],
    ['white space', ` ${token(family, { sub: 'a' })}`],
    ['a line break', `${token(family, { sub: 'a' })}\n`],
    ['padding', `${token(family, { sub: 'a' })}=`],
    ['standard base64', token(family, { sub: 'a' }).replace(/^./, '+')],
    ['a header that is no JSON', compact('{', { sub: 'a' }, family.sign)],
    ['a header that is an array', compact('["HS256"]', { sub: 'a' }, family.sign)],
    ['a header that is null', compact('null', { sub: 'a' }, family.sign)],
    ['a payload that is no JSON', compact({ alg: 'HS256' }, '{', family.sign)],
    ['a payload that is an array', compact({ alg: 'HS256' }, '[{"sub":"a"}]', family.sign)],
    ['a payload that is null', compact({ alg: 'HS256' }, 'null', family.sign)],
    ['a payload that is a string', compact({ alg: 'HS256' }, '"alice"', family.sign)],
    ['an alg that is a list', compact({ alg: ['HS256', 'none'] }, { sub: 'a' }, family.sign)],
  ])('refuses %s', async (_what, given) => {
    expect(await refusal(verifier, given)).toEqual(refused());
  });

  it('refuses more than 8 KiB before it parses anything', async () => {
    const parse = vi.spyOn(JSON, 'parse');
    const given = token(family, { sub: 'a', pad: 'x'.repeat(8192) });
    expect(await refusal(verifier, given)).toEqual(refused('Token is too long'));
    expect(parse).not.toHaveBeenCalled();
  });

  it('reads a claim or parameter that stands twice one way only: the last', async () => {
    const twice = compact(
      { alg: 'HS256' },
      '{"sub":"mallory","sub":"alice","exp":1,"exp":9999999999}',
      family.sign,
    );
    await expect(verifier.verify(twice)).resolves.toMatchObject({
      userId: 'alice',
      expiresAt: 9_999_999_999_000,
    });
    const header = compact('{"alg":"HS256","alg":"none"}', { sub: 'a' }, family.sign);
    expect(await refusal(verifier, header)).toEqual(refused('Token algorithm is not accepted'));
  });

  it('takes nothing from the prototype', async () => {
    const polluting = compact(
      '{"alg":"HS256","__proto__":{"crit":["x"]}}',
      '{"__proto__":{"sub":"root","role":"admin"}}',
      family.sign,
    );
    expect(await refusal(verifier, polluting)).toEqual(refused('Token names no user'));
  });

  it('never repeats the token or a claim in the reason', async () => {
    const given = token(family, { sub: 'marker\u0007', iss: 'marker', exp: now() + 60 });
    const answer = JSON.stringify(await refusal(verifierOf(family, { issuer: 'wanted' }), given));
    expect(answer).not.toMatch(/marker|eyJ|wanted/);
  });
});
