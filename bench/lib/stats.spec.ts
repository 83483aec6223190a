import { describe, expect, it } from 'vitest';
import { percentile, spreadOf } from './stats.js';

describe('spreadOf', () => {
  it('gives the middle of an odd number of values, in whatever order they come', () => {
    expect(spreadOf([30, 1, 2])).toEqual({ median: 2, min: 1, max: 30 });
  });

  it('gives the mean of the two in the middle of an even number', () => {
    expect(spreadOf([4, 1, 3, 10])).toEqual({ median: 3.5, min: 1, max: 10 });
  });

  it('leaves out what was not measured', () => {
    expect(spreadOf([NaN, 5, Infinity])).toEqual({ median: 5, min: 5, max: 5 });
  });

  it('is not a number where nothing was measured', () => {
    expect(spreadOf([])).toEqual({ median: NaN, min: NaN, max: NaN });
  });
});

describe('percentile', () => {
  const hundred = Float64Array.from({ length: 100 }, (_, index) => index + 1);

  it('gives the least value that so many percent do not exceed', () => {
    expect([50, 99, 100].map((percent) => percentile(hundred, percent))).toEqual([50, 99, 100]);
  });

  it('gives the only value there is, and none of nothing', () => {
    expect(percentile([7], 1)).toBe(7);
    expect(percentile([], 50)).toBeNaN();
  });
});
