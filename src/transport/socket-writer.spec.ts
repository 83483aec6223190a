import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { SocketWriter } from './socket-writer.js';

const KiB = 1024;
const FRAME = 4 * KiB;
const HIGH_WATER = 16 * KiB;
/** What is handed over at a time when much waits. */
const SLICE = 128 * KiB;

/** A socket that takes what the test lets it take, write by write. */
class SlowStream extends Duplex {
  readonly taken: Buffer[] = [];
  isFull = false;
  private go?: () => void;

  constructor() {
    super({ writableHighWaterMark: HIGH_WATER });
  }

  override _write(chunk: Buffer, _: BufferEncoding, callback: () => void): void {
    this.swallow([chunk], callback);
  }

  override _writev(chunks: { chunk: Buffer }[], callback: () => void): void {
    this.swallow(
      chunks.map(({ chunk }) => chunk),
      callback,
    );
  }

  override _read(): void {}

  /** Takes what was given and is full again, or not. */
  drain(isFull: boolean): void {
    this.isFull = isFull;
    const { go } = this;
    this.go = undefined;
    go?.();
  }

  private swallow(chunks: Buffer[], callback: () => void): void {
    this.taken.push(...chunks);
    if (this.isFull) this.go = callback;
    else callback();
  }
}

describe(SocketWriter.name, () => {
  let stream: SlowStream;
  let writer: SocketWriter;
  let drained: number;
  let sent: number;

  beforeEach(() => {
    stream = new SlowStream();
    drained = sent = 0;
    const webSocket = { readyState: 1, close: () => stream.write('close'), ping() {}, terminate() {} };
    writer = new SocketWriter(webSocket, stream, { drained: () => drained++, ending() {} });
  });

  const write = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const frame = Buffer.alloc(FRAME);
      frame.writeUInt32LE(++sent);
      writer.write(frame);
    }
  };
  const bytesTaken = (): number => stream.taken.reduce((sum, { length }) => sum + length, 0);
  const numbersTaken = (): number[] => {
    const bytes = Buffer.concat(stream.taken);
    return Array.from({ length: Math.floor(bytes.length / FRAME) }, (_, i) => bytes.readUInt32LE(i * FRAME));
  };
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

  it('hands over what one turn had in one piece, and in order', async () => {
    write(3);
    expect(stream.taken).toHaveLength(0);
    await nextTurn();
    expect(stream.taken).toHaveLength(1);
    expect(numbersTaken()).toEqual([1, 2, 3]);
  });

  it('leaves a list of frames as it is, whatever follows it', async () => {
    const frames = [Buffer.from('a'), Buffer.from('b')];
    writer.writeAll(frames, 2);
    writer.write(Buffer.from('c'));
    writer.beforeFlush(() => Buffer.from('d'));
    expect(writer.bufferedBytes).toBe(3);
    await nextTurn();
    writer.writeAll(frames, 2);
    writer.beforeFlush(() => Buffer.from('e'));
    await nextTurn();
    writer.write(Buffer.from('f'));
    writer.writeAll(frames, 2);
    await nextTurn();
    expect([stream.taken.map(String), frames.map(String)]).toEqual([
      ['abcd', 'abe', 'fab'],
      ['a', 'b'],
    ]);
    expect(writer.bufferedBytes).toBe(0);
  });

  it('gives a full socket no more than it asked for, and keeps the rest', async () => {
    stream.isFull = true;
    for (let i = 0; i < 256; i++) {
      write(1);
      await nextTurn();
    }
    expect(stream.writableLength).toBeLessThanOrEqual(HIGH_WATER);
    expect(writer.bufferedBytes).toBe(256 * FRAME);
  });

  it('lets what waited follow in slices, one in a turn, in order with what came meanwhile', async () => {
    stream.isFull = true;
    write(4);
    await nextTurn();
    write(100);
    await nextTurn();
    expect(bytesTaken()).toBe(4 * FRAME);
    stream.drain(false);
    let before = bytesTaken();
    for (let turn = 0; numbersTaken().length < sent; turn++) {
      await nextTurn();
      if (turn === 1) write(5);
      expect(bytesTaken() - before).toBeLessThanOrEqual(SLICE);
      before = bytesTaken();
      expect(turn).toBeLessThan(20);
    }
    expect(numbersTaken()).toEqual(upTo(109));
    expect(writer.bufferedBytes).toBe(0);
  });

  it('stops again when the socket is full again, and says once when nothing waits any more', async () => {
    stream.isFull = true;
    write(4);
    await nextTurn();
    write(100);
    await nextTurn();
    writer.awaitDrain();
    for (let slice = 0; numbersTaken().length < sent; slice++) {
      const before = bytesTaken();
      stream.drain(true);
      await nextTurn();
      await nextTurn();
      expect(bytesTaken() - before).toBeLessThanOrEqual(SLICE);
      expect(drained).toBe(0);
      expect(slice).toBeLessThan(10);
    }
    stream.drain(false);
    await nextTurn();
    expect(numbersTaken()).toEqual(upTo(104));
    expect(drained).toBe(1);
  });

  it('says that nothing waits when a turn had much and the socket takes it', async () => {
    write(300);
    writer.awaitDrain();
    await nextTurn();
    expect(drained).toBe(1);
    expect(numbersTaken()).toEqual(upTo(300));
  });

  it('says that nothing waits also when that was too little to make the stream say so', async () => {
    stream.isFull = true;
    write(1);
    await nextTurn();
    expect(stream.writableNeedDrain).toBe(false);
    writer.awaitDrain();
    await nextTurn();
    expect(drained).toBe(0);
    stream.drain(false);
    await nextTurn();
    expect(drained).toBe(1);
  });

  it('hands over everything before the close frame', async () => {
    stream.isFull = true;
    write(4);
    await nextTurn();
    write(100);
    writer.close(1000, '');
    stream.drain(false);
    await nextTurn();
    expect(numbersTaken()).toEqual(upTo(104));
    expect(stream.taken.at(-1)?.toString()).toBe('close');
  });

  it('puts what goes last behind all that waited', async () => {
    stream.isFull = true;
    write(4);
    await nextTurn();
    write(60);
    writer.beforeFlush(() => Buffer.from('last'));
    stream.drain(false);
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    expect(numbersTaken()).toEqual(upTo(64));
    expect(Buffer.concat(stream.taken).subarray(-4).toString()).toBe('last');
  });

  it('forgets what waits for a socket that is gone', async () => {
    stream.isFull = true;
    write(4);
    await nextTurn();
    write(100);
    stream.drain(false);
    stream.destroy();
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    expect(writer.bufferedBytes).toBe(0);
    expect(numbersTaken()).toEqual(upTo(4));
  });
});

