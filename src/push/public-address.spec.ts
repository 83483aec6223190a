import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo, LookupFunction } from 'node:net';
import { describe, expect, it } from 'vitest';
import { failureOf, Poster } from './http-post.js';
import { guardedLookup, isPublicAddress, namesPrivateAddress } from './public-address.js';

const PRIVATE = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '192.0.0.8',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::1',
  'fc00::1',
  'fd12:3456::1',
  'ff02::1',
  '2001:db8::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:a9fe:a9fe',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001:0:1::1',
];

describe('an address', () => {
  it.each(PRIVATE)('%s is not public', (address) => expect(isPublicAddress(address)).toBe(false));
  it.each(['1.1.1.1', '93.184.216.34', '172.32.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])(
    '%s is public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );
  it.each(['', 'x', '1.1.1', '1.1.1.1.1', 'localhost'])('%j is none', (text) =>
    expect(isPublicAddress(text)).toBe(false),
  );

  it.each([
    'http://127.0.0.1/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://127.1/',
    'http://017700000001/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://169.254.169.254/latest/meta-data',
    'http://①②⑦.0.0.1/',
  ])('is found in %s however it is written', (url) => expect(namesPrivateAddress(new URL(url))).toBe(true));
});

describe('a name', () => {
  const resolving = (...answers: string[][]) => {
    const left = [...answers];
    return guardedLookup((_name, _options, callback) =>
      callback(
        null,
        (left.shift() ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    );
  };
  const ask = (lookup: ReturnType<typeof resolving>, all = true) =>
    new Promise((resolve) =>
      lookup('push.test', { all }, (error, address) => resolve(error?.name ?? address)),
    );

  it('gives public addresses as they are', async () => {
    const one = { address: '1.1.1.1', family: 4 };
    expect(await ask(resolving(['1.1.1.1']))).toEqual([one]);
    expect(await ask(resolving(['1.1.1.1']), false)).toBe('1.1.1.1');
  });

  it.each([[['127.0.0.1']], [['1.1.1.1', '10.0.0.1']], [['::ffff:192.168.0.1']], [[]]])(
    'that leads to %j is refused',
    async (addresses) => expect(await ask(resolving(addresses))).toBe('PrivateAddressError'),
  );

  it('that changes its mind is judged by what is connected to, each time: nothing arrives', async () => {
    let arrived = 0;
    const server = createServer((_, response) => response.end(String(++arrived))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const rebinding = resolving(['1.1.1.1', '127.0.0.1'], ['127.0.0.1'], ['::1'], ['::ffff:127.0.0.1']);
    const poster = new Poster({
      timeout: 2000,
      concurrency: 1,
      anyAddress: false,
      lookup: rebinding as LookupFunction,
    });
    for (let attempt = 0; attempt < 4; attempt++) {
      const failure = await poster
        .send({ url: `http://push.test:${port}/`, headers: {}, body: '' })
        .catch((error: unknown) => failureOf(error));
      expect(failure).toEqual({ kind: 'rejected', reason: 'Not a public address' });
    }
    expect(arrived).toBe(0);

    // The very same way does reach it where the address is allowed: the refusals above are no accident.
    const open = new Poster({ timeout: 2000, concurrency: 1, anyAddress: true });
    const answer = await open.send({ url: `http://localhost:${port}/`, headers: {}, body: '' });
    expect([answer.status, arrived]).toEqual([200, 1]);
    for (const each of [poster, open]) each.close();
    server.close();
  });
});
