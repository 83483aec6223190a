import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compact, hmac } from '../../test/support/signed-tokens.js';
import type { JwksTiming } from './jwks-keys.js';
import { JoseTokenVerifier } from './jose-token-verifier.js';

const rules = { userClaims: ['sub'], leeway: 5, requireExpiry: false };
type Pair = { publicKey: KeyObject; privateKey: KeyObject };

const ed = (): Pair => generateKeyPairSync('ed25519');
const jwk = (pair: Pair, extra: object) => ({ ...pair.publicKey.export({ format: 'jwk' }), ...extra });
const signed = (pair: Pair, header: object, payload: object = { sub: 'alice' }): string =>
  compact({ alg: 'EdDSA', ...header }, { ...payload }, (data) =>
    sign(null, Buffer.from(data), pair.privateKey),
  );

describe('a published key set', () => {
  let server: Server;
  let url: string;
  let requests: number;
  let answer: { status: number; body: string };
  const publish = (...keys: object[]) => (answer = { status: 200, body: JSON.stringify({ keys }) });
  const verifier = (timing?: Partial<JwksTiming>) =>
    new JoseTokenVerifier({ kind: 'jwks', url }, rules, timing);

  beforeEach(async () => {
    requests = 0;
    server = createServer((_request, response) => {
      requests++;
      response
        .writeHead(answer.status, { 'content-type': 'application/json', location: '/elsewhere' })
        .end(answer.body);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  });

  afterEach(() => {
    vi.useRealTimers();
    server.closeAllConnections();
    return new Promise<void>((done) => server.close(() => done()));
  });

  it('proves tokens of its keys, of every family, with one request', async () => {
    const [a, b] = [ed(), generateKeyPairSync('ec', { namedCurve: 'P-256' })];
    publish(jwk(a, { kid: 'a' }), jwk(b, { kid: 'b' }));
    const port = verifier();
    const ec = compact({ alg: 'ES256', kid: 'b' }, { sub: 'bob' }, (data) =>
      sign('sha256', Buffer.from(data), { key: b.privateKey, dsaEncoding: 'ieee-p1363' }),
    );
    await expect(port.verify(signed(a, { kid: 'a' }))).resolves.toMatchObject({ userId: 'alice' });
    await expect(port.verify(signed(a, { kid: 'a', alg: 'Ed25519' }))).resolves.toMatchObject({
      userId: 'alice',
    });
    await expect(port.verify(ec)).resolves.toMatchObject({ userId: 'bob' });
    expect(requests).toBe(1);
  });

  it('tries each key that fits a token without a key id', async () => {
    const [a, b, stranger] = [ed(), ed(), ed()];
    publish(jwk(a, { kid: 'a' }), jwk(b, { kid: 'b' }));
    await expect(verifier().verify(signed(b, {}))).resolves.toMatchObject({ userId: 'alice' });
    await expect(verifier().verify(signed(stranger, {}))).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('follows a rotation, and stops believing the key that left', async () => {
    const [old, next] = [ed(), ed()];
    publish(jwk(old, { kid: 'old' }));
    const port = verifier({ cooldown: 0 });
    await port.verify(signed(old, { kid: 'old' }));
    publish(jwk(next, { kid: 'next' }));
    await expect(port.verify(signed(next, { kid: 'next' }))).resolves.toMatchObject({ userId: 'alice' });
    await expect(port.verify(signed(old, { kid: 'old' }))).rejects.toMatchObject({
      message: 'Token key is not known',
    });
  });

  it('is asked once per cooldown, however many strange tokens come', async () => {
    const key = ed();
    publish(jwk(key, { kid: 'a' }));
    const port = verifier();
    await port.verify(signed(key, { kid: 'a' }));
    for (let i = 0; i < 50; i++) {
      await expect(port.verify(signed(key, { kid: `k${i}` }))).rejects.toMatchObject({
        code: 'unauthenticated',
      });
    }
    expect(requests).toBe(1);
  });

  it.each([['../../etc/passwd\u0000'], ['a b'], ["'\n--"], ['x'.repeat(257)], [7], [{}], ['']])(
    'is not asked for the key id %j',
    async (kid) => {
      publish();
      await expect(verifier().verify(signed(ed(), { kid }))).rejects.toMatchObject({
        code: 'unauthenticated',
      });
      expect(requests).toBe(0);
    },
  );

  it('never lends a key to another algorithm, nor an HMAC a key of the set', async () => {
    const key = ed();
    const secret = Buffer.from('0'.repeat(32));
    publish(jwk(key, { kid: 'a' }), { kty: 'oct', kid: 'h', k: secret.toString('base64url') });
    const hs = compact({ alg: 'HS256', kid: 'h' }, { sub: 'mallory' }, hmac(secret));
    await expect(verifier().verify(hs)).rejects.toMatchObject({ message: 'Token algorithm is not accepted' });
    await expect(verifier().verify(signed(key, { kid: 'a', alg: 'RS256' }))).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });

  it.each([
    [500, '{}'],
    [302, ''],
    [200, 'not json'],
    [200, '{"keys":7}'],
  ])('that answers %i %s makes nobody a liar: unavailable, try again', async (status, body) => {
    answer = { status, body };
    await expect(verifier().verify(signed(ed(), { kid: 'a' }))).rejects.toMatchObject({
      code: 'unavailable',
      retryAfter: 2,
    });
  });

  it('that does not answer in time is unavailable', async () => {
    server.removeAllListeners('request').on('request', () => {});
    const port = verifier({ timeout: 50 });
    await expect(port.verify(signed(ed(), { kid: 'a' }))).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('that is down is not asked again for every token', async () => {
    answer = { status: 503, body: '' };
    const port = verifier();
    for (let i = 0; i < 20; i++) await port.verify(signed(ed(), { kid: 'a' })).catch(() => {});
    expect(requests).toBe(1);
  });

  it('that is down is believed by its last known keys for a while, and no longer', async () => {
    const key = ed();
    publish(jwk(key, { kid: 'a' }));
    const port = verifier({ retryAfter: 0 });
    await port.verify(signed(key, { kid: 'a' }));
    answer = { status: 503, body: '' };
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1_800_000 });
    await expect(port.verify(signed(key, { kid: 'a' }))).resolves.toMatchObject({ userId: 'alice' });
    await expect(port.verify(signed(ed(), { kid: 'b' }))).rejects.toMatchObject({ code: 'unavailable' });
    vi.setSystemTime(Date.now() + 3_600_000);
    await expect(port.verify(signed(key, { kid: 'a' }))).rejects.toMatchObject({ code: 'unavailable' });
  });
});
