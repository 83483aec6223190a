import { Logger } from '@nestjs/common';
import { ErrorCode } from '@rookery/protocol';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../common/app-error.js';
import { JournalService } from './journal.service.js';
import { type JournalOperation, type JournalOutcome, JournalStore } from './journal-store.js';
import type { AppendRequest } from './journal.types.js';

/** A store whose commits end when the test says so. */
class HeldStore extends JournalStore {
  readonly commits: { operations: readonly JournalOperation[]; end(error?: Error): void }[] = [];
  private seq = 0;
  private arrived?: () => void;
  enrolled = new Set<string>();

  override commit(
    operations: readonly JournalOperation[],
    decided?: (outcomes: readonly JournalOutcome[]) => void,
  ): Promise<JournalOutcome[]> {
    const outcomes = operations.map((operation) => this.outcome(operation));
    decided?.(outcomes);
    return new Promise((resolve, reject) => {
      const end = (error?: Error) => (error ? reject(error) : resolve(outcomes));
      this.commits.push({ operations, end });
      this.arrived?.();
    });
  }

  /** Resolves when the n-th commit has begun. */
  async begun(count: number): Promise<void> {
    while (this.commits.length < count) await new Promise<void>((resolve) => (this.arrived = resolve));
  }

  override isEnrolled = vi.fn(async (user: string) => this.enrolled.has(user));
  override read = vi.fn();
  override visibility = vi.fn();
  override readAt = vi.fn();
  override entryOf = vi.fn();
  override conversation = vi.fn();
  override relation = vi.fn();
  override groupsOf = vi.fn();
  override membership = vi.fn();
  override memberships = vi.fn();
  override peerCursors = vi.fn();
  override backlog = vi.fn();
  override arrival = vi.fn();
  override counts = vi.fn();
  override at = vi.fn();
  override readers = vi.fn();

  /** What a failing commit had stored all the same: sequence numbers by client id. */
  readonly stored = new Map<string, number>();

  private outcome(operation: JournalOperation): JournalOutcome {
    if (operation.op === 'find') return this.find(operation.request);
    if (operation.op !== 'append') return undefined;
    if (operation.request.clientId === 'bad') return new AppError(ErrorCode.Conflict);
    const duplicate = operation.request.clientId === 'again';
    const entry = { ...operation.request, seq: ++this.seq, time: 0 };
    return { entry, duplicate, ...(operation.request.clientId === 'edit' && { replaced: true }) };
  }

  private find(request: AppendRequest): JournalOutcome {
    const seq = this.stored.get(request.clientId);
    return seq === undefined ? undefined : { entry: { ...request, seq, time: 0 }, duplicate: true };
  }
}

const lost = new AppError(ErrorCode.Unavailable);

const request = (clientId: string, body: unknown = ''): AppendRequest => ({
  conversation: 'team',
  type: 'message',
  sender: 'alice',
  clientId,
  body,
});

