import { ErrorCode } from '@rookery/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError, Deferred } from '../../common/index.js';
import { HubEvent } from '../../hub/index.js';
import { DeliveryMarks } from './delivery-marks.js';

/** FIN and the opcode. */
const PING = 0x89;

/** A socket that keeps what leaves it, and a store that answers when told to. */
class Host {
  /** What each ping says. */
  readonly pings: string[] = [];
  readonly marks: { place: string; stored: Deferred<null> }[] = [];
  private last?: () => Buffer | undefined;

  beforeFlush(last: () => Buffer | undefined): void {
    this.last = last;
  }

  writeFrame(frame: Buffer): void {
    if (frame[0] !== PING) throw new Error('No ping');
    this.pings.push(frame.subarray(2).toString());
  }

  markDelivered(conversation: string, seq: number): Deferred<null> {
    const stored = new Deferred<null>();
    this.marks.push({ place: `${conversation}#${seq}`, stored });
    return stored;
  }

  flush(): void {
    const frame = this.last?.();
    this.last = undefined;
    if (frame) this.writeFrame(frame);
  }

  get places(): string[] {
    return this.marks.map(({ place }) => place);
  }

  settle(outcome: 'stored' | ErrorCode = 'stored'): void {
    for (const { stored } of this.marks)
      if (outcome === 'stored') stored.resolve(null);
      else stored.reject(new AppError(outcome));
  }
}

const message = (seq: number, conversation = 'dm:a:b'): HubEvent =>
  new HubEvent('chat.message', { conversation, seq });

let host: Host;
let marks: DeliveryMarks;
const write = (...events: HubEvent[]): void => {
  for (const event of events) marks.written(event);
  host.flush();
};
const answerLast = (): void => marks.answered(host.pings.at(-1) as string);

beforeEach(() => {
  vi.useFakeTimers();
  host = new Host();
  marks = new DeliveryMarks(host);
});
afterEach(() => vi.useRealTimers());

describe('delivery marks', () => {
  it('put one ping behind what is written at once, and mark the last of each conversation when it is answered', () => {
    write(message(1), message(2), message(1, 'G1'));
    expect(host.pings).toHaveLength(1);
    expect(host.places).toEqual([]);
    answerLast();
    expect(host.places).toEqual(['dm:a:b#2', 'G1#1']);
  });

  it('know what is no entry, and no answer', () => {
    write(new HubEvent('chat.typing', { conversation: 'dm:a:b' }));
    expect(host.pings).toEqual([]);
    marks.answered('1');
    write(message(1));
    for (const said of ['', 'x', '11', String(Number(host.pings[0]) + 1)]) marks.answered(said);
    expect(host.places).toEqual([]);
    answerLast();
    answerLast();
    expect(host.places).toEqual(['dm:a:b#1']);
  });

  it('never mark what was written behind the ping that is answered', () => {
    write(message(1));
    write(message(2));
    expect(host.pings).toHaveLength(1);
    answerLast();
    expect(host.places).toEqual(['dm:a:b#1']);
    host.settle();
    vi.advanceTimersByTime(199);
    expect(host.pings).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(host.pings).toHaveLength(2);
    expect(host.pings[1]).not.toBe(host.pings[0]);
    answerLast();
    expect(host.places).toEqual(['dm:a:b#1', 'dm:a:b#2']);
  });

  it('ask behind what is written as soon as it is time, and not by themselves', () => {
    const pingsAfter = (wait: number) => {
      vi.advanceTimersByTime(wait);
      write(message(++seq));
      answerLast();
      host.settle();
      return host.pings.length;
    };
    let seq = 0;
    expect([pingsAfter(0), pingsAfter(99), pingsAfter(1)]).toEqual([1, 1, 2]);
    expect(host.places.at(-1)).toBe('dm:a:b#3');
    vi.advanceTimersByTime(1000);
    expect(host.pings).toHaveLength(2);
  });

  it('ask about what was written under an answer that takes long, though nothing else is written', () => {
    write(message(1));
    write(message(2));
    vi.advanceTimersByTime(5000);
    expect(host.pings).toHaveLength(1);
    answerLast();
    host.settle();
    vi.advanceTimersByTime(1);
    expect(host.pings).toHaveLength(2);
    answerLast();
    expect(host.places).toEqual(['dm:a:b#1', 'dm:a:b#2']);
  });

  it('ask ten times a second at most, however much is written', () => {
    for (let seq = 1; seq <= 1000; seq++) {
      write(message(seq));
      answerLast();
      host.settle();
      vi.advanceTimersByTime(1);
    }
    expect(host.pings.length).toBeLessThanOrEqual(11);
    vi.advanceTimersByTime(200);
    answerLast();
    expect(host.places.at(-1)).toBe('dm:a:b#1000');
  });

  it('ask a last time when the server ends the connection, and take that answer alone', () => {
    write(message(1));
    const first = host.pings[0] as string;
    write(message(2));
    marks.askNow();
    expect(host.pings).toHaveLength(2);
    marks.answered(first);
    expect(host.places).toEqual([]);
    answerLast();
    expect(host.places).toEqual(['dm:a:b#2']);
  });

  it('gather while others are being stored', () => {
    write(message(1));
    answerLast();
    vi.advanceTimersByTime(100);
    write(message(2));
    answerLast();
    expect(host.places).toEqual(['dm:a:b#1']);
    host.settle();
    expect(host.places).toEqual(['dm:a:b#1', 'dm:a:b#2']);
  });

  it('try again what the store could not take, and with it what came since', () => {
    write(message(1), message(7, 'G1'));
    answerLast();
    host.settle(ErrorCode.Unavailable);
    vi.advanceTimersByTime(100);
    expect(host.places).toHaveLength(2);
    vi.advanceTimersByTime(1000);
    expect(host.places.slice(2).toSorted()).toEqual(['G1#7', 'dm:a:b#1']);
    write(message(2));
    answerLast();
    host.settle();
    expect(host.places.at(-1)).toBe('dm:a:b#2');
  });

  it('do not try again what is refused for good', () => {
    write(message(1));
    answerLast();
    host.settle(ErrorCode.NotFound);
    vi.advanceTimersByTime(10_000);
    expect(host.places).toEqual(['dm:a:b#1']);
  });

  it('are quiet once the socket is closed', () => {
    write(message(1));
    answerLast();
    write(message(2));
    host.settle(ErrorCode.Unavailable);
    marks.closed();
    vi.advanceTimersByTime(10_000);
    expect([host.pings.length, host.marks.length]).toEqual([1, 1]);
  });
});