/** A stream that remembers what it was given at once. */
function setUp() {
  const writes: string[] = [];
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, done) => (writes.push(chunk.toString()), done()),
    writev: (chunks, done) => {
      writes.push(chunks.map(({ chunk }) => (chunk as Buffer).toString()).join('+'));
      done();
    },
  });
  const webSocket = {
    readyState: 1,
    close: () => undefined,
    ping: () => undefined,
    terminate: () => undefined,
  };
  const writer = new SocketWriter(webSocket, stream, { drained: () => undefined, ending: () => undefined });
  return { writer, stream, writes };
}

describe('what answered the handshake', () => {
  it('leaves in one write with the frames of that turn', async () => {
    const { writer, stream, writes } = setUp();
    stream.cork();
    stream.write('101');
    writer.begin();
    writer.write(Buffer.from('hello'));
    writer.write(Buffer.from(' synced'));
    await nextTurn();
    expect(writes).toEqual(['101+hello synced']);
    writer.write(Buffer.from('later'));
    await nextTurn();
    expect(writes).toEqual(['101+hello synced', 'later']);
  });

  it('leaves in that turn without any, or before the close', async () => {
    const alone = setUp();
    alone.stream.cork();
    alone.stream.write('101');
    alone.writer.begin();
    await nextTurn();
    expect(alone.writes).toEqual(['101']);
    const closed = setUp();
    closed.stream.cork();
    closed.stream.write('101');
    closed.writer.begin();
    closed.writer.write(Buffer.from('hello'));
    closed.writer.close(1008, 'no');
    expect(closed.writes).toEqual(['101+hello']);
    await nextTurn();
    expect(closed.writes).toEqual(['101+hello']);
  });
});