describe('JournalService', () => {
  let store: HeldStore;
  let service: JournalService;

  beforeEach(() => {
    store = new HeldStore();
    service = new JournalService(store, { operations: 3, bytes: 100 });
  });

  const sizes = () => store.commits.map(({ operations }) => operations.length);

  it('gathers one turn, then while a commit is in flight, up to the bound of a batch', async () => {
    const all = ['a', 'b'].map((id) => service.append(request(id)));
    await store.begun(1);
    all.push(...['c', 'd', 'e', 'f'].map((id) => service.append(request(id))));
    expect(service.stats()).toEqual({ queued: 4, queuedBytes: 8, inFlight: 2 });
    for (let i = 0; i < 3; i++) {
      await store.begun(i + 1);
      store.commits[i]?.end();
    }
    expect((await Promise.all(all)).map(({ entry }) => entry.seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(sizes()).toEqual([2, 3, 1]);
    await service.drain();
    expect(service.stats()).toEqual({ queued: 0, queuedBytes: 0, inFlight: 0 });
  });

  it('bounds a batch by bytes, but takes one operation of any size', async () => {
    const all = [1, 60, 60, 500].map((size, i) => service.append(request(`${i}`, 'x'.repeat(size))));
    for (let i = 0; i < 3; i++) {
      await store.begun(i + 1);
      store.commits[i]?.end();
    }
    await Promise.all(all);
    expect(sizes()).toEqual([2, 1, 1]);
  });

  it('tells listeners of new entries after the commit, in order, before the appender knows', async () => {
    const order: string[] = [];
    service.onCommitted(({ entry, origin }) => order.push(`heard ${entry.clientId} ${origin}`));
    const all = [
      service.append(request('a'), 'socket').then(() => order.push('acknowledged a')),
      service.append(request('again')),
      service.append(request('bad')).catch(() => order.push('refused bad')),
    ];
    await store.begun(1);
    expect(order).toEqual([]);
    store.commits[0]?.end();
    await Promise.all(all);
    expect(order).toEqual(['heard a socket', 'acknowledged a', 'refused bad']);
  });

  it('tells when all of a commit is told, once, before anything else happens', async () => {
    const order: string[] = [];
    service.onCommitted(({ entry }) => order.push(`heard ${entry.clientId}`));
    service.onBatchTold(() => order.push('all told'));
    const all = ['a', 'b'].map((id) => service.append(request(id)).then(() => order.push(`promised ${id}`)));
    await store.begun(1);
    store.commits[0]?.end();
    await Promise.all(all);
    expect(order).toEqual(['heard a', 'heard b', 'all told', 'promised a', 'promised b']);
  });

  it('tells of replaced bodies before the entry that replaced them is heard of', async () => {
    const order: string[] = [];
    service.onCommitted(({ entry }) => order.push(`heard ${entry.clientId}`));
    service.onReplaced((conversation) => order.push(`replaced in ${conversation}`));
    const all = [service.append(request('a')), service.append(request('edit'))];
    await store.begun(1);
    expect(order).toEqual([]);
    store.commits[0]?.end();
    await Promise.all(all);
    expect(order).toEqual(['heard a', `replaced in ${request('edit').conversation}`, 'heard edit']);
  });

  it('survives a listener that throws, logs it, and forgets one that left', async () => {
    const error = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const heard = vi.fn();
    const left = vi.fn();
    service.onCommitted(() => {
      throw new Error('broken');
    });
    service.onCommitted(heard);
    service.onCommitted(left)();
    const appended = service.append(request('a'));
    await store.begun(1);
    store.commits[0]?.end();
    await appended;
    expect([heard.mock.calls.length, left.mock.calls.length, error.mock.calls.length]).toEqual([1, 0, 1]);
    error.mockRestore();
  });

  it('fails every operation of a batch that failed, tries none again, and goes on', async () => {
    const failing = ['a', 'b'].map((id) => service.append(request(id)));
    await store.begun(1);
    const next = service.append(request('c'));
    store.commits[0]?.end(lost);
    expect(await Promise.allSettled(failing)).toEqual([
      { status: 'rejected', reason: lost },
      { status: 'rejected', reason: lost },
    ]);
    await store.begun(2);
    expect(store.commits[1]?.operations.map(({ op }) => op)).toEqual(['find', 'find']);
    store.commits[1]?.end();
    await store.begun(3);
    store.commits[2]?.end();
    expect((await next).entry.clientId).toBe('c');
    expect(sizes()).toEqual([2, 2, 1]);
  });

  it('tells the listeners what a failed batch had stored all the same, once, before anything newer', async () => {
    service = new JournalService(store, { operations: 4, bytes: 1000 });
    const heard: string[] = [];
    service.onCommitted(({ entry, origin }) => heard.push(`${entry.clientId} ${origin}`));
    const failing = [
      service.append(request('stored'), 'socket'),
      service.append(request('absent')),
      service.append(request('again')),
      service.append(request('elsewhere')),
    ];
    await store.begun(1);
    store.stored.set('stored', 1).set('again', 3).set('elsewhere', 40);
    const next = service.append(request('next'));
    store.commits[0]?.end(lost);
    await Promise.allSettled(failing);
    await store.begun(2);
    store.commits[1]?.end();
    await store.begun(3);
    store.commits[2]?.end();
    await next;
    expect(heard).toEqual(['stored undefined', 'next undefined']);
  });

  it('commits nothing while it is not known what became of a failed batch, and asks by itself', async () => {
    const failing = service.append(request('a'));
    await store.begun(1);
    store.commits[0]?.end(lost);
    await expect(failing).rejects.toBe(lost);
    await store.begun(2);
    const refused = service.append(request('b'));
    store.commits[1]?.end(lost);
    await store.begun(3);
    store.commits[2]?.end(lost);
    await expect(refused).rejects.toBe(lost);
    await store.begun(4);
    expect(store.commits.map(({ operations }) => operations.map(({ op }) => op))).toEqual([
      ['append'],
      ['find'],
      ['find'],
      ['find'],
    ]);
  });

  it('refuses as overloaded beyond the bounds of the queue, by count and by bytes', async () => {
    const waiting = Array.from({ length: 20_000 }, (_, i) => service.append(request(`${i}`)));
    await expect(service.append(request('x'))).rejects.toMatchObject({ code: 'overloaded', retryAfter: 1 });
    for (const append of waiting) append.catch(() => undefined);
    const other = new JournalService(new HeldStore());
    const large = 'x'.repeat(40 * 1024 ** 2);
    void other.append(request('a', large));
    await expect(other.append(request('b', large))).rejects.toMatchObject({ code: 'overloaded' });
  });

  it('drains when nothing waits and nothing is in flight', async () => {
    await service.drain();
    const appended = service.append(request('a'));
    let drained = false;
    const draining = service.drain().then(() => (drained = true));
    await store.begun(1);
    expect(drained).toBe(false);
    store.commits[0]?.end();
    await appended;
    await draining;
  });

  it('looks a user up once and enrols him once', async () => {
    const enrolling = service.enrol('alice');
    await store.begun(1);
    store.commits[0]?.end();
    await enrolling;
    await service.enrol('alice');
    store.enrolled.add('bob');
    await service.enrol('bob');
    expect(store.isEnrolled.mock.calls).toEqual([['alice'], ['bob']]);
    expect(store.commits).toHaveLength(1);
  });

  it('reports each batch', async () => {
    const reports: unknown[] = [];
    service.onBatch((report) => reports.push(report));
    const appended = service.append(request('a'));
    await store.begun(1);
    store.commits[0]?.end();
    await appended;
    expect(reports).toEqual([{ size: 1, milliseconds: expect.any(Number) }]);
  });
});
