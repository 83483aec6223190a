import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { TallyCounter } from './tally-counter.js';

describe('TallyCounter', () => {
  const registry = new Registry();
  const counter = new TallyCounter({
    name: 'frames_total',
    help: 'Frames',
    labelNames: ['kind'],
    registers: [registry],
  });
  const shown = async () => (await registry.metrics()).split('\n').filter((line) => !line.startsWith('#'));

  it('shows what was added, also to a second tally of the same labels, and never counts it twice', async () => {
    const [one, other, again] = [{ kind: 'a' }, { kind: 'b' }, { kind: 'a' }].map((labels) =>
      counter.tally(labels),
    );
    one!.count += 3;
    again!.count++;
    expect(await shown()).toEqual(
      expect.arrayContaining(['frames_total{kind="a"} 4', 'frames_total{kind="b"} 0']),
    );
    other!.count++;
    expect(await shown()).toEqual(
      expect.arrayContaining(['frames_total{kind="a"} 4', 'frames_total{kind="b"} 1']),
    );
  });
});
