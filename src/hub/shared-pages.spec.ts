import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Entry, ReadRange } from '../journal/index.js';
import { HubEvent } from './hub-event.js';
import { SharedPages } from './shared-pages.js';

const entryOf = (conversation: string, seq: number, body: unknown = seq): Entry => ({
  conversation,
  seq,
  type: 'message',
  sender: 'a',
  clientId: String(seq),
  body,
  time: 0,
});

describe('pages that many read', () => {
  let head: number;
  let body: unknown;
  const read = vi.fn(async (conversation: string, { after = 0, limit }: ReadRange) =>
    Array.from({ length: Math.max(0, Math.min(limit, head - after)) }, (_, i) =>
      entryOf(conversation, after + 1 + i, body),
    ),
  );
  const present = vi.fn((entry: Entry) => new HubEvent('chat.message', entry));
  let pages: SharedPages;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.clearAllMocks();
    head = 250;
    body = 'x';
    pages = new SharedPages({ read, present });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Reads to the end and gives the numbers. */
  async function readAll(conversation = 'c', after = 0, limit = 200): Promise<number[]> {
    const seqs: number[] = [];
    for (;;) {
      const page = await pages.read(conversation, { after: seqs.at(-1) ?? after, limit });
      if (page.length === 0) return seqs;
      expect(page.length).toBeLessThanOrEqual(limit);
      seqs.push(...page.map(({ seq }) => seq));
    }
  }

  const range = (after: number, upTo: number) =>
    Array.from({ length: upTo - after }, (_, i) => after + 1 + i);

  it('have everything, once and in order, from every place, in pages of every size', async () => {
    for (const [after, limit] of [
      [0, 200],
      [0, 200],
      [37, 200],
      [99, 8],
      [100, 8],
      [101, 200],
      [249, 200],
      [250, 200],
    ] as const)
      expect(await readAll('c', after, limit)).toEqual(range(after, head));
  });

  it('cost a lone reader one read each', async () => {
    await readAll();
    expect(read).toHaveBeenCalledTimes(3);
  });

  it('are read and presented once more, and then no longer', async () => {
    await readAll();
    await readAll();
    read.mockClear();
    present.mockClear();
    const [one] = await pages.read('c', { after: 3, limit: 1 });
    const [same] = await pages.read('c', { after: 3, limit: 9 });
    expect(pages.present(one!)).toBe(pages.present(same!));
    expect(read).not.toHaveBeenCalled();
    expect(present).not.toHaveBeenCalled();
  });

  it('are not taken for those of another conversation', async () => {
    for (let i = 0; i < 3; i++) await readAll('c');
    const [entry] = await pages.read('d', { after: 3, limit: 1 });
    expect(entry?.conversation).toBe('d');
  });

  it('are not kept while entries are still to come', async () => {
    for (let i = 0; i < 4; i++) expect(await readAll()).toEqual(range(0, 250));
    head = 320;
    for (let i = 0; i < 4; i++) expect(await readAll()).toEqual(range(0, 320));
  });

  it('are bounded: what was not used for longest goes', async () => {
    body = 'x'.repeat(40_000);
    head = 400;
    for (let i = 0; i < 3; i++) await readAll();
    read.mockClear();
    await pages.read('c', { after: 200, limit: 1 });
    expect(read).not.toHaveBeenCalled();
    await pages.read('c', { after: 0, limit: 1 });
    expect(read).toHaveBeenCalledOnce();
  });

  it('are forgotten when nobody reads', async () => {
    for (let i = 0; i < 3; i++) await readAll();
    await vi.advanceTimersByTimeAsync(5000);
    read.mockClear();
    await readAll();
    expect(read).toHaveBeenCalledTimes(3);
  });
});
