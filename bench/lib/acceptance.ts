import { type Spread } from './stats.js';
import { shown, shownSpread } from './table.js';

/** A promise about a figure. The median decides. */
export interface Acceptance {
  claim: string;
  value: Spread;
  bound: { atLeast: number } | { atMost: number };
}

export function holds({ value, bound }: Acceptance): boolean {
  return 'atLeast' in bound ? value.median >= bound.atLeast : value.median <= bound.atMost;
}

export function sentence(acceptance: Acceptance): string {
  const { claim, value, bound } = acceptance;
  const limit = 'atLeast' in bound ? `≥ ${shown(bound.atLeast)}` : `≤ ${shown(bound.atMost)}`;
  const verdict = Number.isNaN(value.median) ? 'NOT MEASURED' : holds(acceptance) ? 'PASS' : 'FAIL';
  return `${verdict} ${claim}: ${shownSpread(value)}, wanted ${limit}`;
}
