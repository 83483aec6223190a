import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BOUNDS } from './bounds.js';
import { Metrics } from './metrics.js';

const document = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
const section = document.split('## What is bounded')[1]?.split('\n## ')[0] ?? '';

describe('bounds', () => {
  it('stand in docs/operations.md, the same in the same order', () => {
    const rows = section
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter(({ 1: name }) => /^`[a-z_]+`$/.test(name ?? '') && name !== '`bound`');
    expect(rows.map((cells) => cells.slice(1, 4))).toEqual(
      Object.entries(BOUNDS).map(([name, [what, beyond]]) => [`\`${name}\``, what, beyond]),
    );
  });

  it('are read when the metrics are, and only then', async () => {
    const metrics = new Metrics();
    let used = 0;
    metrics.bounds.add('lane_frames', { limit: 64, used: () => ++used });
    expect(used).toBe(0);
    const text = await metrics.registry.metrics();
    expect(text).toContain('rookery_bound_used{bound="lane_frames"} 1\n');
    expect(text).toContain('rookery_bound_limit{bound="lane_frames"} 64\n');
  });
});
