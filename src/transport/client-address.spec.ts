import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { addressSet, clientAddress, contains } from './client-address.js';

const request = (remoteAddress: string, forwarded?: string): IncomingMessage =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as never;

describe(clientAddress.name, () => {
  const trusted = addressSet(['10.0.0.0/8', '127.0.0.1']);

  it.each([
    ['no proxy', '203.0.113.9', undefined, '203.0.113.9'],
    ['a client that writes the header itself', '203.0.113.9', '1.1.1.1', '203.0.113.9'],
    ['one trusted proxy', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['a forged first part', '10.0.0.1', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['two trusted proxies', '127.0.0.1', '203.0.113.9, 10.1.2.3', '203.0.113.9'],
    ['an IPv4-mapped proxy', '::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['rubbish in the header', '10.0.0.1', 'unknown', '10.0.0.1'],
    ['a proxy that says nothing', '10.0.0.1', undefined, '10.0.0.1'],
  ])('with %s', (_, remote, forwarded, expected) => {
    expect(clientAddress(request(remote, forwarded), trusted)).toBe(expected);
  });
});

describe(addressSet.name, () => {
  it('matches ranges of both families and mapped addresses', () => {
    const set = addressSet(['192.0.2.0/24', '2001:db8::/32', '198.51.100.7']);
    expect(
      ['192.0.2.200', '::ffff:192.0.2.1', '2001:db8:1::1', '198.51.100.7'].map((each) => contains(set, each)),
    ).toEqual([true, true, true, true]);
    expect(
      ['192.0.3.1', '2001:db9::1', '198.51.100.8', 'nonsense'].map((each) => contains(set, each)),
    ).toEqual([false, false, false, false]);
  });
});
