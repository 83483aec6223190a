import { ErrorCode } from '@rookery/protocol';
import { AppError } from '../common/index.js';
import type { Call } from './call.js';

/** Calls at once on this node. */
export const MAX_CALLS = 10_000;
/** Bytes of offers and candidates that wait for somebody to answer. */
export const MAX_CALL_BYTES = 64 * 1024 ** 2;
/** Payloads kept for devices that come while it rings. */
const MAX_EARLY = 64;
/** Seconds that a refused caller should wait. */
const RETRY_AFTER = 5;

interface Row {
  call: Call;
  bytes: number;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  ring?: NodeJS.Timeout;
  lost?: NodeJS.Timeout;
}

/** The calls of this node: one for a user, and no more than fit. */
export class CallTable {
  private readonly rows = new Map<string, Row>();
  private readonly byUser = new Map<string, Row>();
  private held = 0;

  get size(): number {
    return this.rows.size;
  }

  get bytes(): number {
    return this.held;
  }

  get(id: string): Row | undefined {
    return this.rows.get(id);
  }

  /** The call that a user has a part in. */
  of(user: string): Row | undefined {
    return this.byUser.get(user);
  }

  /** Throws AppError `overloaded` when there are too many. */
  add(call: Call, expiresAt: number): Row {
    const bytes = sizeOf(call.offer);
    if (this.rows.size >= MAX_CALLS || this.held + bytes > MAX_CALL_BYTES)
      throw new AppError(ErrorCode.Overloaded, { retryAfter: RETRY_AFTER });
    const row: Row = { call, bytes, expiresAt };
    this.rows.set(call.id, row);
    this.byUser.set(call.caller.user, row);
    if (!call.silent) this.byUser.set(call.callee.user, row);
    this.held += bytes;
    return row;
  }

  /** Keeps a payload for devices that come later; beyond the limits it is not kept. */
  keep(row: Row, payload: unknown): void {
    const bytes = sizeOf(payload);
    if (row.call.early.length >= MAX_EARLY || this.held + bytes > MAX_CALL_BYTES) return;
    row.call.early.push(payload);
    row.bytes += bytes;
    this.held += bytes;
  }

  /** The payloads that waited are not needed any more. */
  release(row: Row): void {
    this.held -= row.bytes;
    row.bytes = 0;
  }

  delete(row: Row): void {
    const { call } = row;
    if (!this.rows.delete(call.id)) return;
    this.release(row);
    clearTimeout(row.ring);
    clearTimeout(row.lost);
    for (const { user } of [call.caller, call.callee])
      if (this.byUser.get(user) === row) this.byUser.delete(user);
  }

  all(): Row[] {
    return [...this.rows.values()];
  }
}

export type CallRow = Row;

function sizeOf(payload: unknown): number {
  return JSON.stringify(payload).length;
}
