import { describe, expect, it } from 'vitest';
import { clientFrame, FrameScanner, headLength, Opcode } from './frames.js';

/** As an honest server writes it. */
function serverFrame(payload: string, opcode: number = Opcode.Text): Buffer {
  const body = Buffer.from(payload);
  const head = Buffer.alloc(headLength(body.length));
  head[0] = 0x80 | opcode;
  head[1] = head.length === 2 ? body.length : head.length === 4 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(body.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(body.length), 2);
  return Buffer.concat([head, body]);
}

function scan(chunks: readonly Buffer[]): [opcode: number, payload: string][] {
  const found: [number, string][] = [];
  const scanner = new FrameScanner((opcode, data, start, end) =>
    found.push([opcode, data.toString('utf8', start, end)]),
  );
  for (const chunk of chunks) scanner.push(chunk);
  return found;
}

const SIZES = [0, 1, 125, 126, 65_535, 65_536];

describe('FrameScanner', () => {
  it.each(SIZES)('finds a frame of %d bytes', (size) => {
    const payload = 'x'.repeat(size);
    expect(scan([serverFrame(payload)])).toEqual([[Opcode.Text, payload]]);
  });

  it('finds every frame of one chunk, and of what kind it is', () => {
    const chunk = Buffer.concat([serverFrame('one'), serverFrame('', Opcode.Ping), serverFrame('two')]);
    expect(scan([chunk])).toEqual([
      [Opcode.Text, 'one'],
      [Opcode.Ping, ''],
      [Opcode.Text, 'two'],
    ]);
  });

  it('finds the same, wherever the stream is cut', () => {
    const payloads = ['a', 'b'.repeat(130), ''];
    const stream = Buffer.concat(payloads.map((payload) => serverFrame(payload)));
    for (let cut = 0; cut <= stream.length; cut++) {
      const found = scan([stream.subarray(0, cut), stream.subarray(cut)]);
      expect(found.map(([, payload]) => payload)).toEqual(payloads);
    }
  });

  it('finds frames that come byte by byte, in a buffer that is used again', () => {
    const shared = Buffer.alloc(1);
    const found: string[] = [];
    const scanner = new FrameScanner((_, data, start, end) => found.push(data.toString('utf8', start, end)));
    for (const byte of Buffer.concat([serverFrame('first'), serverFrame('second')])) {
      shared[0] = byte;
      scanner.push(shared);
    }
    expect(found).toEqual(['first', 'second']);
  });
});

describe('clientFrame', () => {
  it.each([0, 125, 126, 300])('masks %d bytes', (size) => {
    const frame = clientFrame('y'.repeat(size));
    const head = headLength(size);
    const key = frame.subarray(head, head + 4);
    const payload = frame.subarray(head + 4).map((byte, index) => byte ^ (key[index & 3] as number));
    expect((frame[1] ?? 0) & 0x80).toBe(0x80);
    expect(frame.length).toBe(head + 4 + size);
    expect(Buffer.from(payload).toString()).toBe('y'.repeat(size));
  });

  it('refuses what is too long for it', () => {
    expect(() => clientFrame('z'.repeat(65_536))).toThrow('Too long');
  });
});
