import { from, NEVER, of, range, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Deferred } from '../common/index.js';
import { ReplyStreams } from './reply-stream.js';

const roomy = (): undefined => undefined;

describe(ReplyStreams.name, () => {
  it('replies each emission at once, however many there are, while there is room', async () => {
    const said: unknown[] = [];
    await new ReplyStreams(roomy).follow(range(0, 5000), (value) => said.push(value));
    expect(said).toHaveLength(5000);
  });

  it('waits for room between two emissions, in their order', async () => {
    const said: unknown[] = [];
    let open!: () => void;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const streams = new ReplyStreams(() => (said.length === 1 ? gate : undefined));
    const done = streams.follow(from([1, 2, 3]), (value) => said.push(value));
    await new Promise(setImmediate);
    expect(said).toEqual([1]);
    open();
    await done;
    expect(said).toEqual([1, 2, 3]);
  });

  it('replies what an answer settles to, and fails with its error', async () => {
    const said: unknown[] = [];
    const streams = new ReplyStreams(roomy);
    const [stored, refused] = [new Deferred<string>(), new Deferred<string>()];
    const done = streams.follow(of(stored, refused), (value) => said.push(value));
    await new Promise(setImmediate);
    expect(said).toEqual([]);
    stored.resolve('stored');
    refused.reject(new Error('refused'));
    await expect(done).rejects.toThrow('refused');
    expect(said).toEqual(['stored']);
  });

  it('ends a source that emits on and on while nobody reads, instead of keeping it all', async () => {
    const source = new Subject<number>();
    const done = new ReplyStreams(() => new Promise(() => undefined)).follow(source, () => undefined);
    for (let value = 0; source.observed; value++) source.next(value);
    await expect(done).rejects.toMatchObject({ code: 'overloaded' });
  });

  it('unsubscribes when the connection is gone', async () => {
    const said: unknown[] = [];
    const source = new Subject<number>();
    const streams = new ReplyStreams(roomy);
    const done = streams.follow(source, (value) => said.push(value));
    source.next(1);
    streams.stop();
    expect(source.observed).toBe(false);
    source.next(2);
    await done;
    expect(said).toEqual([1]);
    await streams.follow(NEVER, () => undefined);
  });

  it('writes nothing that waited for room when the connection went', async () => {
    const said: unknown[] = [];
    let open!: () => void;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const streams = new ReplyStreams(() => gate);
    const done = streams.follow(from([1, 2]), (value) => said.push(value));
    streams.stop();
    open();
    await done;
    await gate;
    expect(said).toEqual([]);
  });

  it('ends an endless source at the drain, and lets a slow answer come first', async () => {
    const said: unknown[] = [];
    const [endless, slow] = [new Subject<string>(), new Subject<string>()];
    const streams = new ReplyStreams(roomy);
    const all = [endless, slow].map((source) => streams.follow(source, (value) => said.push(value)));
    endless.next('tick');
    streams.finish();
    expect([endless.observed, slow.observed]).toEqual([false, true]);
    slow.next('answer');
    await Promise.all(all);
    expect(said).toEqual(['tick', 'answer']);
  });
});
