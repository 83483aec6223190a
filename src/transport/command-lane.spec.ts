import { of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Frame } from '@rookery/protocol';
import { Deferred, toAppError } from '../common/index.js';
import type { CommandHandler } from './command-handlers.js';
import { CommandLane, type LaneHost } from './command-lane.js';
import { JsonCodec } from './json-codec.js';

/** A connection that keeps what it is told. */
class Host implements LaneHost {
  readonly said: string[] = [];
  readonly handlers = new Map<string, CommandHandler>();
  closed = false;
  pauses = 0;
  resumes = 0;
  failure: unknown;
  readonly lane = new CommandLane(this);
  private readonly codec = new JsonCodec();

  decode(payload: Buffer, isBinary: boolean): Frame {
    return this.codec.decode(payload, isBinary);
  }
  admit = () => undefined;
  handlerOf = (type: string) => this.handlers.get(type);
  takeFailure(): unknown {
    const failure = this.failure;
    this.failure = undefined;
    return failure;
  }
  succeed(_command: string, frame?: Frame): void {
    if (frame) this.said.push(`${frame.type} ${frame.id} ${JSON.stringify(frame.data)}`);
  }
  refuse(error: unknown, { id }: { id?: Frame['id'] }): void {
    this.said.push(`${toAppError(error).code} ${id}`);
  }
  room = () => undefined;
  pause(): void {
    this.pauses++;
  }
  resume(): void {
    this.resumes++;
  }

  async feed(...frames: unknown[]): Promise<void> {
    for (const frame of frames) this.lane.push(Buffer.from(JSON.stringify(frame)), false);
    await this.lane.idle();
  }
}

describe(CommandLane.name, () => {
  it('handles one command after another, however long each takes', async () => {
    const host = new Host();
    const gates = [new Deferred<string>(), new Deferred<string>()];
    const started: number[] = [];
    host.handlers.set('wait', (data) => {
      started.push(data as number);
      return gates[data as number]?.toPromise();
    });
    const done = host.feed({ type: 'wait', id: 'a', data: 0 }, { type: 'wait', id: 'b', data: 1 });
    gates[1]?.resolve('second');
    await Promise.resolve();
    expect(started).toEqual([0]);
    gates[0]?.resolve('first');
    await done;
    expect(host.said).toEqual(['ok a "first"', 'ok b "second"']);
  });

  it('begins the next command while a deferred answer is outstanding, and holds back any other kind', async () => {
    const host = new Host();
    const answers: Deferred<number>[] = [];
    host.handlers.set('send', () => {
      answers.push(new Deferred());
      return answers.at(-1);
    });
    host.handlers.set('history', () => 'seen');
    const first = host.feed({ type: 'send', id: 0 });
    await new Promise(setImmediate);
    answers[0]?.resolve(0);
    await first;
    const rest = host.feed({ type: 'send', id: 1 }, { type: 'send', id: 2 }, { type: 'history', id: 3 });
    await new Promise(setImmediate);
    expect(answers).toHaveLength(3);
    expect(host.said).toEqual(['ok 0 0']);
    answers[1]?.resolve(1);
    answers[2]?.resolve(2);
    await rest;
    expect(host.said).toEqual(['ok 0 0', 'ok 1 1', 'ok 2 2', 'ok 3 "seen"']);
  });

  it('answers everything: no such command, a throwing handler, a rejected deferred, no frame at all', async () => {
    const host = new Host();
    host.handlers.set('throw', () => Promise.reject(new Error('inside')));
    host.handlers.set('later', () => {
      const answer = new Deferred();
      answer.reject(new Error('inside'));
      return answer;
    });
    host.handlers.set('filtered', () => {
      host.failure = new Error('caught by the filter');
    });
    await host.feed(
      { type: 'nope', id: 1 },
      { type: 'throw', id: 2 },
      { type: 'later', id: 3 },
      { type: 'filtered', id: 4 },
      'no frame',
    );
    expect(host.said).toEqual([
      'unknown_command 1',
      'internal 2',
      'internal 3',
      'internal 4',
      'bad_frame undefined',
    ]);
  });

  it('understands what Nest handlers return: a value, nothing, a WsResponse, an Observable', async () => {
    const host = new Host();
    host.handlers.set('value', () => ({ a: 1 }));
    host.handlers.set('nothing', () => undefined);
    host.handlers.set('response', () => ({ event: 'pong', data: 5 }));
    host.handlers.set('observable', () => of(1, 2));
    host.handlers.set('broken', () => throwError(() => new Error('inside')));
    await host.feed(
      { type: 'value', id: 1 },
      { type: 'nothing', id: 2 },
      { type: 'nothing' },
      { type: 'response', id: 3 },
      { type: 'observable', id: 4 },
      { type: 'broken', id: 5 },
    );
    expect(host.said).toEqual(['ok 1 {"a":1}', 'ok 2 null', 'pong 3 5', 'ok 4 1', 'ok 4 2', 'internal 5']);
  });

  it('stops reading the socket when too much waits, and reads on when it has caught up', async () => {
    const host = new Host();
    const gate = new Deferred<number>();
    host.handlers.set('wait', () => gate.toPromise());
    const done = host.feed(...Array.from({ length: 100 }, (_, id) => ({ type: 'wait', id })));
    expect([host.pauses, host.resumes]).toEqual([1, 0]);
    gate.resolve(1);
    await done;
    expect([host.pauses, host.resumes]).toEqual([1, 1]);
    expect(host.said).toHaveLength(100);
  });

  it('drops what waits once the connection is closed', async () => {
    const host = new Host();
    host.handlers.set('close', () => {
      host.closed = true;
    });
    await host.feed({ type: 'close', id: 1 }, { type: 'close', id: 2 });
    expect(host.said).toEqual(['ok 1 null']);
  });
});
