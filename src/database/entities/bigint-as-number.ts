import type { ValueTransformer } from 'typeorm';

/** MySQL may give a bigint as a string; ours are sequence numbers and milliseconds, far below 2^53. */
export const bigintAsNumber: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: unknown) => (typeof value === 'string' ? Number(value) : value),
};
