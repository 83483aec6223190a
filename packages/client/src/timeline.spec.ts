import { describe, expect, it } from 'vitest';
import type { Entry } from './entry.js';
import { Timeline } from './timeline.js';

const entry = (seq: number): Entry => ({
  event: 'chat.message',
  data: { conversation: 'c', seq, id: `c#${seq}`, time: seq, from: 'ben', kind: 'text', content: seq },
});
const seqs = (entries: readonly Entry[]): (number | undefined)[] => entries.map(({ data }) => data.seq);

describe('Timeline', () => {
  it('begins where the server begins', () => {
    const timeline = new Timeline();
    expect(seqs(timeline.push(entry(41)))).toEqual([41]);
    expect(timeline).toMatchObject({ position: 41, hasHole: false, uncertain: false });
  });

  it('gives each entry once', () => {
    const timeline = new Timeline(3);
    expect([3, 4, 4, 2].flatMap((seq) => seqs(timeline.push(entry(seq))))).toEqual([4]);
  });

  it('holds back what is beyond a hole, and gives it when the hole is filled', () => {
    const timeline = new Timeline(3);
    expect(timeline.push(entry(6))).toEqual([]);
    expect(timeline.hasHole).toBe(true);
    expect(seqs(timeline.takePage([entry(4), entry(5)], 6))).toEqual([4, 5]);
    expect(timeline.hasHole).toBe(false);
  });

  it('takes numbers that the history leaves out as filled', () => {
    const timeline = new Timeline(3);
    timeline.push(entry(9));
    expect(seqs(timeline.takePage([entry(5)], 8))).toEqual([5, 9]);
  });

  it('gives up what cannot be read', () => {
    const timeline = new Timeline(3);
    timeline.push(entry(6));
    expect(seqs(timeline.giveUp())).toEqual([6]);
  });

  it('keeps no more than its share beyond a hole, and asks for the rest again', () => {
    const timeline = new Timeline(0);
    for (let seq = 2; seq <= 1000; seq++) timeline.push(entry(seq));
    timeline.takePage([entry(1)], 1);
    expect(timeline).toMatchObject({ position: 501, hasHole: true });
  });

  describe('and own messages', () => {
    it('wait for the backlog, which an acknowledgement may overtake', () => {
      const timeline = new Timeline();
      expect(timeline.acknowledge(entry(7), false)).toEqual([]);
      expect(seqs(timeline.push(entry(5)))).toEqual([5]);
      expect(seqs(timeline.push(entry(6)))).toEqual([6, 7]);
    });

    it('come when the backlog turned out to hold nothing of it', () => {
      const timeline = new Timeline();
      timeline.acknowledge(entry(7), false);
      expect(seqs(timeline.settle())).toEqual([7]);
      expect(timeline.uncertain).toBe(false);
    });

    it('make a position at once when they are the first of all', () => {
      const timeline = new Timeline();
      expect(seqs(timeline.acknowledge(entry(1), true))).toEqual([1]);
      expect(timeline.uncertain).toBe(false);
    });

    it('are waited for by a first push, which begins below them and reads what is between', () => {
      const timeline = new Timeline();
      expect(timeline.push(entry(5), true)).toEqual([]);
      expect(timeline.settle()).toEqual([]);
      expect(timeline).toMatchObject({ uncertain: true, hasHole: false });
      expect(timeline.acknowledge(entry(3), true)).toEqual([]);
      expect(seqs(timeline.begin())).toEqual([3]);
      expect(timeline).toMatchObject({ position: 3, hasHole: true });
      expect(seqs(timeline.takePage([entry(4), entry(5)], 5))).toEqual([4, 5]);
    });

    it('are not waited for where nothing can be smaller', () => {
      expect(seqs(new Timeline().push(entry(1), true))).toEqual([1]);
    });

    it('let through what a slow line brings from below, and nothing is certain until then', () => {
      const timeline = new Timeline();
      expect(seqs(timeline.acknowledge(entry(7), true))).toEqual([7]);
      expect(timeline.uncertain).toBe(true);
      expect([5, 6, 5, 7].flatMap((seq) => seqs(timeline.push(entry(seq))))).toEqual([5, 6]);
      expect(timeline).toMatchObject({ position: 7, uncertain: false });
    });
  });
});
