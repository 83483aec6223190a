import fc from 'fast-check';
import * as ws from 'ws';
import { describe, expect, it } from 'vitest';
import type { AppError } from '../common/index.js';
import { JsonCodec } from './json-codec.js';
import { textFrame } from './text-frame.js';

/** Left out of the typings of `ws`. */
const { Receiver } = ws as unknown as { Receiver: new (options: object) => NodeJS.WritableStream };
const codec = new JsonCodec();
const decode = (text: string) => codec.decode(Buffer.from(text), false);
const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as AppError).code;
  }
};

describe(JsonCodec.name, () => {
  it('reads a frame', () => {
    expect(decode('{"type":"ping","id":7}')).toEqual({ type: 'ping', id: 7 });
  });

  it.each([
    ['no JSON', '{'],
    ['an array', '[]'],
    ['a number', '1'],
    ['null', 'null'],
    ['no type', '{"id":1}'],
    ['an empty type', '{"type":""}'],
    ['a type that is no string', '{"type":1}'],
    ['an endless type', `{"type":"${'x'.repeat(65)}"}`],
    ['an id that is an object', '{"type":"ping","id":{}}'],
    ['an endless id', `{"type":"ping","id":"${'x'.repeat(129)}"}`],
    ['more than an envelope', '{"type":"ping","extra":1}'],
    ['__proto__', '{"type":"ping","data":{"__proto__":{"a":1}}}'],
    ['constructor', '{"type":"ping","data":{"a":[{"constructor":1}]}}'],
    ['an escaped __proto__', '{"type":"ping","data":{"\\u005f_proto__":1}}'],
    ['a lone surrogate', '{"type":"ping","data":"\\ud800"}'],
    ['a lone surrogate in a key', '{"type":"ping","data":{"\\udc00":1}}'],
  ])('refuses %s as bad_frame', (_, text) => {
    expect(codeOf(() => decode(text))).toBe('bad_frame');
  });

  it('refuses binary', () => {
    expect(codeOf(() => codec.decode(Buffer.from('{"type":"ping"}'), true))).toBe('bad_frame');
  });

  it('refuses what is nested too deeply, at any depth', () => {
    const nested = (depth: number) => `{"type":"x","data":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(codeOf(() => decode(nested(15)))).toBeUndefined();
    for (const depth of [16, 17, 1000, 30_000]) expect(codeOf(() => decode(nested(depth)))).toBe('too_deep');
  });

  it('keeps the id of a frame it refuses', () => {
    expect(() => decode('{"type":"x","id":"a1","data":{"__proto__":1}}')).toThrow(
      expect.objectContaining({ frameId: 'a1' }),
    );
  });

  it('never throws anything but a coded refusal, whatever comes', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map(Buffer.from),
      fc.string().map(Buffer.from),
    );
    fc.assert(
      fc.property(anything, fc.boolean(), (bytes, isBinary) => {
        expect(['bad_frame', 'too_deep', undefined]).toContain(
          codeOf(() => codec.decode(Buffer.from(bytes), isBinary)),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('round-trips every plain frame', () => {
    const plain = fc
      .jsonValue({ maxDepth: 5 })
      .filter((value) => !JSON.stringify(value).match(/__proto__|constructor|prototype/));
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 64 }), plain, (type, data) => {
        const frame = JSON.parse(JSON.stringify({ type, data })) as { type: string; data: unknown };
        expect(codec.decode(Buffer.from(JSON.stringify(frame)), false)).toEqual(frame);
      }),
    );
  });
});

describe(textFrame.name, () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 100_000])(
    'builds a frame of %d bytes that a WebSocket reads back',
    async (length) => {
      const receiver = new Receiver({ isServer: false });
      const message = new Promise<Buffer>((resolve) =>
        receiver.on('message', (data: Buffer) => resolve(data)),
      );
      const text = 'x'.repeat(length);
      receiver.write(textFrame(text));
      expect((await message).toString()).toBe(text);
    },
  );

  it('counts bytes, not characters', async () => {
    const text = '鴉'.repeat(60);
    expect(textFrame(text).length).toBe(4 + 180);
  });
});
