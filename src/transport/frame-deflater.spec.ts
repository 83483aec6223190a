import { describe, expect, it } from 'vitest';
import { inflatedPayload, readFrame } from '../../test/support/raw-frames.js';
import { DEFLATE_THRESHOLD, FrameDeflater } from './frame-deflater.js';
import { textFrame } from './text-frame.js';

const textOf = (length: number): string => 'ab鴉 '.repeat(Math.ceil(length / 6)).slice(0, length);

/** What a client makes of frames: whether each was compressed, and its text. */
function readAll(frames: Buffer): [boolean, string][] {
  const found: [boolean, string][] = [];
  for (let next = readFrame(frames); next; next = readFrame(next.rest)) {
    const { compressed, payload } = next.frame;
    found.push([compressed, (compressed ? inflatedPayload(payload) : payload).toString()]);
  }
  return found;
}

function deflater(): { deflater: FrameDeflater; compressions: () => number } {
  let count = 0;
  return { deflater: new FrameDeflater(() => count++), compressions: () => count };
}

describe(FrameDeflater.name, () => {
  it.each([0, 125, 126, DEFLATE_THRESHOLD - 1])('leaves an ASCII message of %d bytes as it is', (length) => {
    const { deflater: it, compressions } = deflater();
    const frame = textFrame('x'.repeat(length));
    expect(it.deflate(frame)).toEqual(frame);
    expect(compressions()).toBe(0);
  });

  it.each([DEFLATE_THRESHOLD, 5000, 65_535, 65_536, 1_000_000])(
    'compresses one of %d characters, which reads back',
    (length) => {
      const text = textOf(length);
      const { deflater: it, compressions } = deflater();
      const deflated = it.deflate(textFrame(text));
      expect(readAll(deflated)).toEqual([[true, text]]);
      expect(deflated.length).toBeLessThan(textFrame(text).length / 10);
      expect(compressions()).toBe(1);
    },
  );

  it('needs nothing of an earlier message to read a later one', () => {
    const { deflater: it } = deflater();
    const texts = Array.from({ length: 20 }, (_, index) => `${index} ${textOf(3000)}`);
    const frames = texts.map((text) => it.deflate(textFrame(text)));
    expect(frames.reverse().flatMap(readAll)).toEqual(texts.reverse().map((text) => [true, text]));
  });

  it('compresses a frame once, however many connections it goes to', () => {
    const { deflater: it, compressions } = deflater();
    const frame = textFrame(textOf(2000));
    const first = it.deflate(frame);
    for (let connection = 1; connection < 20; connection++) expect(it.deflate(frame)).toBe(first);
    expect(compressions()).toBe(1);
  });

  it('takes each of several frames for itself', () => {
    const { deflater: it, compressions } = deflater();
    const texts = [textOf(10), textOf(2000), textOf(70_000), textOf(20)];
    const frames = Buffer.concat(texts.map(textFrame));
    expect(readAll(it.deflate(frames))).toEqual(texts.map((text) => [text.length > 1000, text]));
    expect(compressions()).toBe(2);
  });
});
