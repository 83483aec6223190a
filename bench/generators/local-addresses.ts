/** Loopback addresses in turn: each has some 28,000 ports, and one that was closed here rests for a minute. */
const FIRST = 2;
const LAST = 250;
let next = FIRST;

export function localAddress(): string {
  next = next === LAST ? FIRST : next + 1;
  return `127.0.0.${next}`;
}
