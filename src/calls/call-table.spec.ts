import { describe, expect, it } from 'vitest';
import { CallTable, MAX_CALL_BYTES, MAX_CALLS } from './call-table.js';
import { Call } from './call.js';

const callOf = (n: number, offer: unknown = null, silent = false): Call =>
  new Call({
    id: `c${n}`,
    caller: { user: `a${n}`, connection: 'x' },
    callee: `b${n}`,
    media: 'video',
    offer,
    silent,
  });

describe('CallTable', () => {
  it('knows the call of each party, but not of who shall not know', () => {
    const table = new CallTable();
    const row = table.add(callOf(1), 0);
    table.add(callOf(2, null, true), 0);
    expect([table.of('a1'), table.of('b1'), table.of('b2')]).toEqual([row, row, undefined]);
    table.delete(row);
    table.delete(row);
    expect([table.of('a1'), table.of('b1'), table.size]).toEqual([undefined, undefined, 1]);
  });

  it('takes no more calls, and no more bytes, than it may', () => {
    const table = new CallTable();
    for (let n = 0; n < MAX_CALLS; n++) table.add(callOf(n), 0);
    expect(() => table.add(callOf(-1), 0)).toThrow(expect.objectContaining({ code: 'overloaded' }));
    const other = new CallTable();
    const big = 'x'.repeat(MAX_CALL_BYTES / 2 - 100);
    const first = other.add(callOf(1, big), 0);
    other.add(callOf(2, big), 0);
    expect(() => other.add(callOf(3, 'x'.repeat(300)), 0)).toThrow(expect.anything());
    other.keep(first, 'x'.repeat(300));
    expect(first.call.early).toEqual([]);
    other.release(first);
    other.delete(first);
    expect(other.bytes).toBe(big.length + 2);
  });

  it('keeps so many payloads and no more', () => {
    const table = new CallTable();
    const row = table.add(callOf(1), 0);
    for (let n = 0; n < 100; n++) table.keep(row, n);
    expect(row.call.early).toHaveLength(64);
  });
});
