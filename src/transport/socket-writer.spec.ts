import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { SocketWriter } from './socket-writer.js';

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
