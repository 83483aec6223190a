import { ErrorCode } from '@rookery/protocol';

/** Objects and arrays inside one another, in a frame as a whole. */
export const MAX_DEPTH = 16;

/** Why a value is refused. */
export interface Fault {
  code: ErrorCode;
  message?: string;
}

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** Finds what is valid JSON but no plain data: too deep, keys that reach for prototypes, broken text. */
export function faultOf(value: unknown, depth = 0): Fault | undefined {
  if (typeof value === 'string') return textFault(value);
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= MAX_DEPTH) return { code: ErrorCode.TooDeep, message: `Nested deeper than ${MAX_DEPTH}` };
  return Array.isArray(value)
    ? arrayFault(value, depth)
    : objectFault(value as Record<string, unknown>, depth);
}

function arrayFault(items: readonly unknown[], depth: number): Fault | undefined {
  for (const item of items) {
    const fault = faultOf(item, depth + 1);
    if (fault) return fault;
  }
  return undefined;
}

function objectFault(object: Record<string, unknown>, depth: number): Fault | undefined {
  for (const key of Object.keys(object)) {
    if (FORBIDDEN_KEYS.has(key))
      return { code: ErrorCode.BadFrame, message: `The key ${key} is not allowed` };
    const fault = textFault(key) ?? faultOf(object[key], depth + 1);
    if (fault) return fault;
  }
  return undefined;
}

/** A high surrogate without its low one, or the other way round, is no text that a database or a peer could keep. */
function textFault(text: string): Fault | undefined {
  return text.isWellFormed()
    ? undefined
    : { code: ErrorCode.BadFrame, message: 'Text with a lone surrogate' };
}
