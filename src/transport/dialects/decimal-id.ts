import { invalidField } from '../../common/index.js';

const DECIMAL = /^(?:0|[1-9]\d{0,15})$/;

/**
 * An id as it stands in JSON where ids that are decimal integers are numbers. One beyond 2^53 stays a string: most
 * clients would read another number than the one that is written.
 */
export function toWireId(id: string): string | number {
  if (!DECIMAL.test(id)) return id;
  const number = Number(id);
  return Number.isSafeInteger(number) ? number : id;
}

/** The other way; anything else is handed on for its schema to refuse. Throws `invalid` for a number that has lost digits. */
export function fromWireId(value: unknown, field: string): unknown {
  if (typeof value !== 'number') return value;
  if (Number.isSafeInteger(value) && value >= 0) return String(value);
  throw invalidField(field, 'Not a whole number below 2^53: send it as a string');
}
