import { numberAt } from './number-at.js';

const MARK = '@@';

/** A text of a length that carries when it was sent. */
export function markedContent(length: number, now = performance.now()): string {
  return `${MARK}${Math.round(now * 1000)}${MARK}`.padEnd(length, 'x');
}

/** Milliseconds since the text that lies somewhere behind `start` was sent; by the same process. */
export function ageOf(data: Buffer, start: number): number {
  const at = data.indexOf(MARK, start, 'latin1');
  return performance.now() - numberAt(data, at + MARK.length) / 1000;
}
