import { describe, expect, it, vi } from 'vitest';
import type { Codec } from './codec.js';
import { HubEvent } from './hub-event.js';

const codec = () => ({ encode: vi.fn((frame) => Buffer.from(JSON.stringify(frame))) }) as unknown as Codec;
const said = (bytes: Buffer) => (JSON.parse(bytes.toString()) as { data: string }).data;

describe('an event in several languages', () => {
  const translated = () =>
    new HubEvent('x', 'hello', {
      closest: (locale) => (locale.startsWith('de') ? 'de' : undefined),
      data: (locale) => `hello in ${locale}`,
    });

  it('is the closest one to the reader, or as it is', () => {
    const [event, json] = [translated(), codec()];
    expect([undefined, null, 'fr', 'de', 'de-at'].map((locale) => said(event.bytes(json, locale)))).toEqual([
      'hello',
      'hello',
      'hello',
      'hello in de',
      'hello in de',
    ]);
  });

  it('is encoded once per language and codec, however many readers and languages ask', () => {
    const [event, one, other] = [translated(), codec(), codec()];
    for (const each of [one, other])
      for (let n = 0; n < 100; n++)
        for (const locale of [null, `de-${n}`, `fr-${n}`]) event.bytes(each, locale);
    expect([one.encode, other.encode].map((encode) => vi.mocked(encode).mock.calls.length)).toEqual([2, 2]);
  });
});
