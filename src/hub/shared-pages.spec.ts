import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Entry, ReadRange, Visibility } from '../journal/index.js';
import { HubEvent } from './hub-event.js';
import { KEPT_SIZE, SharedPages } from './shared-pages.js';

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
  let sight: Visibility | undefined;
  const read = vi.fn(async (conversation: string, { after = 0, limit }: ReadRange) =>
    Array.from({ length: Math.max(0, Math.min(limit, head - after)) }, (_, i) =>
      entryOf(conversation, after + 1 + i, body),
    ),
  );
  const visibility = vi.fn(
    async (_user: string, _conversation: string, _stretch: { after: number; upTo: number }) => sight,
  );
  const present = vi.fn((entry: Entry) => new HubEvent('chat.message', entry));
  let pages: SharedPages;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.resetAllMocks();
    head = 250;
    body = 'x';
    sight = undefined;
    pages = new SharedPages({ read, visibility, present });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Reads to the end and gives the numbers. */
  async function readAll(conversation = 'c', after = 0, limit = 200): Promise<number[]> {
    const seqs: number[] = [];
    for (;;) {
      if ((seqs.at(-1) ?? after) >= head) return seqs;
      const page = await pages.read(conversation, { after: seqs.at(-1) ?? after, limit });
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
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('cost a lone reader no more when he asks for little at a time', async () => {
    expect(await readAll('c', 0, 9)).toEqual(range(0, head));
    expect(read.mock.calls.map(([, { limit }]) => limit).every((limit) => limit === 9)).toBe(true);
    expect(pages.size).toBe(0);
  });

  it('are not read much further than anybody asks', async () => {
    for (let i = 0; i < 3; i++) await readAll('c', 0, 9);
    expect(Math.max(...read.mock.calls.map(([, { limit }]) => limit))).toBeLessThanOrEqual(9 + 2 * 15);
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

  it('are bounded: the oldest go', async () => {
    body = 'x'.repeat(40_000);
    head = 400;
    for (let i = 0; i < 3; i++) await readAll();
    expect(pages.size).toBeGreaterThan(0);
    expect(pages.size).toBeLessThanOrEqual(KEPT_SIZE);
    read.mockClear();
    await pages.read('c', { after: 300, limit: 1 });
    expect(read).not.toHaveBeenCalled();
    await pages.read('c', { after: 0, limit: 1 });
    expect(read).toHaveBeenCalledOnce();
  });

  it('are forgotten after a second, whoever reads', async () => {
    for (let i = 0; i < 3; i++) await readAll();
    for (let i = 0; i < 4; i++) {
      await vi.advanceTimersByTimeAsync(249);
      await pages.read('c', { after: 3, limit: 1 });
    }
    read.mockClear();
    await vi.advanceTimersByTimeAsync(4);
    await pages.read('c', { after: 3, limit: 1 });
    expect(read).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(2000);
    expect(pages.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('never show again a body that was replaced', async () => {
    for (let i = 0; i < 3; i++) {
      await readAll('c');
      await readAll('d');
    }
    body = 'new';
    pages.forget('c');
    const [entry] = await pages.read('c', { after: 3, limit: 1 });
    expect(entry?.body).toBe('new');
    read.mockClear();
    await pages.read('d', { after: 3, limit: 1 });
    expect(read).not.toHaveBeenCalled();
  });

  it('are not kept when a body was replaced while they were read', async () => {
    await readAll();
    let answer: ((entries: Entry[]) => void) | undefined;
    read.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
    const old = pages.read('c', { after: 0, limit: 1 });
    pages.forget('c');
    answer?.(Array.from({ length: 100 }, (_, i) => entryOf('c', 1 + i, 'old')));
    await old;
    const [entry] = await pages.read('c', { after: 3, limit: 1 });
    expect(entry?.body).toBe('x');
  });

  describe('by a user', () => {
    const seen = async (limit = 200) => {
      const seqs: number[] = [];
      for (;;) {
        const page = await pages.read('c', { after: seqs.at(-1) ?? 0, limit }, 'u');
        if (page.length === 0) return seqs;
        seqs.push(...page.map(({ seq }) => seq));
      }
    };

    beforeEach(async () => {
      for (let i = 0; i < 3; i++) await readAll();
      read.mockImplementation(async (_, { after = 0, limit }) =>
        range(after, head)
          .filter((seq) => seq > sight!.joined && (sight!.left === null || seq <= sight!.left))
          .filter((seq) => !sight!.hidden.has(seq))
          .slice(0, limit)
          .map((seq) => entryOf('c', seq)),
      );
    });

    it.each([
      { joined: 0, left: null, hidden: [] },
      { joined: 0, left: null, hidden: [1, 100, 101, 250] },
      { joined: 37, left: 180, hidden: [38, 99] },
      { joined: 100, left: 150, hidden: [] },
      { joined: 120, left: null, hidden: range(120, 200) },
    ])('show what is for him and nothing else: $joined to $left', async ({ joined, left, hidden }) => {
      sight = { joined, left, hidden: new Set(hidden) };
      const expected = range(joined, left ?? head).filter((seq) => !hidden.includes(seq));
      expect(await seen()).toEqual(expected);
      expect(await seen(8)).toEqual(expected);
      expect(visibility).toHaveBeenCalledWith('u', 'c', { after: 0, upTo: 200 });
    });
  });
});
