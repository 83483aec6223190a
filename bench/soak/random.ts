/** A whole number below the bound. */
export const below = (bound: number): number => Math.floor(Math.random() * bound);

export const between = (low: number, high: number): number => low + Math.random() * (high - low);

export function pick<T>(items: readonly T[]): T {
  if (items.length === 0) throw new Error('Nothing to choose from');
  return items[below(items.length)] as T;
}

/** Chooses by weight. */
export function pickWeighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
  const entries = Object.entries(weights) as [Name, number][];
  let left = Math.random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  return (entries.find(([, weight]) => (left -= weight) < 0) ?? (entries[0] as [Name, number]))[0];
}
