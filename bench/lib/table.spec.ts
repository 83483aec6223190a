import { describe, expect, it } from 'vitest';
import { shown, shownSpread, Table } from './table.js';

const COLUMNS = [
  { key: 'rate', title: 'per second', digits: 0, compare: true },
  { key: 'p50', title: 'p50 ms' },
  { key: 'never', title: 'never measured', compare: true },
];

function table(...rows: [contender: string, rates: number[]][]): Table {
  const made = new Table('A load', COLUMNS);
  for (const [name, rates] of rows)
    for (const [index, rate] of rates.entries()) made.add(name, index + 1, { rate, p50: 1000 / rate });
  return made;
}

describe('Table', () => {
  it('forms a ratio within each round', () => {
    const made = table(['Rookery', [100, 20, 300]], ['ws', [10, 10, 100]]);
    expect(made.ratio('rate', 'Rookery', 'ws')).toEqual({ median: 3, min: 2, max: 10 });
  });

  it('leaves out the rounds in which only one of them ran', () => {
    const made = table(['Rookery', [100, 20]], ['ws', [10]]);
    expect(made.ratio('rate', 'Rookery', 'ws')).toEqual({ median: 10, min: 10, max: 10 });
    expect(made.ratio('rate', 'Rookery', 'nobody').median).toBeNaN();
  });

  it('shows medians, and no column without a figure', () => {
    expect(table(['ws', [1000, 3000, 2000]]).figures()).toEqual([
      ['', 'per second', 'p50 ms'],
      ['ws', '2,000', '0.50'],
    ]);
  });

  it('compares its subject with whatever else there is', () => {
    expect(table(['Rookery', [20]], ['ws', [10]], ['Socket.IO', [5]]).ratios()).toEqual([
      ['', 'per second', 'never measured'],
      ['Rookery / ws', '2.00 (2.00–2.00)', '–'],
      ['Rookery / Socket.IO', '4.00 (4.00–4.00)', '–'],
    ]);
  });

  it('never compares stores with one another', () => {
    const made = table(['Rookery, SQLite', [20]], ['Nest, SQLite', [10]], ['Nest, MariaDB', [5]]);
    expect(made.ratios().map(([name]) => name)).toEqual(['', 'Rookery, SQLite / Nest, SQLite']);
  });

  it('has no ratios without a yardstick', () => {
    expect(table(['Rookery', [20]]).ratios()).toEqual([]);
  });
});

describe('figures', () => {
  it.each([
    [1234.567, undefined, '1,234.57'],
    [1234.567, 0, '1,235'],
    [NaN, 2, '–'],
  ])('shows %d with %s digits as %s', (value, digits, text) => {
    expect(shown(value, digits)).toBe(text);
  });

  it('shows a spread as median and range', () => {
    expect(shownSpread({ median: 2, min: 1, max: 3.456 })).toBe('2.00 (1.00–3.46)');
  });
});
